/**
 * Server-sent events as bytes: https://html.spec.whatwg.org/multipage/server-sent-events.html. A frame is a few lines
 * `field: value` and an empty line. JSON has no line breaks of its own, so one `data` line holds it.
 */
import type { ChatEvent } from "../store/contract.ts";

/** So long a client should wait before it comes back, in milliseconds. */
const RETRY_MILLISECONDS = 1_000;

/** An event. Its id is what a client sends as `Last-Event-ID` when it comes back. */
export function eventFrame({ eventId, type, json }: ChatEvent): Buffer {
  return Buffer.from(`id: ${eventId}\nevent: ${type}\ndata: ${json}\n\n`);
}

/**
 * A message out of the queue, as it is told before the stream comes to what happens. Its id says where to go on in the
 * queue, and behind which event then: whatever happens to the messages told before must not be missed either.
 */
export function queueFrame(json: string, { eventId, messageId }: { eventId: number; messageId: number }): Buffer {
  return Buffer.from(`id: ${eventId}-${messageId}\nevent: message\ndata: ${json}\n\n`);
}

/**
 * Says how far the stream is, and nothing else: a frame without data makes no event, but its id counts. It is the
 * heartbeat, too, so that a client in whose boxes nothing happens does not fall behind what the server still knows.
 */
export function positionFrame(eventId: number): Buffer {
  return Buffer.from(`id: ${eventId}\n\n`);
}

/** The heartbeat of a stream that is not yet where things happen. Clients take no notice of a comment. */
export const COMMENT_FRAME = Buffer.from(":\n\n");

/** The first frame of each stream. */
export function openingFrame(): Buffer {
  return Buffer.from(`retry: ${RETRY_MILLISECONDS}\n\n`);
}

/** The server does not know any more what has happened since the client was here: it must read the queue again. */
export function resetFrame(eventId: number): Buffer {
  return Buffer.from(`id: ${eventId}\nevent: reset\ndata: {}\n\n`);
}
