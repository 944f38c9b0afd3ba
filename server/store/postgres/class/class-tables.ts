/**
 * The tables that have a row for each pupil about whom there is something to know. The names are those of the folders in
 * the file store.
 */
import type { Connection } from "../connection/database.ts";

/** What is only there or not. */
export type PupilMark = "muted" | "hidden" | "hands";

export const PUPIL_TABLES = ["class_muted", "class_hidden", "class_hands", "class_codes", "class_progress"] as const;

/**
 * Makes or removes the row of a pupil.
 *
 * A pupil who leaves takes all rows along. So this locks the row of the user until the commit: either it comes before
 * the pupil leaves, and the row goes, too, or the user is gone, and no row is made.
 */
export function mark(sql: Connection, about: PupilMark, userId: number, isThere: boolean, since: string) {
  const table = sql(`class_${about}`);
  if (!isThere) return sql`delete from ${table} where user_id = ${userId}`;
  return sql`
    insert into ${table} (user_id, since)
    select user_id, ${since}::timestamptz from users where user_id = ${userId} for key share
    on conflict (user_id) do nothing`;
}

/** Everything about a pupil who is gone. */
export function forget(sql: Connection, userId: number) {
  return PUPIL_TABLES.map((table) => sql`delete from ${sql(table)} where user_id = ${userId}`);
}

/** Somebody has left while no server was in class mode. */
export function forgetAllButUsers(sql: Connection) {
  return PUPIL_TABLES.map(
    (table) => sql`
      delete from ${sql(table)} as pupil
      where not exists (select from users where users.user_id = pupil.user_id)`,
  );
}
