/**
 * `npm run bench`: measures how fast this server is compared with others that do the same work, and how its speed
 * changes with its size. The two servers of a pair are measured in turn, several times, and the median of the ratios
 * counts. The results go to bench/results.json; the table in docs/performance.md and the plots are made from that file.
 *
 *     npm run bench -- [--help] [--quick] [--pairs N] … [publish] [lookup] [page] …
 */
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { compareQueues, compareStart } from "./measure/big-folders.ts";
import { compareRequests } from "./measure/compare-requests.ts";
import { measureDatabase } from "./measure/database.ts";
import { compareExplain } from "./measure/explain.ts";
import { type Growth, measureGrowth } from "./measure/growth.ts";
import { compareLatencies, compareMemory } from "./measure/live.ts";
import { measureRoster } from "./measure/roster.ts";
import { compareWays } from "./measure/ways.ts";
import type { Figure } from "./report/figure.ts";
import { addResults } from "./report/results.ts";
import { lineOf } from "./report/table.ts";
import { readSettings, type Settings } from "./settings.ts";

/** The groups of figures, in the order of a run. Growth is measured after them. */
const GROUPS: Record<string, (settings: Settings) => Promise<Figure[]>> = {
  publish: (settings) => compareRequests("publish", settings),
  lookup: (settings) => compareRequests("lookup", settings),
  page: (settings) => compareRequests("page", settings),
  queue: compareQueues,
  start: compareStart,
  explain: (settings) => compareExplain(settings.folder, settings),
  live: ({ folder, pairs }) => compareLatencies(folder, pairs),
  idle: ({ folder, pairs }) => compareMemory(folder, pairs),
};
/** What `--quick` measures, and `--against`. */
const QUICK_GROUPS = ["publish", "lookup", "page"];

const settings = readSettings([...Object.keys(GROUPS), "growth", "ways", "roster", "database"]);
const beside = join(import.meta.dirname, "results");
await mkdir(beside, { recursive: true });
// Not in /tmp: on many systems /tmp is in memory, and syncing to it costs nothing.
const folder = await mkdtemp(join(beside, "run-"));
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(1);
  });
}
try {
  await run({ ...settings, folder });
} finally {
  await rm(folder, { recursive: true });
}

async function run(settings: Settings): Promise<void> {
  const { isQuick, against, groups, pairs, seconds, connections, writes, folder } = settings;
  const isWanted = (name: string) =>
    groups.length > 0 ? groups.includes(name) : (!isQuick && against === undefined) || QUICK_GROUPS.includes(name);
  console.log(`${cpus()[0]?.model ?? "?"}, ${availableParallelism()} cores, Node ${process.version}`);
  console.log(`${connections} connections, ${pairs} pairs, ${seconds} s for each server; the figures are medians`);
  console.log(writes ? "" : "The results of this run are not saved.\n");
  const figures: Figure[] = [];
  for (const [name, measureGroup] of Object.entries(GROUPS)) {
    if (!isWanted(name)) continue;
    const measured = await measureGroup(settings);
    for (const figure of measured) console.log(lineOf(figure));
    figures.push(...measured);
    // After each group, so that stopping a long run early does not lose what it has measured.
    if (writes) await addResults(figures, undefined);
  }
  let growth: Growth | undefined;
  if (isWanted("growth")) growth = await measureGrowth(settings);
  if (writes && growth !== undefined) await addResults(figures, growth);
  if (isWanted("ways")) await compareWays(folder);
  if (isWanted("roster")) await measureRoster(folder);
  if (isWanted("database")) await measureDatabase({ ...settings });
}
