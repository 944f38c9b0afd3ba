/**
 * Writes the result of an operation as JSON. It also has the headers that every reply of the server gets.
 */
import type { ServerResponse } from "node:http";
import type { FastifyReply } from "fastify";
import { LONG_REPLY_BYTES } from "./reply-turn.ts";

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

/** What is sent one after the other. */
type Pieces = (string | Buffer)[];

/** Sends the result of an operation through Fastify. @throws what jsonOf() throws: nothing is sent then. */
export async function sendResult(reply: FastifyReply, result: object): Promise<void> {
  // The client has hung up. Its page would be made for nobody.
  if (reply.raw.destroyed) {
    reply.send("");
    return;
  }
  const pieces = (await jsonOf(result)).map((piece) => (typeof piece === "string" ? Buffer.from(piece) : piece));
  const body = Buffer.concat(pieces);
  freeLong(pieces);
  if (bytesOf(result) >= LONG_REPLY_BYTES) freeAtClose(reply.raw, [body]);
  reply.header("content-type", JSON_TYPE).send(body);
}

/**
 * The JSON of a result, in pieces to send one after the other. A page of messages makes its own JSON, cut out of the
 * journal, which is not copied again. Send it at once: it may be 3 MiB long. The newline at the end is for people who
 * use curl: their prompt starts on a new line.
 * @throws {DatabaseAwayError} if a long page must be read from a database, and that is away.
 */
export function jsonOf(result: object): Pieces | Promise<Pieces> {
  if (!("messages" in result) || !isPage(result.messages)) return [`${JSON.stringify(result)}\n`];
  const { messages, ...rest } = result;
  const around = (page: Buffer) => [`${JSON.stringify(rest).slice(0, -1)},"messages":`, page, "}\n"];
  const { json } = messages;
  return json instanceof Promise ? json.then(around) : around(json);
}

/**
 * Frees the memory of long pieces as soon as they are sent. The garbage collector may find them much later, and if many
 * clients ask for long pages, they fill the memory until then.
 */
export function freeAtClose(response: ServerResponse, pieces: (string | Buffer)[]): void {
  response.once("close", () => freeLong(pieces));
}

function freeLong(pieces: (string | Buffer)[]): void {
  for (const piece of pieces) {
    if (typeof piece !== "string" && piece.length >= LONG_REPLY_BYTES) (piece.buffer as ArrayBuffer).transfer(0);
  }
}

/** @returns about how many bytes a page has, and 0 for every other result: those are short. */
export function bytesOf(result: object): number {
  return "messages" in result && isPage(result.messages) ? result.messages.bytes : 0;
}

function isPage(value: unknown): value is { bytes: number; json: Buffer | Promise<Buffer> } {
  return typeof value === "object" && value !== null && "json" in value;
}
