/**
 * The codes with which pupils who have lost their token join again: class/codes/<userId>.json has the hash of a code,
 * until when it is valid, and how many wrong ones were tried. A code is short, so it counts once, for ten minutes, and
 * after five wrong tries no longer. The tries are in the file, so that a restart gives nobody five more.
 */
import { hash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { removeFiles, replaceFile } from "../files/durable-file.ts";
import type { Paths } from "../files/paths.ts";
import { ConfidentialText } from "../users/confidential-text.ts";

/** There are 900 million codes: nobody finds one in so few tries. */
export const MAX_WRONG_CODES = 5;

/** What is kept of a code. */
export interface KeptCode {
  hash: string;
  /** ISO 8601, in UTC. */
  validUntil: string;
  wrongTries: number;
}

export class RejoinCodes {
  readonly #paths: Paths;
  /** How many wrong codes somebody has tried for a pupil, also if a full disk could not take it. */
  readonly #wrong = new Map<number, number>();

  constructor(paths: Paths) {
    this.#paths = paths;
  }

  async keep(userId: number, code: string, validUntil: string): Promise<void> {
    const kept = { hash: hashOf(code), validUntil, wrongTries: 0 };
    await replaceFile(this.#paths.pupilFile("codes", userId), encodeCode(kept));
    this.#wrong.delete(userId);
  }

  /** @returns whether the code is right and still valid. Then it is used up. */
  async use(userId: number, code: string, now: number): Promise<boolean> {
    const path = this.#paths.pupilFile("codes", userId);
    const kept = await readCode(path);
    if (kept === undefined) return false;
    const isRight = Date.parse(kept.validUntil) > now && new ConfidentialText(kept.hash).matches(hashOf(code));
    const wrongTries = Math.max(this.#wrong.get(userId) ?? 0, kept.wrongTries) + 1;
    if (isRight || wrongTries >= MAX_WRONG_CODES) {
      await removeFiles([path]);
      this.#wrong.delete(userId);
    } else {
      this.#wrong.set(userId, wrongTries);
      await replaceFile(path, encodeCode({ ...kept, wrongTries }));
    }
    return isRight;
  }
}

/** Small letters and capital letters are the same: people type a code from a wall or a sheet of paper. */
export function hashOf(code: string): string {
  return hash("sha256", code.toUpperCase());
}

/** The text of the file. */
export function encodeCode({ hash, validUntil, wrongTries }: KeptCode): string {
  return JSON.stringify({ hash, validUntil, ...(wrongTries > 0 && { wrongTries }) });
}

/** @returns undefined if there is no code, or none that can be read: then the pupil needs a new one. */
export async function readCode(path: string): Promise<KeptCode | undefined> {
  try {
    const { hash, validUntil, wrongTries = 0 } = JSON.parse(await readFile(path, "utf8")) ?? {};
    const areTries = Number.isInteger(wrongTries) && wrongTries >= 0 && wrongTries < MAX_WRONG_CODES;
    if (typeof hash !== "string" || !areTries) return undefined;
    return { hash, validUntil: new Date(validUntil).toISOString(), wrongTries };
  } catch {
    return undefined;
  }
}
