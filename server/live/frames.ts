/**
 * Makes the frames of server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html. A frame is a
 * few lines `field: value` and an empty line. Our JSON has no line breaks, so it fits in one `data` line.
 */
import type { ChatEvent } from "../store/contract.ts";

/** How long a client should wait before it reconnects, in milliseconds. */
const RETRY_MILLISECONDS = 1_000;

/** An event. A client sends its id as `Last-Event-ID` when it reconnects. */
export function eventFrame({ eventId, type, json }: ChatEvent): Buffer {
  return Buffer.from(`id: ${eventId}\nevent: ${type}\ndata: ${json}\n\n`);
}

/**
 * A message from the queue, sent before the stream gets to new events. Its id says after which message to resume in the
 * queue, and after which event to go on then: the client must also learn what happened to the messages it already has.
 */
export function queueFrame(json: string, { eventId, messageId }: { eventId: number; messageId: number }): Buffer {
  return Buffer.from(`id: ${eventId}-${messageId}\nevent: message\ndata: ${json}\n\n`);
}

/**
 * Says how far the stream has come, and nothing else. Clients get no event from a frame without data, but remember its
 * id. It is also the heartbeat, so that a client with quiet boxes does not fall behind the events the server remembers.
 */
export function positionFrame(eventId: number): Buffer {
  return Buffer.from(`id: ${eventId}\n\n`);
}

/** The heartbeat of a stream that is still catching up: a comment, which clients ignore. */
export const COMMENT_FRAME = Buffer.from(":\n\n");

/** The first frame of each stream. */
export function openingFrame(): Buffer {
  return Buffer.from(`retry: ${RETRY_MILLISECONDS}\n\n`);
}

/**
 * Tells a member of a class what holds for them now. It has no id: it is not in the journal, and a client that comes back
 * hears it again anyway.
 */
export function classFrame(json: string): Buffer {
  return Buffer.from(`event: class\ndata: ${json}\n\n`);
}

/** Tells the client that the server no longer knows all events since its last one: it must read the queue again. */
export function resetFrame(eventId: number): Buffer {
  return Buffer.from(`id: ${eventId}\nevent: reset\ndata: {}\n\n`);
}
