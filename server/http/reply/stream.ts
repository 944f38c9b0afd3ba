/**
 * Sends a stream: a reply that does not end. From here on the frames go past Fastify, which has done its part.
 */
import type { OutgoingHttpHeader, ServerResponse } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Stream } from "../../operations/stream-queue.ts";

/** Whether an operation has returned a stream. */
export function isStream(result: object): result is Stream {
  return "tell" in result;
}

/** Begins a stream, and lets the client be told. */
export function beginStream(request: FastifyRequest, reply: FastifyReply, stream: Stream): void {
  const outlet = beginEventStream(request, reply);
  if (outlet === undefined) return;
  const requestId = request.id;
  stream.tell(outlet).catch((error: unknown) => {
    reply.log.error({ requestId, error }, "A stream failed");
    outlet.destroy();
  });
}

/** Sends the headers of a stream. @returns where its frames go, or undefined for a HEAD, which wants none. */
export function beginEventStream(request: FastifyRequest, reply: FastifyReply): ServerResponse | undefined {
  reply.hijack();
  const { raw: response } = reply;
  const headers: OutgoingHttpHeader[] = ["content-type", "text/event-stream"];
  // nginx would keep events back until it has a page full of them.
  headers.push("x-accel-buffering", "no");
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) headers.push(name, value);
  // As a list they are written and forgotten; set one by one they would be kept for as long as the stream is open.
  response.writeHead(200, headers);
  response.flushHeaders();
  if (request.method !== "HEAD") return response;
  response.end();
  return undefined;
}
