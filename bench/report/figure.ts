/**
 * One figure of the measurements: what our server reached, what the other one reached in the same turns, and the ratios
 * of the two. The median of the ratios counts. On a machine with other work a single figure says little, but what slows
 * down one side of a pair usually slows down the other side too.
 */
import { median } from "./statistics.ts";

export interface Goal {
  direction: "at least" | "at most";
  value: number;
}

export interface Figure {
  /** The same in every run: a new figure replaces the old one with the same id. */
  id: string;
  what: string;
  /** What plainchat is compared with, or "–" if the figure is not a comparison. */
  against: string;
  unit: string;
  /** One value for each turn. */
  ours: number[];
  theirs: number[];
  /** One ratio for each turn. Empty if the figure is not a comparison. */
  ratios: number[];
  goal?: Goal;
  /** A date, such as 2030-01-31. */
  measuredOn: string;
}

/** "ours / theirs", or the reverse if a lower value is better and the goal says "at least". */
export type Ratio = "ours / theirs" | "theirs / ours";

/** Makes a figure from pairs that were measured in turn. */
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

/** Makes a figure that is not a comparison. */
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

/** The values that the goal applies to: the ratios, or the measured values if there are no ratios. */
export function decisive({ ratios, ours }: Figure): number[] {
  return ratios.length > 0 ? ratios : ours;
}

/** "yes" and "no" depend on the median. If turns lie on both sides of the goal, the answer is not certain. */
export type Reached = "yes" | "no" | "yes, but not every time" | "no, but sometimes";

/** Whether the goal is reached, or undefined if there is no goal. */
export function reachesGoal(figure: Figure): Reached | undefined {
  if (figure.goal === undefined) return undefined;
  const { direction, value } = figure.goal;
  const reaches = (measured: number) => (direction === "at least" ? measured >= value : measured <= value);
  const turns = decisive(figure);
  if (reaches(median(turns))) return turns.every(reaches) ? "yes" : "yes, but not every time";
  return turns.some(reaches) ? "no, but sometimes" : "no";
}

export const atLeast = (value: number): Goal => ({ direction: "at least", value });
export const atMost = (value: number): Goal => ({ direction: "at most", value });

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
