/**
 * Which cases `plainchat check` runs: all, those of one stage, those of the first lessons, or one. check-once.ts calls it.
 */
import type { Case, Stage } from "../../check/case.ts";
import { lessonsUpTo } from "../../check/lessons.ts";
import { loadStages } from "../../check/stages.ts";
import { CliError, EXIT } from "../cli-error.ts";

const MAX_SUGGESTIONS = 5;

/**
 * The stages or lessons to run, and the number of the stage that was asked for.
 * @throws {CliError} when there is no such case.
 */
export function stagesFor(options: { case?: string; stage?: number; lesson?: number }): {
  stages: Stage[];
  only: number | undefined;
} {
  if (options.lesson !== undefined) return { stages: lessonsUpTo(options.lesson), only: undefined };
  const stages = loadStages();
  if (options.case === undefined) return { stages, only: options.stage };
  const isAsked = ({ id }: Case) => id === options.case;
  const only = stages.find(({ cases }) => cases.some(isAsked))?.stage;
  if (only === undefined) {
    const similar = similarTo(
      options.case,
      stages.flatMap(({ cases }) => cases.map(({ id }) => id)),
    );
    const advice =
      similar.length === 0
        ? "The report shows the id of each failed check in brackets"
        : `Did you mean ${similar.join(" or ")}?`;
    throw new CliError(`There is no check "${options.case}". ${advice}`, EXIT.usage);
  }
  return {
    stages: stages.map((each) => (each.stage === only ? { ...each, cases: each.cases.filter(isAsked) } : each)),
    only,
  };
}

/** The ids that a typed one may have meant, the best first. */
function similarTo(typed: string, ids: string[]): string[] {
  const plain = (id: string) => id.toLowerCase().replace(/[^a-z0-9]/g, "");
  const wanted = plain(typed);
  const near = ids
    .map((id) => ({ id, distance: distanceOf(wanted, plain(id)) }))
    .filter(({ distance }) => distance <= Math.max(1, wanted.length / 4))
    .sort((one, other) => one.distance - other.distance);
  // The best ones only: `send-nobdy` is not meant to be `send-no-handle`, too.
  const best = near.filter(({ distance }) => distance === near[0]?.distance).map(({ id }) => id);
  const containing = wanted.length < 3 ? [] : ids.filter((id) => plain(id).includes(wanted));
  return (best.length > 0 ? best : containing).slice(0, MAX_SUGGESTIONS);
}

/** How many letters must be added, removed or changed to make one word out of the other. */
function distanceOf(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1];
    for (let j = 0; j < other.length; j++) {
      const changed = (row[j] ?? 0) + (letter === other[j] ? 0 : 1);
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
