/**
 * Sends a file that does not change while the server runs: compressed for browsers that accept gzip, and not again to a
 * browser that already has it. The routes of the page and of the API reference call it.
 */
import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";

export interface StaticFile {
  /** The value of `Content-Type`. */
  type: string;
  text: string;
  /** The text with gzip, which browsers accept on plain http, too. */
  compressed: Uint8Array;
  /** The value of `ETag`. A browser that has the file sends it back as `If-None-Match`. */
  tag: string;
}

/** Whether a client accepts gzip. With `q=0` it says that it does not. */
const ACCEPTS_GZIP = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i;

/**
 * @returns the `ETag` for a text: equal texts have equal tags. It is weak (`W/`), because the compressed file and the
 * plain one share it, and a cache must not take the bytes of one for those of the other.
 */
export function tagOf(text: string): string {
  return `W/"${createHash("sha256").update(text).digest("base64url")}"`;
}

export function sendStaticFile(request: FastifyRequest, reply: FastifyReply, file: StaticFile): FastifyReply {
  const { type, text, compressed, tag } = file;
  reply.headers({ etag: tag, "cache-control": "no-cache", vary: "accept-encoding, origin" });
  if (has(request.headers["if-none-match"], tag)) return reply.code(304).send();
  reply.type(type);
  if (!ACCEPTS_GZIP.test(request.headers["accept-encoding"] ?? "")) return reply.send(text);
  const { buffer, byteOffset, byteLength } = compressed;
  return reply.header("content-encoding", "gzip").send(Buffer.from(buffer, byteOffset, byteLength));
}

/** Whether a client says that it has the file: `*`, or a list of tags, in which `W/` makes no difference. */
function has(ifNoneMatch = "", tag: string): boolean {
  const tags = ifNoneMatch.split(",").map((each) => each.trim().replace(/^W\//, ""));
  return tags.includes("*") || tags.includes(tag.replace(/^W\//, ""));
}
