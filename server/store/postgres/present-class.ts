/**
 * Which class this server has opened. A database has one class at a time, and any server may put it away at any moment.
 * open-database.ts reads this once; a server that hears of another class opens the database again. Until then, what
 * it writes must say for which class it is meant.
 */
import { OtherClassError } from "../store-errors.ts";
import type { Database } from "./connection/database.ts";

export interface PresentClass {
  /** The number of the event with which it began. No other class has the same, nor has this one if it comes back. */
  readonly began: number;
  /** The number of the last event at this moment. The server tells what comes after it. */
  readonly position: number;
  /** Tells this class from every other one, for pages. Undefined before the first start in class mode. */
  readonly id: string | undefined;
  /** Set when another class has taken its place. */
  isOver: boolean;
}

/** One statement, so that all of it is of one moment: a class that comes later is told by an event after `position`. */
export async function readPresentClass(database: Database): Promise<PresentClass> {
  const [row] = await database.ask<{ began: number; position: number; id: string | null }[]>(
    (sql) => sql`select class_began as began, seq as position, (select id from class) as id from head`,
  );
  if (row === undefined) throw new Error("The table head has one row, and somebody has removed it");
  return { ...row, id: row.id ?? undefined, isOver: false };
}

/** Asked after something was read or written: what was done before the answer was done in this class. @throws {OtherClassError} */
export async function mustBePresent(database: Database, { began }: PresentClass): Promise<void> {
  const [row] = await database.ask<{ began: number }[]>((sql) => sql`select class_began as began from head`);
  if (row?.began !== began) throw new OtherClassError("The class was put away");
}
