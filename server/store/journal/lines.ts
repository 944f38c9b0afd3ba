/**
 * Reads a file line by line piece by piece, so that a file of any size needs little memory, and so that nobody waits long
 * for their turn meanwhile. Replay and compaction use it.
 */
import { type FileHandle, open } from "node:fs/promises";
import { NEWLINE } from "./record.ts";

/** About a thousand messages: a few milliseconds of work. */
const PIECE_BYTES = 256 * 1024;

/**
 * Calls `visit` with each line, its newline included, and the line's place in the file. What follows the last newline
 * comes as a line without one. Only the first `bytes` of the file are read. The buffer is used again: who wants to keep a line must copy it.
 */
export async function visitLines(
  handle: FileHandle,
  visit: (line: Buffer, offset: number) => void | Promise<void>,
  bytes = Number.POSITIVE_INFINITY,
): Promise<void> {
  let piece = Buffer.allocUnsafe(PIECE_BYTES);
  /** Where in the file the piece begins, and how many bytes at its beginning are left from the piece before. */
  let offset = 0;
  let left = 0;
  for (;;) {
    // A line longer than a piece is no line of ours, but it must be read over: make room for it.
    if (left === piece.length) piece = Buffer.concat([piece], piece.length * 2);
    const room = Math.min(piece.length - left, bytes - offset - left);
    const { bytesRead } = await handle.read(piece, left, room, offset + left);
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

/** Opens a file and calls `visit` with each line, as above. */
export async function visitLinesOf(path: string, visit: (line: Buffer, offset: number) => void): Promise<void> {
  const handle = await open(path, "r");
  try {
    await visitLines(handle, visit);
  } finally {
    await handle.close();
  }
}
