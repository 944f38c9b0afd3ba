/**
 * Messages as lines on a terminal.
 */
import { styleText } from "node:util";
import type { Message } from "../client/types.ts";

/** A message as one paragraph: when, from whom, and what. Further lines of it stand under the first. */
export function showMessage(message: Message, myId: number): string {
  const { fromId, fromHandle, toHandle, editedAt, sentAt, messageId } = message;
  const who = fromId === myId ? `you → ${harmless(toHandle)}` : harmless(fromHandle);
  const edited = editedAt === undefined ? "" : styleText("dim", " (edited)");
  const head = `${styleText("dim", `#${messageId} ${timeOf(sentAt)}`)}  ${styleText("bold", who)}  `;
  return head + harmless(message.message).replaceAll("\n", "\n    ") + edited;
}

/** The time of day; the day, too, when it was another. */
export function timeOf(iso: string): string {
  const date = new Date(iso);
  const two = (number: number) => String(number).padStart(2, "0");
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (date.toDateString() === new Date().toDateString()) return time;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}

/**
 * A text that somebody else has written, without what would steer the terminal. The server lets no such characters in
 * (ruling R15), but this program may talk to another server.
 */
export function harmless(text: string): string {
  return text.replace(STEERING, "\ufffd");
}

/** Control characters but line breaks and tabs, and those that turn the direction of what follows. */
const STEERING = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu;
