/**
 * Watches what the server does with everybody's requests, in class mode. Unlike a queue, it does not catch up after a
 * lost connection: it misses what happened in between. Where no stream gets through, short replies take its place
 * (watch.ts), until one does.
 */
import { EventQueue } from "./event-queue.ts";
import type { Frame } from "./event-stream.ts";
import { classState, gone, missed, trace } from "./reply-shapes.ts";
import { type Connection, readJson } from "./request.ts";
import type { ClassEvent } from "./trace.ts";
import { Watch, type WatchState } from "./watch.ts";

export interface WatchOptions {
  /** Stops watching. */
  signal?: AbortSignal | undefined;
  onConnection?: ((state: WatchState) => void) | undefined;
  /** With it you see every text and every pupil. */
  teacherKey?: string;
}

/** How many traces are remembered: two replies that overlap have some of them both. */
const MAX_REMEMBERED = 1_000;

/** @throws {ChatError} 404 when the server is not in class mode. */
export async function* watchRequests(
  connection: Connection,
  { teacherKey, signal, onConnection }: WatchOptions,
): AsyncGenerator<ClassEvent, void, void> {
  const stopping = new AbortController();
  const stopped = signal === undefined ? stopping.signal : AbortSignal.any([signal, stopping.signal]);
  const queue = new EventQueue<Frame>();
  stopped.addEventListener("abort", () => queue.end());
  const headers: Record<string, string> = teacherKey === undefined ? {} : { authorization: `Bearer ${teacherKey}` };
  const request = { method: "GET", path: "/api/v1/explain", headers, isRepeatable: true } as const;
  const hear = (frame: Frame) => queue.put(frame);
  const onState = (state: WatchState) => stopped.aborted || onConnection?.(state);
  new Watch(connection, request, { hear, onState }).run(stopped).catch((error: unknown) => queue.end(error));
  const seen = new Set<string>();
  try {
    for await (const { event, data } of queue.read()) {
      if (stopped.aborted) return;
      if (event === "trace") {
        const read = readJson(data, trace, connection);
        if (seen.has(read.id)) continue;
        seen.add(read.id);
        if (seen.size > MAX_REMEMBERED) for (const oldest of seen.values().take(1)) seen.delete(oldest);
        yield { type: event, trace: read };
      }
      if (event === "class") yield { type: event, ...readJson(data, classState, connection) };
      if (event === "gone") yield { type: event, ...readJson(data, gone, connection) };
      if (event === "missed") yield { type: event, count: readJson(data, missed, connection).count };
    }
  } finally {
    stopping.abort();
  }
}
