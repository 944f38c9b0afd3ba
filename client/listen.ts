/**
 * Listens to a queue: every event comes once and in order, however often the connection breaks meanwhile.
 */
import type { Connection } from "./request.ts";
import { type StreamOptions, stayConnected } from "./stay-connected.ts";
import type { Box, ChatEvent, Credentials, Message } from "./types.ts";

export interface ListenOptions extends StreamOptions {
  /** "received", where it is not given. */
  box?: Box | undefined;
  /** Begin with the messages in the queue that have a greater id. */
  after?: number | undefined;
  /** Go on behind this event. */
  lastEventId?: number | undefined;
}

/** @throws {ChatError} when the server refuses, for instance because the user has left. */
export async function* listen(
  connection: Connection,
  credentials: Credentials | undefined,
  { box, after, lastEventId, ...options }: ListenOptions,
): AsyncGenerator<ChatEvent, void, void> {
  const request = {
    method: "GET",
    path: "/api/v1/chat/stream",
    credentials,
    inputs: { box, after },
    isRepeatable: true,
  } as const;
  for await (const { id, event, data } of stayConnected(connection, request, lastEventId?.toString(), options)) {
    const told = eventIn(event, data, id);
    if (told !== undefined) yield told;
  }
}

/** An event of a kind that this client does not know is left out: the server may be a newer one. */
function eventIn(type: string, data: string, id: string | undefined): ChatEvent | undefined {
  const fields = JSON.parse(data);
  const eventId = Number(id);
  if (type === "message" || type === "edit") {
    // What was in the queue already has an id of two numbers, and is no event.
    return { type, ...(Number.isInteger(eventId) && { eventId }), message: fields as Message };
  }
  if (type === "delete" || type === "leave" || type === "reset") return { type, eventId, ...fields };
  return undefined;
}
