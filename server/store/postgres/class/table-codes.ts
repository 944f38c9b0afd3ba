/**
 * The rejoin codes in the table `class_codes`: the hash of each, until when it is valid, and how many wrong ones were
 * tried. A code counts once, and after five wrong tries no longer, on whichever servers they came.
 */
import { hashOf, MAX_WRONG_CODES } from "../../class/rejoin-codes.ts";
import { ConfidentialText } from "../../users/confidential-text.ts";
import type { Database } from "../connection/database.ts";
import { mustBePresent, type PresentClass } from "../present-class.ts";

interface CodeRow {
  hash: string;
  valid_until: string;
  wrong_tries: number;
}

export class TableCodes {
  readonly #database: Database;
  readonly #present: PresentClass;

  constructor(database: Database, present: PresentClass) {
    this.#database = database;
    this.#present = present;
  }

  /** The user's row is locked for the reason that mark() in class-tables.ts gives. */
  async keep(userId: number, code: string, validUntil: string): Promise<void> {
    const kept = await this.#database.change(
      (sql) => sql`
        insert into class_codes (user_id, hash, valid_until)
        select user_id, ${hashOf(code)}, ${validUntil}::timestamptz from users where user_id = ${userId} for key share
        on conflict (user_id) do update set
          hash = excluded.hash, valid_until = excluded.valid_until, wrong_tries = 0
        returning user_id`,
    );
    // The pupil has just left, or the class was put away.
    if (kept.length === 0) await mustBePresent(this.#database, this.#present);
  }

  /**
   * Compares here and not in SQL, so that the time says nothing about the code.
   * @returns whether the code is right and still valid. Then it is used up.
   */
  use(userId: number, code: string, now: number): Promise<boolean> {
    return this.#database.transaction(userId, async () => {
      // Locked until the commit: the teacher may make a new code at this moment, and this try must not count for it.
      const [kept] = await this.#database.ask<CodeRow[]>(
        (sql) => sql`select hash, valid_until, wrong_tries from class_codes where user_id = ${userId} for update`,
      );
      if (kept === undefined) return false;
      const isRight = Date.parse(kept.valid_until) > now && new ConfidentialText(kept.hash).matches(hashOf(code));
      const isUsedUp = isRight || kept.wrong_tries + 1 >= MAX_WRONG_CODES;
      await this.#database.change((sql) =>
        isUsedUp
          ? sql`delete from class_codes where user_id = ${userId}`
          : sql`update class_codes set wrong_tries = wrong_tries + 1 where user_id = ${userId}`,
      );
      return isRight;
    });
  }
}
