/**
 * Sends a stream, a reply that does not end. Fastify is done with the request here: frames go straight to Node's
 * response.
 */
import type { OutgoingHttpHeader, ServerResponse } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Stream } from "../../operations/stream-queue.ts";

/** Whether an operation has returned a stream. */
export function isStream(result: object): result is Stream {
  return "tell" in result;
}

/** Sends the headers of a stream, then lets the operation send its events. */
export function beginStream(request: FastifyRequest, reply: FastifyReply, stream: Stream): void {
  const outlet = beginEventStream(request, reply);
  if (outlet === undefined) return;
  const requestId = request.id;
  stream.tell(outlet).catch((error: unknown) => {
    reply.log.error({ requestId, error }, "A stream failed");
    outlet.destroy();
  });
}

/**
 * Sends the headers of a stream. Streams are always in UTF-8, but some clients take text without a `charset` for
 * Latin-1. @returns where to write its frames, or undefined for a HEAD request.
 */
export function beginEventStream(request: FastifyRequest, reply: FastifyReply): ServerResponse | undefined {
  reply.hijack();
  const { raw: response } = reply;
  const headers: OutgoingHttpHeader[] = ["content-type", "text/event-stream; charset=utf-8"];
  // Otherwise nginx would hold events back until its buffer is full.
  headers.push("x-accel-buffering", "no");
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) headers.push(name, value);
  // Node writes a list of headers without keeping it. Set one by one, they would stay in memory with the open stream.
  response.writeHead(200, headers);
  response.flushHeaders();
  if (request.method !== "HEAD") return response;
  response.end();
  return undefined;
}
