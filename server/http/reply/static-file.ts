/**
 * Sends a file that does not change while the server runs: compressed for browsers that accept gzip, and not again to a
 * browser that already has it. The routes of the page and of the API reference call it.
 */
import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";

export interface StaticFile {
  /** The value of `Content-Type`. */
  type: string;
  /** The text as bytes: a text would be turned into bytes again for each client, and kept until the client has it. */
  plain: Uint8Array;
  /** The text with gzip, which browsers accept on plain http, too. */
  compressed: Uint8Array;
  /** The value of `ETag`. A browser that has the file sends it back as `If-None-Match`. */
  tag: string;
}

/** Whether a client accepts gzip. With `q=0` it says that it does not. */
const ACCEPTS_GZIP = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i;

/** Replies whose bytes are the same for all clients. As long as nobody takes them, they cost no memory. */
const shared = new WeakSet<ServerResponse>();

export function isShared(response: ServerResponse): boolean {
  return shared.has(response);
}

/** @param compressed the text with gzip. */
export function staticFile(type: string, text: string | Buffer, compressed: Uint8Array): StaticFile {
  return { type, plain: typeof text === "string" ? Buffer.from(text) : text, compressed, tag: tagOf(text) };
}

/**
 * @returns the `ETag` for a text: equal texts have equal tags. It is weak (`W/`), because the compressed file and the
 * plain one share it, and a cache must not take the bytes of one for those of the other.
 */
function tagOf(text: string | Buffer): string {
  return `W/"${createHash("sha256").update(text).digest("base64url")}"`;
}

export function sendStaticFile(request: FastifyRequest, reply: FastifyReply, file: StaticFile): FastifyReply {
  const { type, plain, compressed, tag } = file;
  reply.headers({ etag: tag, "cache-control": "no-cache", vary: "accept-encoding, origin" });
  if (has(request.headers["if-none-match"], tag)) return reply.code(304).send();
  const isCompressed = ACCEPTS_GZIP.test(request.headers["accept-encoding"] ?? "");
  if (isCompressed) reply.header("content-encoding", "gzip");
  const { buffer, byteOffset, byteLength } = isCompressed ? compressed : plain;
  shared.add(reply.raw);
  return reply.type(type).send(Buffer.from(buffer, byteOffset, byteLength));
}

/** Whether a client says that it has the file: `*`, or a list of tags, in which `W/` makes no difference. */
function has(ifNoneMatch = "", tag: string): boolean {
  const tags = ifNoneMatch.split(",").map((each) => each.trim().replace(/^W\//, ""));
  return tags.includes("*") || tags.includes(tag.replace(/^W\//, ""));
}
