/**
 * Writes the reply of an operation, and the headers that every reply carries.
 */
import type { FastifyReply } from "fastify";

/**
 * The server answers with data, never with a page that may load, run or embed something; the few pages that it has set
 * a policy of their own. Nothing may be kept in a cache: it is somebody's mail.
 */
export const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

/** What an operation returned is sent as this. */
export const JSON_TYPE = "application/json; charset=utf-8";

/** Sends what an operation returned, as JSON. */
export function sendResult(reply: FastifyReply, result: object): void {
  const pieces = jsonOf(result).map((piece) => (typeof piece === "string" ? Buffer.from(piece) : piece));
  reply.header("content-type", JSON_TYPE).send(Buffer.concat(pieces));
}

/**
 * The JSON of a result, in pieces that follow on each other. A page of messages is JSON already, cut out of the journal: it
 * is put in its place as it is, and not copied again. The newline at the end is for people who use curl: their prompt
 * comes on a line of its own.
 */
export function jsonOf(result: object): (string | Buffer)[] {
  if (!("messages" in result) || !isPage(result.messages)) return [`${JSON.stringify(result)}\n`];
  const { messages, ...rest } = result;
  return [`${JSON.stringify(rest).slice(0, -1)},"messages":`, messages.json, "}\n"];
}

function isPage(value: unknown): value is { json: Buffer } {
  return typeof value === "object" && value !== null && "json" in value && Buffer.isBuffer(value.json);
}
