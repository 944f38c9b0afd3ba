/**
 * Sends a stream: a reply that does not end. From here on the frames go past Fastify, which has done its part.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Stream } from "../operations/stream-queue.ts";

/** Whether an operation has returned a stream. */
export function isStream(result: object): result is Stream {
  return "tell" in result;
}

/** Sends the headers, and lets the client be told. */
export function beginStream(request: FastifyRequest, reply: FastifyReply, stream: Stream): void {
  reply.hijack();
  const { raw: response, log } = reply;
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) response.setHeader(name, value);
  }
  response.setHeader("content-type", "text/event-stream");
  // nginx would keep events back until it has a page full of them.
  response.setHeader("x-accel-buffering", "no");
  response.flushHeaders();
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  const requestId = request.id;
  stream.tell(response).catch((error: unknown) => {
    log.error({ requestId, error }, "A stream failed");
    response.destroy();
  });
}
