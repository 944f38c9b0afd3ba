/**
 * `results.json`: every figure with what each turn measured, and the machine it was measured on. What docs/performance.md
 * and the plots show is made from this file alone, so it can be seen where a figure comes from.
 */
import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import type { Figure } from "./figure.ts";
import type { Growth } from "./growth.ts";
import { plotGrowth } from "./plot-growth.ts";
import { plotRatios } from "./plot-ratios.ts";
import { median } from "./statistics.ts";
import { tableOf, withTable } from "./table.ts";

export interface Results {
  machine: { processor: string; cores: number; memoryGib: number; system: string };
  node: string;
  date: string;
  figures: Figure[];
  growth?: Growth;
}

const repository = join(import.meta.dirname, "..");
const ENOUGH_PAIRS = 5;
const FILE = join(import.meta.dirname, "results.json");

/** Adds what was measured to what is in the file: a figure takes the place of the one with its id. */
export async function addResults(figures: Figure[], growth: Growth | undefined): Promise<void> {
  const before = await readResults();
  const byId = new Map([...(before?.figures ?? []), ...figures].map((figure) => [figure.id, figure]));
  const grown = growth ?? before?.growth;
  const results: Results = {
    machine: machine(),
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    figures: [...byId.values()],
    ...(grown !== undefined && { growth: grown }),
  };
  await writeFile(FILE, `${JSON.stringify(results, rounded, 1)}\n`);
  await showResults(results);
}

/** Five digits that count are more than was measured, and keep the file readable. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toPrecision(5)) : value;
}

export async function readResults(): Promise<Results | undefined> {
  try {
    return JSON.parse(await readFile(FILE, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Writes the table and the plots. */
export async function showResults({
  figures,
  growth,
  machine: { processor, cores, memoryGib, system },
  ...rest
}: Results) {
  const document = join(repository, "docs", "performance.md");
  const where = `Measured on ${rest.date}: ${processor}, ${cores} cores, ${memoryGib} GiB, ${system}, Node ${rest.node}.`;
  const trial = isTrial(figures) ? ` **A short trial, with fewer than ${ENOUGH_PAIRS} pairs: it proves nothing.**` : "";
  const table = `${where}${trial}\n\n${tableOf(figures)}`;
  await writeFile(document, withTable(await readFile(document, "utf8"), table));
  const mark = isTrial(figures) ? " (a short trial)" : "";
  const image = (name: string) => join(repository, "docs", "images", name);
  await writeFile(image("ratios.svg"), plotRatios(`How fast, against others${mark}`, barsOf(figures)));
  if (growth === undefined) return;
  for (const [name, points] of Object.entries(growth)) {
    await writeFile(image(`growth-${name}.svg`), plotGrowth(`What grows with ${name}${mark}`, name, panelsOf(points)));
  }
}

/** Where something was measured too seldom, it must not look like a result. */
function isTrial(figures: Figure[]): boolean {
  return figures.some(({ ratios }) => ratios.length > 0 && ratios.length < ENOUGH_PAIRS);
}

/** What is a rate, and so is better when it is more. */
function barsOf(figures: Figure[]) {
  return figures
    .filter(({ unit, ratios, id }) => unit === "/s" && ratios.length > 0 && !/^(steps|explain)/.test(id))
    .map(({ what, against, ratios, goal }) => ({
      label: what.replace(", requests a second", ""),
      against,
      ratio: median(ratios),
      ...(goal !== undefined && { goal: goal.value }),
    }));
}

function panelsOf(points: Growth["messages"]) {
  const panels = [
    ["publish", "publish, requests/s"],
    ["page", "page of 50, requests/s"],
    ["lookup", "lookup, requests/s"],
    ["start", "start, seconds"],
    ["memory", "memory of the process, MiB"],
    ["compaction", "compaction of half, seconds"],
  ] as const;
  return panels
    .map(([name, title]) => ({
      title,
      points: points.flatMap((point) => {
        const y = point[name];
        return y === undefined ? [] : [{ x: point.count, y }];
      }),
    }))
    .filter((panel) => panel.points.length > 0);
}

function machine(): Results["machine"] {
  return {
    processor: cpus()[0]?.model ?? "an unknown processor",
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / 1024 ** 3),
    system: `${process.platform} ${release().split(/[-+]/, 1)[0]}`,
  };
}
