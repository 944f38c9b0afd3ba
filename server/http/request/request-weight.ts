/**
 * Estimates how much memory a request takes while it waits: for its turn, or for something to happen. The estimate must
 * not be far below the truth, or a client could send many requests of the kind for which it is wrong.
 */
import type { IncomingMessage } from "node:http";

/** Enough for the longest message, even with every character written as \uXXXX\uXXXX. */
export const MAX_BODY_BYTES = 64 * 1024;
/** The objects that Node makes of every request and its response. */
const REQUEST_BYTES = 4096;
/** What a string costs besides its characters. Headers of two characters are mostly that. */
const STRING_BYTES = 64;

/** @returns an estimate in bytes of a request without its body. */
export function weightOfHead({ rawHeaders, url = "" }: IncomingMessage): number {
  let bytes = REQUEST_BYTES + url.length;
  for (const text of rawHeaders) bytes += STRING_BYTES + text.length;
  return bytes;
}

/** @returns an estimate in bytes of a whole request, also if its body has not arrived yet. */
export function weightOf(request: IncomingMessage): number {
  const { headers } = request;
  const length = isChunked(request) ? MAX_BODY_BYTES : Number(headers["content-length"] ?? 0);
  return weightOfHead(request) + Math.min(length, MAX_BODY_BYTES);
}

/** Whether the length of the body is not known before its end. */
export function isChunked({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined;
}
