/**
 * Messages as lines on a terminal.
 */
import { styleText } from "node:util";
import type { Message } from "../client/types.ts";

/** A message as one paragraph: time, sender, text. Its other lines are indented below the first. */
export function showMessage(message: Message, myId: number): string {
  const { fromId, fromHandle, toHandle, editedAt, sentAt, messageId } = message;
  const who = fromId === myId ? `you → ${harmless(toHandle)}` : harmless(fromHandle);
  const edited = editedAt === undefined ? "" : styleText("dim", " (edited)");
  const head = `${styleText("dim", `#${messageId} ${timeOf(sentAt)}`)}  ${styleText("bold", who)}  `;
  return head + harmless(message.message).replaceAll("\n", "\n    ") + edited;
}

/** The time of day, with the date unless it is today. */
function timeOf(iso: string): string {
  const date = new Date(iso);
  const two = (number: number) => String(number).padStart(2, "0");
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (date.toDateString() === new Date().toDateString()) return time;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}

/**
 * Replaces the characters that would control the terminal in a text from somebody else. Our server does not accept such
 * characters (ruling R15), but this program may talk to another server.
 */
export function harmless(text: string): string {
  return text.replace(STEERING, "\ufffd");
}

/** Control characters except line breaks and tabs, and characters that change the direction of the text after them. */
const STEERING = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu;
