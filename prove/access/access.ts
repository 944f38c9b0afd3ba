/**
 * Reads the table of docs/access.md and tries each of its cells on a running server. A refused call must change nothing
 * and reveal nothing. An allowed call must change what it is meant to change, and nothing else. The table must list
 * every address of the server, so that nobody can add one without saying who may use it.
 */

import type { Ending } from "../../testing/at-end.ts";
import { becomeTeacher } from "../../testing/lesson.ts";
import { PROJECTOR_KEY, startApp, TEACHER_KEY } from "../../testing/start-app.ts";
import type { Proof, Size } from "../proof.ts";
import { ACTIONS } from "./actions.ts";
import { whatIsMissing } from "./inventory.ts";
import type { Place } from "./situation.ts";
import { CALLERS, type CallerName, nameOf, type Row, readTable } from "./table.ts";
import { tryCell, whatChangedForTheShared } from "./try-cell.ts";
import { watchClass } from "./watch-class.ts";

/** How many cells are tried at the same time. */
const AT_ONCE = 12;
/** How often a stream sends its position. After one, the client has got everything there was. */
const HEARTBEAT_MILLISECONDS = 300;
const TOKEN_CHARACTERS = 32;
/** How every text begins that somebody sends here (situation.ts, actions.ts). */
const TEXTS = [
  "for two, number",
  "for one, number",
  "another text",
  "from this caller",
  "for a stranger",
  "to everybody",
];
/** More would say nothing new. */
const MAX_SENTENCES = 20;

interface Cell {
  row: Row;
  caller: CallerName;
}

export const access: Proof = {
  name: "access",
  promise: "every caller may do what docs/access.md says, and nothing else",
  async prove({ size, ending, log }) {
    const rows = readTable();
    const wrong: string[] = [];
    let tries = 0;
    for (const isClass of [false, true]) {
      const tried = await tryTable({ rows, isClass, size, ending });
      wrong.push(...tried.wrong);
      tries += tried.tries;
      log(`${tried.tries} cells ${isClass ? "in class mode" : "without class mode"}`);
    }
    if (wrong.length > 0) throw new Error(wrong.slice(0, MAX_SENTENCES).join("\n"));
    const cells = rows.length * CALLERS.length;
    return `${rows.length} rows x ${CALLERS.length} callers: ${cells} cells match docs/access.md, ${tries} tries`;
  },
};

interface Trial {
  rows: Row[];
  isClass: boolean;
  size: Size;
  ending: Ending;
  /** The address of a database that has the data. Undefined for files. */
  database?: string;
}

/** Tries the cells that belong to one mode on a new server. @returns what is wrong, one sentence each. */
export async function tryTable({ rows, isClass, size, ending, database }: Trial) {
  const wrong: string[] = [];
  const app = await startApp(ending, {
    isClass,
    database,
    heartbeatMilliseconds: HEARTBEAT_MILLISECONDS,
    // All callers are on this computer.
    checks: { mostAtOnce: AT_ONCE, mostAtAddress: AT_ONCE, pauseMilliseconds: 0 },
  });
  if (!isClass) wrong.push(...(await whatIsMissing(rows, app)));
  const witness = await app.register("witness");
  const teacher = isClass ? await becomeTeacher(app) : undefined;
  const place: Place = { app, isClass, witness, teacher, tokens: new Set(), shared: new Map() };
  const watching = isClass ? await watchClass(app.origin) : undefined;
  const cells = rows
    .filter((row) => belongs(row, isClass, size))
    .flatMap((row) => CALLERS.map((caller) => ({ row, caller })));
  const isForEveryone = ({ row }: Cell) => ACTIONS[nameOf(row)]?.isForEveryone === true;
  const alone = cells.filter(isForEveryone);
  wrong.push(
    ...(await tryAll(
      place,
      cells.filter((cell) => !isForEveryone(cell)),
    )),
    ...(await whatChangedForTheShared(place)),
  );
  for (const { row, caller } of alone) wrong.push(...(await tryCell(place, row, caller)));
  const heard = await watching?.end();
  if (heard !== undefined) wrong.push(...whatTheClassHeard(heard, place));
  for (const key of [PROJECTOR_KEY, TEACHER_KEY]) if (app.logged().includes(key)) wrong.push("A key is in the log");
  return { wrong, tries: cells.length };
}

/** Most rows are the same in both modes. The quick part tries them in one mode only, so each cell at least once. */
function belongs({ sentWith }: Row, isClass: boolean, size: Size): boolean {
  if (sentWith.endsWith("in class mode")) return isClass;
  if (sentWith === "without class mode") return !isClass;
  return size === "whole" || !isClass;
}

async function tryAll(place: Place, cells: Cell[]): Promise<string[]> {
  const wrong: string[] = [];
  const queue = cells.values();
  const work = async () => {
    for (const { row, caller } of queue) wrong.push(...(await tryCell(place, row, caller)));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return wrong;
}

function whatTheClassHeard(heard: string, { app, tokens }: Place): string[] {
  const wrong: string[] = [];
  if (!heard.includes("event: trace\n")) wrong.push("In class mode nobody sees what others do");
  if (heard.includes(app.secret)) wrong.push("The class sees the class secret");
  for (const key of [PROJECTOR_KEY, TEACHER_KEY]) if (heard.includes(key)) wrong.push("The class sees a key");
  for (const text of TEXTS) if (heard.includes(text)) wrong.push(`The class sees the text of a message: ${text}`);
  // There are megabytes of text and a thousand tokens. So look up everything that could be a token, not every token.
  for (const [run] of heard.matchAll(/[\w-]{32,}/g)) {
    const starts = Array.from({ length: run.length - TOKEN_CHARACTERS + 1 }, (_, start) => start);
    const isToken = (start: number) => tokens.has(run.slice(start, start + TOKEN_CHARACTERS));
    if (starts.some(isToken)) wrong.push("The class sees a token");
  }
  return wrong;
}
