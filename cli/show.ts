/**
 * Messages as lines on a terminal.
 */
import { visible } from "../check/report/visible.ts";
import type { Message } from "../client/types.ts";
import { line, type Printable, Styled, style } from "./styled.ts";

/** What people are called. A handle may have belonged to one user before, and to another one since. */
export class Names {
  readonly #ids = new Map<string, number>();

  /** The handle. For everybody but the first user with this handle, the id is added. */
  nameOf(userHandle: string, userId: number): string {
    const first = this.#ids.get(userHandle) ?? userId;
    this.#ids.set(userHandle, first);
    return first === userId ? userHandle : `${userHandle} (user ${userId})`;
  }
}

/** A message as one paragraph: time, sender, text. Its other lines are indented below the first. */
export function showMessage(message: Message, myId: number, names: Names): Styled {
  const { fromId, fromHandle, toId, toHandle, editedAt, sentAt, messageId } = message;
  const who = fromId === myId ? `you → ${names.nameOf(toHandle, toId)}` : names.nameOf(fromHandle, fromId);
  const edited: Printable = editedAt === undefined ? "" : style("dim", " (edited)");
  // Some programs end their lines as Windows does.
  const lines = new Styled(visible(message.message.replaceAll("\r\n", "\n")).replaceAll("\n", "\n    "));
  return line`${style("dim", `#${messageId} ${timeOf(sentAt)}`)}  ${style("bold", who)}  ${lines}${edited}`;
}

/** The time of day, with the date unless it is today. */
function timeOf(iso: string): string {
  const date = new Date(iso);
  const two = (number: number) => String(number).padStart(2, "0");
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (date.toDateString() === new Date().toDateString()) return time;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}
