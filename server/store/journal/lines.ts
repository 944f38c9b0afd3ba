/**
 * Reads a journal file line by line. It reads one piece after the other, so a file of any size needs little memory, and
 * other work gets its turn in between. Recovery, compaction, backup, restore and `plainchat doctor` go through files
 * with it.
 */
import { type FileHandle, open } from "node:fs/promises";
import { decodeRecord, type JournalRecord, NEWLINE } from "./record.ts";

/** About a thousand messages: a few milliseconds of work. */
const PIECE_BYTES = 256 * 1024;

/** No line of the journal is longer. */
export const MAX_LINE_BYTES = 256 * 1024;

/** What to do with the lines of a file. A line's buffer is used again afterwards: copy it to keep it. */
interface LineVisitor {
  /** A line that is exactly what was once written. */
  onRecord: (record: JournalRecord, line: Buffer, offset: number) => void | Promise<void>;
  /** Any other line. */
  onBad: (line: Buffer, offset: number) => void;
}

/**
 * Calls `onRecord` or `onBad` for each line of a journal file, in order.
 * @param source the path of the file, or a handle, which stays open.
 * @param bytes only this many bytes at the beginning of the file are read.
 */
export async function visitRecords(
  source: string | FileHandle,
  { onRecord, onBad }: LineVisitor,
  bytes?: number,
): Promise<void> {
  const handle = typeof source === "string" ? await open(source, "r") : source;
  try {
    await visitLines(
      handle,
      (line, offset) => {
        const record = decodeRecord(line);
        return record === undefined ? onBad(line, offset) : onRecord(record, line, offset);
      },
      bytes,
    );
  } finally {
    if (handle !== source) await handle.close();
  }
}

/**
 * Calls `visit` with each line, its newline included, and the line's place in the file. If the file does not end with a
 * newline, the rest comes as a line without one. The buffer is used again afterwards: copy a line to keep it.
 * @param bytes only this many bytes at the beginning of the file are read.
 */
export async function visitLines(
  handle: FileHandle,
  visit: (line: Buffer, offset: number) => void | Promise<void>,
  bytes = Number.POSITIVE_INFINITY,
): Promise<void> {
  let piece = Buffer.allocUnsafe(PIECE_BYTES);
  /** Where the piece begins in the file, and how many bytes at its beginning are left from the piece before. */
  let offset = 0;
  let left = 0;
  for (;;) {
    // A line longer than a piece is none of ours, but it has to be read to get past it: make room.
    if (left === piece.length) piece = Buffer.concat([piece], piece.length * 2);
    const room = Math.min(piece.length - left, bytes - offset - left);
    const { bytesRead } = await handle.read(piece, left, room, offset + left);
    const end = left + bytesRead;
    let start = 0;
    for (;;) {
      const newline = piece.subarray(0, end).indexOf(NEWLINE, start);
      if (newline === -1) break;
      // An await costs more than the visit itself, so there is one only where the visit has to wait.
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

/** The same for lines that are in memory. @param from where in the file they begin. */
export async function visitLinesOf(
  lines: Buffer,
  from: number,
  visit: (line: Buffer, offset: number) => void | Promise<void>,
): Promise<void> {
  for (let start = 0; start < lines.length; ) {
    const newline = lines.indexOf(NEWLINE, start);
    const end = newline === -1 ? lines.length : newline + 1;
    const done = visit(lines.subarray(start, end), from + start);
    if (done !== undefined) await done;
    start = end;
  }
}
