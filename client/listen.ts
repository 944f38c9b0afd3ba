/**
 * Listens to a queue: every event comes once and in order, however often the connection breaks.
 */
import { events } from "./reply-shapes.ts";
import { type Connection, readJson } from "./request.ts";
import { type StreamOptions, stayConnected } from "./stay-connected.ts";
import type { Box, ChatEvent, Credentials, Message } from "./types.ts";

export interface ListenOptions extends StreamOptions {
  /** The default is "received". */
  box?: Box | undefined;
  /** Start with the messages in the queue that have a greater id. */
  after?: number | undefined;
  /** Continue after this event. */
  lastEventId?: number | undefined;
}

/** @throws {ChatError} when the server refuses, for example because the user has left. */
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
  const stream = { ...options, beginsAtOnce: true };
  for await (const { id, event, data } of stayConnected(connection, request, lastEventId?.toString(), stream)) {
    // An event of an unknown kind is skipped: the server may be newer than this client.
    if (!Object.hasOwn(events, event)) continue;
    const type = event as ChatEvent["type"];
    yield eventOf(type, readJson(data, events[type], connection), Number(id));
  }
}

/** @param fields of the right shape for this type. @param eventId not a number if there is none. */
function eventOf(type: ChatEvent["type"], fields: object, eventId: number): ChatEvent {
  if (type === "message" || type === "edit") {
    // A message that was already in the queue has an id of two numbers, and is not an event.
    return { type, ...(Number.isInteger(eventId) && { eventId }), message: fields as Message };
  }
  if (type === "class") return { ...fields, type };
  return { ...fields, type, eventId } as ChatEvent;
}
