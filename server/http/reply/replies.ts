/**
 * Writes the result of an operation as JSON. It also has the headers that every reply of the server gets.
 */
import type { FastifyReply } from "fastify";

/**
 * Replies are data, so a browser must not load, run or embed anything because of them. The few pages set their own
 * policy. No cache may keep a reply, because it contains private messages.
 */
export const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

/** The `Content-Type` of an operation's result. */
export const JSON_TYPE = "application/json; charset=utf-8";

/** Sends the result of an operation through Fastify. */
export function sendResult(reply: FastifyReply, result: object): void {
  const pieces = jsonOf(result).map((piece) => (typeof piece === "string" ? Buffer.from(piece) : piece));
  reply.header("content-type", JSON_TYPE).send(Buffer.concat(pieces));
}

/**
 * The JSON of a result, in pieces to send one after the other. A page of messages is already JSON, cut out of the
 * journal, so it is used as it is and not copied again. The newline at the end is for people who use curl: their prompt
 * starts on a new line.
 */
export function jsonOf(result: object): (string | Buffer)[] {
  if (!("messages" in result) || !isPage(result.messages)) return [`${JSON.stringify(result)}\n`];
  const { messages, ...rest } = result;
  return [`${JSON.stringify(rest).slice(0, -1)},"messages":`, messages.json, "}\n"];
}

function isPage(value: unknown): value is { json: Buffer } {
  return typeof value === "object" && value !== null && "json" in value && Buffer.isBuffer(value.json);
}
