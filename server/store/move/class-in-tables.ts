/**
 * The tables of the class for a move: reads what is in them, and fills them. Rows about people who are no users are left
 * over, and count for nothing; so does a text about progress that no server could have written. table-contents.ts and
 * write-tables.ts call it, within their transaction.
 */
import type { ISql } from "postgres";
import { makeClassId } from "../class/class-id.ts";
import type { ClassKeys } from "../class/class-keys.ts";
import { decodeProgress, encodeProgress } from "../class/progress.ts";
import { MAX_WRONG_CODES } from "../class/rejoin-codes.ts";
import { MoveProblem } from "./move-problem.ts";
import {
  type ClassFacts,
  classFacts,
  type StoredClass,
  type StoredCode,
  type StoredMark,
  type StoredProgress,
} from "./stored-class.ts";

/** The greatest number in a column of the type integer. */
const MAX_INTEGER = 2 ** 31 - 1;
const TABLES = ["class_keys", "class", "class_muted", "class_hidden", "class_hands", "class_codes", "class_progress"];

interface ClassRow {
  id: string;
  teacher_id: number | null;
  label: string | null;
  lesson: number | null;
  paused_since: string | null;
  texts_shown_since: string | null;
  board_shown_since: string | null;
}

/** The statements see one moment, because the caller's transaction does. */
export async function readClassTables(sql: ISql): Promise<StoredClass> {
  const keys = await readClassKeys(sql);
  const [row] = await sql<ClassRow[]>`
    select id, teacher_id, label, lesson, paused_since, texts_shown_since, board_shown_since from class`;
  const label = row?.label?.trim() ?? "";
  return {
    facts: classFacts({
      keys,
      id: row?.id,
      teacherId: row?.teacher_id ?? undefined,
      label: label === "" ? undefined : label,
      lesson: row?.lesson ?? undefined,
      pausedSince: row?.paused_since ?? undefined,
      textsShownSince: row?.texts_shown_since ?? undefined,
      boardShownSince: row?.board_shown_since ?? undefined,
    }),
    muted: await readMarks(sql, "class_muted"),
    hidden: await readMarks(sql, "class_hidden"),
    hands: await readMarks(sql, "class_hands"),
    codes: await readCodes(sql),
    progress: await readProgress(sql),
  };
}

/** @returns undefined if no server was ever in class mode, also if the tables are older than class mode. */
export async function readClassKeys(sql: ISql): Promise<ClassKeys | undefined> {
  const [made] = await sql<{ is_there: boolean }[]>`select to_regclass('class_keys') is not null as is_there`;
  if (made?.is_there !== true) return undefined;
  const [row] = await sql<ClassKeys[]>`select teacher, projector from class_keys`;
  return row && { teacher: row.teacher, projector: row.projector };
}

async function readMarks(sql: ISql, table: string): Promise<StoredMark[]> {
  const rows = await sql<{ user_id: number; since: string }[]>`
    select user_id, since from ${sql(table)} join users using (user_id) order by user_id`;
  return rows.map(({ user_id: userId, since }) => ({ userId, since }));
}

async function readCodes(sql: ISql): Promise<StoredCode[]> {
  const rows = await sql<{ user_id: number; hash: string; valid_until: string; wrong_tries: number }[]>`
    select user_id, hash, valid_until, wrong_tries from class_codes join users using (user_id)
    where wrong_tries < ${MAX_WRONG_CODES}
    order by user_id`;
  return rows.map(({ user_id: userId, hash, valid_until, wrong_tries: wrongTries }) => {
    return { userId, hash, validUntil: valid_until, wrongTries };
  });
}

async function readProgress(sql: ISql): Promise<StoredProgress[]> {
  const rows = await sql<{ user_id: number; text: string }[]>`
    select user_id, progress as text from class_progress join users using (user_id) order by user_id`;
  return rows.flatMap(({ user_id: userId, text }) => {
    const progress = decodeProgress(text);
    return progress === undefined ? [] : [{ userId, progress }];
  });
}

/**
 * The table `class` has one row with an id, or none. A folder may have a class without an id, because somebody has
 * removed that file: then a start makes a new one, and so does a move.
 */
export function withId(stored: StoredClass): StoredClass {
  const { keys: _keys, ...facts } = stored.facts;
  if (facts.id !== undefined || Object.values(facts).every((fact) => fact === undefined)) return stored;
  return { ...stored, facts: { ...stored.facts, id: makeClassId() } };
}

/** @param stored from withId(). @throws {MoveProblem} if a fact does not fit into its column. */
export async function writeClassTables(stored: StoredClass, sql: ISql): Promise<void> {
  // A server that was started once in class mode has made keys and an id, and nobody has decided anything with them.
  for (const table of TABLES) await sql`delete from ${sql(table)}`;
  await writeFacts(stored.facts, sql);
  await writeMarks("class_muted", stored.muted, sql);
  await writeMarks("class_hidden", stored.hidden, sql);
  await writeMarks("class_hands", stored.hands, sql);
  await writeCodes(stored.codes, sql);
  await writeProgress(stored.progress, sql);
}

async function writeMarks(table: string, marks: readonly StoredMark[], sql: ISql): Promise<void> {
  if (marks.length === 0) return;
  await sql`
    insert into ${sql(table)} (user_id, since)
    select * from unnest(
      ${marks.map(({ userId }) => userId)}::bigint[],
      ${marks.map(({ since }) => since)}::text[]::timestamptz[]
    )`;
}

async function writeCodes(codes: readonly StoredCode[], sql: ISql): Promise<void> {
  if (codes.length === 0) return;
  await sql`
    insert into class_codes (user_id, hash, valid_until, wrong_tries)
    select * from unnest(
      ${codes.map(({ userId }) => userId)}::bigint[],
      ${codes.map(({ hash }) => hash)}::text[],
      ${codes.map(({ validUntil }) => validUntil)}::text[]::timestamptz[],
      ${codes.map(({ wrongTries }) => String(wrongTries))}::text[]::integer[]
    )`;
}

async function writeProgress(progress: readonly StoredProgress[], sql: ISql): Promise<void> {
  if (progress.length === 0) return;
  await sql`
    insert into class_progress (user_id, progress)
    select * from unnest(
      ${progress.map(({ userId }) => userId)}::bigint[],
      ${progress.map((of) => encodeProgress(of.progress))}::text[]
    )`;
}

async function writeFacts({ keys, id, ...facts }: ClassFacts, sql: ISql): Promise<void> {
  if (keys !== undefined) {
    await sql`insert into class_keys (teacher, projector) values (${keys.teacher}, ${keys.projector})`;
  }
  if (id === undefined) return;
  const { teacherId, label, lesson, pausedSince, textsShownSince, boardShownSince } = facts;
  mustFit("lesson.dat", lesson === undefined || lesson <= MAX_INTEGER);
  // PostgreSQL keeps any character but this one.
  mustFit("label.dat", label?.includes("\0") !== true);
  await sql`
    insert into class (id, teacher_id, label, lesson, paused_since, texts_shown_since, board_shown_since)
    values (
      ${id}, ${teacherId ?? null}::bigint, ${label ?? null}::text, ${lesson ?? null}::integer,
      ${pausedSince ?? null}::text::timestamptz, ${textsShownSince ?? null}::text::timestamptz,
      ${boardShownSince ?? null}::text::timestamptz
    )`;
}

function mustFit(file: string, fits: boolean): void {
  if (!fits) throw new MoveProblem(`A database cannot keep what is in class/${file}. Change it, then try again`);
}
