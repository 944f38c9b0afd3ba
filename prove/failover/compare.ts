/**
 * Compares what a server has with what its clients were told: everything acknowledged is there once, with its id, and in
 * the order in which it was sent.
 */
import { setTimeout } from "node:timers/promises";
import { send } from "../../testing/request.ts";
import type { Publisher } from "./publishers.ts";
import { credentials, type Mistakes, type Person } from "./readers.ts";

const LONGEST_MILLISECONDS = 15_000;

/** @returns the ids of all messages to this reader. */
export async function comparePages(
  origin: string,
  reader: Person,
  publishers: Publisher[],
  mistakes: Mistakes,
): Promise<number[]> {
  const ids = new Map<string, number>();
  for (const { messageId, message } of await readAll(origin, reader)) {
    if (ids.has(message)) mistakes.push(`"${message}" is there twice`);
    ids.set(message, messageId);
  }
  const sent = new Set<string>();
  for (const { acknowledged, unknown } of publishers) {
    let before = 0;
    for (const [text, messageId] of acknowledged) {
      if (ids.get(text) !== messageId) mistakes.push(`"${text}" was acknowledged as ${messageId}, is ${ids.get(text)}`);
      if (messageId <= before) mistakes.push(`"${text}" is out of order`);
      before = messageId;
    }
    for (const text of [...acknowledged.keys(), ...unknown]) sent.add(text);
  }
  for (const text of ids.keys()) if (!sent.has(text)) mistakes.push(`nobody has sent "${text}"`);
  return [...ids.values()];
}

async function readAll(origin: string, reader: Person): Promise<{ messageId: number; message: string }[]> {
  const messages: { messageId: number; message: string }[] = [];
  const deadline = Date.now() + LONGEST_MILLISECONDS;
  for (;;) {
    const path = `/api/v1/chat?limit=200&after=${messages.at(-1)?.messageId ?? 0}`;
    const { status, text, json } = await send(origin, { path, user: credentials(reader) });
    if (status === 503 && Date.now() < deadline) {
      await setTimeout(100);
      continue;
    }
    if (status !== 200) throw new Error(`${origin}: ${text}`);
    if (json.messages.length === 0) return messages;
    messages.push(...json.messages);
  }
}
