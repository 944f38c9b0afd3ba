/**
 * Watches what the server does with everybody's requests, in class mode. Unlike a queue, it does not catch up after a
 * lost connection: it misses what happened in between.
 */
import { classState, gone, missed, trace } from "./reply-shapes.ts";
import { type Connection, readJson } from "./request.ts";
import { type StreamOptions, stayConnected } from "./stay-connected.ts";
import type { ClassEvent } from "./trace.ts";

export interface WatchOptions extends StreamOptions {
  /** With it you see every text and every pupil. */
  teacherKey?: string;
}

/** @throws {ChatError} 404 when the server is not in class mode. */
export async function* watchRequests(
  connection: Connection,
  { teacherKey, ...options }: WatchOptions,
): AsyncGenerator<ClassEvent, void, void> {
  const headers = teacherKey === undefined ? {} : { authorization: `Bearer ${teacherKey}` };
  const request = { method: "GET", path: "/api/v1/explain", headers, isRepeatable: true } as const;
  const stream = { ...options, beginsAtOnce: false };
  for await (const { event, data } of stayConnected(connection, request, undefined, stream)) {
    if (event === "trace") yield { type: event, trace: readJson(data, trace, connection) };
    if (event === "class") yield { type: event, ...readJson(data, classState, connection) };
    if (event === "gone") yield { type: event, ...readJson(data, gone, connection) };
    if (event === "missed") yield { type: event, count: readJson(data, missed, connection).count };
  }
}
