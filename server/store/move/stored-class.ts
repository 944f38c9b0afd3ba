/**
 * What class mode keeps, in one form for the folder `class` and for the tables of the class. It is a part of Contents,
 * so a move reads it from one store, writes it to the other, reads it back and compares it. This file only describes:
 * class-in-folder.ts and class-in-tables.ts read and write.
 */
import type { ClassKeys } from "../class/class-keys.ts";
import type { Progress } from "../contract.ts";
import type { AboutPupil } from "../files/paths.ts";

/** About the whole class. What is undefined has no file, and is null in its row. Times are ISO 8601, in UTC. */
export interface ClassFacts {
  /** With these, the addresses that the teacher has printed go on working. */
  keys: ClassKeys | undefined;
  /** Tells this class from every other one. */
  id: string | undefined;
  teacherId: number | undefined;
  label: string | undefined;
  lesson: number | undefined;
  pausedSince: string | undefined;
  textsShownSince: string | undefined;
  boardShownSince: string | undefined;
}

/** What is only there or not, and since when. */
export interface StoredMark {
  userId: number;
  since: string;
}

export interface StoredCode {
  userId: number;
  /** Of the code itself, only the hash is known. */
  hash: string;
  validUntil: string;
  wrongTries: number;
}

export interface StoredProgress {
  userId: number;
  progress: Progress;
}

/** The lists have one entry for each pupil, by their ids. */
export interface StoredClass extends Record<AboutPupil, readonly { userId: number }[]> {
  facts: ClassFacts;
  muted: readonly StoredMark[];
  hidden: readonly StoredMark[];
  hands: readonly StoredMark[];
  codes: readonly StoredCode[];
  progress: readonly StoredProgress[];
}

export const NO_FACTS: ClassFacts = {
  keys: undefined,
  id: undefined,
  teacherId: undefined,
  label: undefined,
  lesson: undefined,
  pausedSince: undefined,
  textsShownSince: undefined,
  boardShownSince: undefined,
};

/** Of a server that was never in class mode. */
export const NO_CLASS: StoredClass = { facts: NO_FACTS, muted: [], hidden: [], hands: [], codes: [], progress: [] };

/** Facts in one order of their fields, whoever has read them: they are compared as JSON. */
export function classFacts(known: Partial<ClassFacts>): ClassFacts {
  return { ...NO_FACTS, ...known };
}
