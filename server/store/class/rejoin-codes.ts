/**
 * The codes with which pupils who have lost their token join again: class/codes/<userId>.json has the hash of a code, and
 * until when it is valid. A code is short, so it counts once, for ten minutes, and after five wrong tries no longer.
 */
import { hash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { removeFiles, replaceFile } from "../files/durable-file.ts";
import type { Paths } from "../files/paths.ts";
import { ConfidentialText } from "../users/confidential-text.ts";

/** There are 900 million codes: nobody finds one in so few tries. */
export const MAX_WRONG_CODES = 5;

export class RejoinCodes {
  readonly #paths: Paths;
  /** How many wrong codes somebody has tried for a pupil. */
  readonly #wrong = new Map<number, number>();

  constructor(paths: Paths) {
    this.#paths = paths;
  }

  async keep(userId: number, code: string, validUntil: string): Promise<void> {
    await replaceFile(this.#paths.pupilFile("codes", userId), JSON.stringify({ hash: hashOf(code), validUntil }));
    this.#wrong.delete(userId);
  }

  /** @returns whether the code is right and still valid. Then it is used up. */
  async use(userId: number, code: string, now: number): Promise<boolean> {
    const path = this.#paths.pupilFile("codes", userId);
    const kept = await readCode(path);
    if (kept === undefined) return false;
    const isRight = Date.parse(kept.validUntil) > now && new ConfidentialText(kept.hash).matches(hashOf(code));
    const wrong = (this.#wrong.get(userId) ?? 0) + 1;
    if (isRight || wrong >= MAX_WRONG_CODES) {
      await removeFiles([path]);
      this.#wrong.delete(userId);
    } else this.#wrong.set(userId, wrong);
    return isRight;
  }
}

/** Small letters and capital letters are the same: people type a code from a wall or a sheet of paper. */
export function hashOf(code: string): string {
  return hash("sha256", code.toUpperCase());
}

/** @returns undefined if there is no code, or none that can be read: then the pupil needs a new one. */
async function readCode(path: string): Promise<{ hash: string; validUntil: string } | undefined> {
  try {
    const { hash, validUntil } = JSON.parse(await readFile(path, "utf8")) ?? {};
    return typeof hash === "string" && typeof validUntil === "string" ? { hash, validUntil } : undefined;
  } catch {
    return undefined;
  }
}
