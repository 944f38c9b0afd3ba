/**
 * One figure of the measurements: what was measured of ours, what of the other side in the same turns, and what the two
 * are to each other. What counts is the median of the ratios: on a machine that others use too, a single figure says
 * little, and what slows down one side of a pair mostly slows down the other.
 */
import { median } from "./statistics.ts";

export interface Goal {
  direction: "at least" | "at most";
  value: number;
}

export interface Figure {
  /** Stays the same from run to run: a new figure takes the place of the old one with the same id. */
  id: string;
  what: string;
  /** With what it is compared, or "–" where the figure stands for itself. */
  against: string;
  unit: string;
  /** What was measured, turn by turn. */
  ours: number[];
  theirs: number[];
  /** Turn by turn. Empty where the figure stands for itself. */
  ratios: number[];
  goal?: Goal;
  /** When, as a date. */
  measuredOn: string;
}

/** "ours / theirs", or the other way round where less is better and the goal says "at least". */
export type Ratio = "ours / theirs" | "theirs / ours";

/** A figure from what was measured in turn. */
export function figureOfPairs(
  about: Pick<Figure, "id" | "what" | "against" | "unit"> & { goal?: Goal | undefined },
  pairs: { ours: number; theirs: number }[],
  ratio: Ratio = "ours / theirs",
): Figure {
  const { goal, ...rest } = about;
  return {
    ...rest,
    ours: pairs.map(({ ours }) => ours),
    theirs: pairs.map(({ theirs }) => theirs),
    ratios: pairs.map(({ ours, theirs }) => (ratio === "ours / theirs" ? ours / theirs : theirs / ours)),
    ...(goal !== undefined && { goal }),
    measuredOn: today(),
  };
}

/** A figure that stands for itself. */
export function figureAlone(
  about: Pick<Figure, "id" | "what" | "unit"> & { goal?: Goal | undefined },
  ours: number[],
): Figure {
  const { goal, ...rest } = about;
  return {
    ...rest,
    against: "–",
    ours,
    theirs: [],
    ratios: [],
    ...(goal !== undefined && { goal }),
    measuredOn: today(),
  };
}

/** What the goal is about: the ratio, or the figure itself. */
export function decisive({ ratios, ours }: Figure): number[] {
  return ratios.length > 0 ? ratios : ours;
}

/** "yes" and "no" go by the median. Where turns lie on both sides of the goal, it was not told for sure. */
export type Reached = "yes" | "no" | "yes, not in every turn" | "no, but in some turns";

/** Whether the goal is reached, or undefined where there is none. */
export function reachesGoal(figure: Figure): Reached | undefined {
  if (figure.goal === undefined) return undefined;
  const { direction, value } = figure.goal;
  const reaches = (measured: number) => (direction === "at least" ? measured >= value : measured <= value);
  const turns = decisive(figure);
  if (reaches(median(turns))) return turns.every(reaches) ? "yes" : "yes, not in every turn";
  return turns.some(reaches) ? "no, but in some turns" : "no";
}

export const atLeast = (value: number): Goal => ({ direction: "at least", value });
export const atMost = (value: number): Goal => ({ direction: "at most", value });

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
