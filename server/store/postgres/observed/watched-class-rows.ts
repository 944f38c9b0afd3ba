/**
 * The same for class mode: the rows about the class and about its pupils.
 */
import { schemaOf } from "../class/archive-schemas.ts";
import type { WatchedRow } from "./observed-rows.ts";

export const KEYS_ROW: WatchedRow = {
  path: "class_keys",
  select: (sql) => sql`select teacher, projector from class_keys`,
  confidential: ["teacher", "projector"],
};

export const CLASS_ROW: WatchedRow = {
  path: "class",
  select: (sql) => sql`
    select id, teacher_id, label, lesson, paused_since, texts_shown_since, board_shown_since from class`,
};

/** A class that was put away, with what is known of it: the comment on its schema. */
export function schemaRow(archive: string): WatchedRow {
  const schema = schemaOf(archive) ?? "";
  return {
    path: `schema ${schema}`,
    select: (sql) => sql`
      select obj_description(oid, 'pg_namespace') as comment from pg_namespace where nspname = ${schema}`,
  };
}

/** What the teacher has decided about one pupil. */
export function markRows(userId: number): WatchedRow[] {
  return (["class_muted", "class_hidden", "class_hands"] as const).map((table) => ({
    path: `${table} row ${userId}`,
    select: (sql) => sql`select user_id, since from ${sql(table)} where user_id = ${userId}`,
  }));
}

/** From the hash of six characters, a program finds them by trying all. */
export function codeRow(userId: number): WatchedRow {
  return {
    path: `class_codes row ${userId}`,
    select: (sql) => sql`select user_id, hash, valid_until, wrong_tries from class_codes where user_id = ${userId}`,
    confidential: ["hash"],
  };
}

export function progressRow(userId: number): WatchedRow {
  return {
    path: `class_progress row ${userId}`,
    select: (sql) => sql`select user_id, progress from class_progress where user_id = ${userId}`,
  };
}

/** Everything about a pupil who leaves. How far they were in the course is for nobody who sees the trace of that. */
export function rowsAbout(userId: number): WatchedRow[] {
  return [...markRows(userId), codeRow(userId), { ...progressRow(userId), confidential: ["progress"] }];
}
