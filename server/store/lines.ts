/**
 * Reads a file line by line piece by piece, so that a file of any size needs little memory, and so that nobody waits long
 * for their turn meanwhile. Replay and compaction use it.
 */
import type { FileHandle } from "node:fs/promises";
import { NEWLINE } from "./record.ts";

/** About a thousand messages: a few milliseconds of work. */
const PIECE_BYTES = 256 * 1024;

/**
 * Calls `visit` with each line, its newline included, and the line's place in the file. What follows the last newline
 * comes as a line without one. The buffer is used again: who wants to keep a line must copy it.
 */
export async function visitLines(
  handle: FileHandle,
  visit: (line: Buffer, offset: number) => void | Promise<void>,
): Promise<void> {
  let piece = Buffer.allocUnsafe(PIECE_BYTES);
  /** Where in the file the piece begins, and how many bytes at its beginning are left from the piece before. */
  let offset = 0;
  let left = 0;
  for (;;) {
    // A line longer than a piece is no line of ours, but it must be read over: make room for it.
    if (left === piece.length) piece = Buffer.concat([piece], piece.length * 2);
    const { bytesRead } = await handle.read(piece, left, piece.length - left, offset + left);
    const end = left + bytesRead;
    let start = 0;
    for (;;) {
      const newline = piece.subarray(0, end).indexOf(NEWLINE, start);
      if (newline === -1) break;
      // Awaiting costs more than the visit itself, so it is done only where the visit has to wait.
      const done = visit(piece.subarray(start, newline + 1), offset + start);
      if (done !== undefined) await done;
      start = newline + 1;
    }
    left = end - start;
    if (bytesRead === 0) {
      if (left > 0) await visit(piece.subarray(start, end), offset + start);
      return;
    }
    piece.copyWithin(0, start, end);
    offset += start;
  }
}
