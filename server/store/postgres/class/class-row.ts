/**
 * Reads what the teacher has decided, as one statement. Each message asks for it, so a pause at one server holds at once
 * at all others: nothing of it may be kept in memory for the next request.
 */
import { makeClassId } from "../../class/class-id.ts";
import type { ClassChange, Decisions } from "../../contract.ts";
import { OtherClassError } from "../../store-errors.ts";
import type { Connection, Database } from "../connection/database.ts";
import type { PresentClass } from "../present-class.ts";

interface ClassRow {
  began: number;
  teacher_id: number | null;
  lesson: number | null;
  is_paused: boolean;
  shows_texts: boolean;
  shows_board: boolean;
  muted: number[];
  hidden: number[];
  hands: number[];
}

/** Makes a class if there is none. Its id tells it from every other one. */
export function makeClass(sql: Connection) {
  return sql`insert into class (id) values (${makeClassId()}) on conflict do nothing`;
}

/** @throws {OtherClassError} if this is another class than the one that the server has opened: it tells pages which one. */
export async function readDecisions(database: Database, { began }: PresentClass): Promise<Decisions> {
  const [row] = await database.ask<ClassRow[]>(
    (sql) => sql`
      select (select class_began from head) as began, teacher_id, lesson, paused_since is not null as is_paused,
             texts_shown_since is not null as shows_texts, board_shown_since is not null as shows_board,
             array(select user_id from class_muted) as muted,
             array(select user_id from class_hidden order by user_id) as hidden,
             array(select user_id from class_hands) as hands
      from class`,
  );
  if (row === undefined) throw new Error("The table class has one row, and somebody has removed it. Start again");
  if (row.began !== began) throw new OtherClassError("The class was put away");
  const [muted, hidden, hands] = [new Set(row.muted), new Set(row.hidden), new Set(row.hands)];
  return {
    teacherId: row.teacher_id ?? undefined,
    facts: {
      isPaused: row.is_paused,
      showsTexts: row.shows_texts,
      showsBoard: row.shows_board || undefined,
      lesson: row.lesson ?? undefined,
    },
    hiddenIds: row.hidden,
    pupil: (userId) => ({ isMuted: muted.has(userId), isHidden: hidden.has(userId), isHandUp: hands.has(userId) }),
  };
}

/** Changes only what is given. What holds already keeps its time. It is meant for the class that began with this event. */
export function changeClass(sql: Connection, change: ClassChange, now: string, began: number) {
  const since = (column: string, isOn: boolean | undefined) => {
    if (isOn === undefined) return sql`${sql(column)}`;
    return isOn ? sql`coalesce(${sql(column)}, ${now}::timestamptz)` : sql`null`;
  };
  return sql`
    update class set
      paused_since = ${since("paused_since", change.isPaused)},
      texts_shown_since = ${since("texts_shown_since", change.showsTexts)},
      board_shown_since = ${since("board_shown_since", change.showsBoard)},
      lesson = coalesce(${change.lesson ?? null}::integer, lesson)
    where (select class_began from head) = ${began}`;
}
