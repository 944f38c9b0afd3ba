/**
 * The list of pupils in the order in which they need help. While the teacher reads in it, nothing changes its place:
 * who joins comes at the end, and who leaves stays until the list is sorted again. A pupil about whom nothing is new
 * stays the same object, so the page knows which rows it need not draw.
 */
import { stuckSinceOf } from "../../client/stuck.ts";
import type { Pupil } from "../../client/teacher-types.ts";

export interface Row {
  pupil: Pupil;
  /** This pupil is no longer in the class, and the row is only there so that the others keep their places. */
  hasLeft: boolean;
}

export class Roster {
  rows: readonly Row[] = [];
  /** Whether the rows would change their places if they were sorted now. */
  isOutOfOrder = false;

  /** @param isHeld whether the rows must keep their places. @param now the server's time. */
  update(pupils: readonly Pupil[], isHeld: boolean, now: number): void {
    const before = new Map(this.rows.map((row) => [row.pupil.userId, row]));
    const sorted = byNeed(pupils, now).map((pupil) => sameRow(before.get(pupil.userId), pupil));
    const held = isHeld ? inOldPlaces(this.rows, sorted) : sorted;
    this.rows = held;
    this.isOutOfOrder = held.some((row, i) => row !== sorted[i]);
  }
}

/** Whoever raises a hand comes first, then who has been stuck longest, then everybody else in the order they joined. */
export function byNeed(pupils: readonly Pupil[], now: number): Pupil[] {
  const since = new Map(pupils.map((pupil) => [pupil, stuckSinceOf(pupil, now) ?? "9"]));
  return pupils.toSorted(
    (a, b) =>
      Number(b.isHandUp) - Number(a.isHandUp) ||
      compare(since.get(a) ?? "9", since.get(b) ?? "9") ||
      a.userId - b.userId,
  );
}

/** Whether anybody's check has said how far they are: only then the list has a column for it. */
export function hasLessons(rows: readonly Row[]): boolean {
  return rows.some(({ pupil }) => pupil.progress !== undefined);
}

/** The rows whose handle contains what the teacher typed, however it is written. */
export function matching(rows: readonly Row[], typed: string): readonly Row[] {
  const wanted = plain(typed);
  return wanted === "" ? rows : rows.filter(({ pupil }) => plain(pupil.userHandle).includes(wanted));
}

export function countsOf(
  rows: readonly Row[],
  now: number,
): { all: number; here: number; stuck: number; hands: number } {
  const there = rows.filter(({ hasLeft }) => !hasLeft).map(({ pupil }) => pupil);
  return {
    all: there.length,
    here: there.filter(({ isHere }) => isHere).length,
    stuck: there.filter((pupil) => stuckSinceOf(pupil, now) !== undefined).length,
    hands: there.filter(({ isHandUp }) => isHandUp).length,
  };
}

function inOldPlaces(rows: readonly Row[], sorted: readonly Row[]): Row[] {
  const now = new Map(sorted.map((row) => [row.pupil.userId, row]));
  const known = new Set(rows.map(({ pupil }) => pupil.userId));
  const staying = rows.map((row) => now.get(row.pupil.userId) ?? (row.hasLeft ? row : { ...row, hasLeft: true }));
  return [...staying, ...sorted.filter(({ pupil }) => !known.has(pupil.userId))];
}

function sameRow(before: Row | undefined, pupil: Pupil): Row {
  const isSame = before?.hasLeft === false && JSON.stringify(before.pupil) === JSON.stringify(pupil);
  return isSame ? before : { pupil, hasLeft: false };
}

/** ISO 8601 sorts as text. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function plain(name: string): string {
  return name.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase().trim();
}
