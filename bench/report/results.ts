/**
 * Keeps bench/results.json: every figure with the values of each turn, and the machine that measured it. The table in
 * docs/performance.md and the plots are made from this file alone, so you can look up where a figure comes from.
 */
import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import type { Growth } from "../measure/growth.ts";
import type { Figure } from "./figure.ts";
import { plotGrowth } from "./plot-growth.ts";
import { plotRatios } from "./plot-ratios.ts";
import { median } from "./statistics.ts";
import { tableOf, withTable } from "./table.ts";

interface Results {
  machine: { processor: string; cores: number; memoryGib: number; system: string };
  node: string;
  figures: Figure[];
  growth?: Growth;
}

const repository = join(import.meta.dirname, "..", "..");
const FILE = join(repository, "bench", "results.json");

/**
 * Adds figures to the file. A new figure replaces the old one with the same id. Figures from another machine or another
 * version of Node are dropped, because they cannot be compared.
 */
export async function addResults(figures: Figure[], growth: Growth | undefined): Promise<void> {
  const here = { machine: machine(), node: process.version };
  const inFile = await readResults();
  const before = inFile !== undefined && isMeasuredOn(inFile, here) ? inFile : undefined;
  const byId = new Map([...(before?.figures ?? []), ...figures].map((figure) => [figure.id, figure]));
  const grown = growth ?? before?.growth;
  const results: Results = { ...here, figures: [...byId.values()], ...(grown !== undefined && { growth: grown }) };
  const text = JSON.stringify(results, rounded, 1);
  await writeFile(FILE, `${text}\n`);
  // Show the rounded text of the file, not the values in memory, so that the same table can be made from the file
  // later.
  await showResults(JSON.parse(text));
}

function isMeasuredOn(results: Results, { machine, node }: Pick<Results, "machine" | "node">): boolean {
  return results.node === node && JSON.stringify(results.machine) === JSON.stringify(machine);
}

/** Five significant digits are more precise than the measurements, and keep the file readable. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toPrecision(5)) : value;
}

async function readResults(): Promise<Results | undefined> {
  try {
    return JSON.parse(await readFile(FILE, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Writes the table and the plots for which there are results, and leaves the others as they are. */
async function showResults(results: Results): Promise<void> {
  const { figures, growth } = results;
  if (figures.length > 0) await showFigures(results);
  if (growth === undefined) return;
  for (const [name, points] of Object.entries(growth)) {
    await writeFile(
      image(`growth-${name}.svg`),
      plotGrowth(`What grows with the number of ${name}`, name, panelsOf(points)),
    );
  }
}

async function showFigures({ figures, node, machine }: Results): Promise<void> {
  const { processor, cores, memoryGib, system } = machine;
  const document = join(repository, "docs", "performance.md");
  const dates = figures.map(({ measuredOn }) => measuredOn).sort();
  const when = [...new Set([dates[0], dates.at(-1)])].join(" to ");
  const where = `Measured on ${when}: ${processor}, ${cores} cores, ${memoryGib} GiB, ${system}, Node ${node}.`;
  await writeFile(document, withTable(await readFile(document, "utf8"), `${where}\n\n${tableOf(figures)}`));
  await writeFile(image("ratios.svg"), plotRatios("Speed compared with other servers", barsOf(figures)));
}

function image(name: string): string {
  return join(repository, "docs", "images", name);
}

/** The figures that are rates: for these, more is better. */
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
    ["compaction", "compacting half, seconds"],
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
