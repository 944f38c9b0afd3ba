/**
 * Watches what the server does with everybody's requests, in class mode. Other than a queue, this is not gone through
 * again after the connection broke: what happened meanwhile is over.
 */
import type { Connection } from "./request.ts";
import { type StreamOptions, stayConnected } from "./stay-connected.ts";
import type { ClassEvent } from "./trace.ts";

/** @throws {ChatError} 404 when the server is not in class mode. */
export async function* watchRequests(
  connection: Connection,
  options: StreamOptions,
): AsyncGenerator<ClassEvent, void, void> {
  const request = { method: "GET", path: "/api/v1/explain", isRepeatable: true } as const;
  for await (const { event, data } of stayConnected(connection, request, undefined, options)) {
    if (event === "trace") yield { type: event, trace: JSON.parse(data) };
    if (event === "missed") yield { type: event, ...JSON.parse(data) };
  }
}
