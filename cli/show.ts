/**
 * Messages as lines on a terminal.
 */
import { visible } from "../check/report/visible.ts";
import type { Message, User } from "../client/types.ts";
import { line, type Printable, Styled, style } from "./styled.ts";

/** A handle with one of these could pretend to be another handle with a mark, such as "ms-hopper (teacher)". */
const CLOSING = /[\p{Pe}\p{Pf}]/u;

/** A user's handle, and whether it is the teacher. Nobody can get the mark by choosing a handle: then the id is added. */
export function markedName({ userHandle, userId, isTeacher }: User): string {
  if (isTeacher === true) return `${userHandle} (teacher)`;
  return CLOSING.test(userHandle) ? `${userHandle} (user ${userId})` : userHandle;
}

/** What people are called. A handle may have belonged to one user before, and to another one since. */
export class Names {
  readonly #ids = new Map<string, number>();

  /** The handle, and whether it is the teacher. For everybody but the first user with this handle, the id is added. */
  nameOf(user: User): string {
    const { userHandle, userId } = user;
    const first = this.#ids.get(userHandle) ?? userId;
    this.#ids.set(userHandle, first);
    const name = markedName(user);
    return first === userId || name !== userHandle ? name : `${userHandle} (user ${userId})`;
  }
}

/** A message as one paragraph: time, sender, text. Its other lines are indented below the first. */
export function showMessage(message: Message, myId: number, names: Names): Styled {
  const { fromId, fromHandle, toId, toHandle, editedAt, sentAt, messageId, isTeacher, isToAll } = message;
  const sender = { userHandle: fromHandle, userId: fromId, ...(isTeacher && { isTeacher }) };
  const name = fromId === myId ? `you → ${names.nameOf({ userHandle: toHandle, userId: toId })}` : names.nameOf(sender);
  const who = isToAll === true ? `${name}, to all` : name;
  const edited: Printable = editedAt === undefined ? "" : style("dim", " (edited)");
  // Some programs end their lines as Windows does.
  const lines = new Styled(visible(message.message.replaceAll("\r\n", "\n")).replaceAll("\n", "\n    "));
  return line`${style("dim", `#${messageId} ${timeOf(sentAt)}`)}  ${style("bold", who)}  ${lines}${edited}`;
}

/** The time of day, with the date unless it is today. */
export function timeOf(iso: string): string {
  const date = new Date(iso);
  const two = (number: number) => String(number).padStart(2, "0");
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (date.toDateString() === new Date().toDateString()) return time;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}
