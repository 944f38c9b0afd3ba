/**
 * The newest bytes of the journal's files, kept in memory as they were written. When somebody writes over a file by
 * hand, the disk no longer has what was there, and this is where it is put back from. A class needs weeks to write more
 * than fits in here; of a longer journal, the oldest bytes are let go.
 */
import type { JournalFile } from "./journal-file.ts";
import { NEWLINE } from "./record.ts";

/** About 30,000 messages. */
const MAX_BYTES = 8 * 1024 * 1024;
/** How much memory is asked for at once, and how much of a file is read at once to compare it. */
const PIECE_BYTES = 256 * 1024;
const NOTHING = Buffer.alloc(0);

/** The end of a file: everything from `start` on. */
interface End {
  start: number;
  pieces: Buffer[];
  bytes: number;
  /** What is free of the memory that the last piece lies in, right behind it. */
  room: Buffer;
}

export class RecentBytes {
  readonly #ends = new Map<number, End>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes = MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Adds what was appended to a file. It is copied into large pieces: a thousand small buffers that live long made the
   * garbage collector work twice as much.
   */
  add(number: number, offset: number, bytes: Buffer): void {
    let end = this.#ends.get(number);
    if (end === undefined) {
      end = { start: offset, pieces: [], bytes: 0, room: NOTHING };
      this.#ends.set(number, end);
    }
    for (let copied = 0; copied < bytes.length; ) copied += copyInto(end, bytes.subarray(copied));
    end.bytes += bytes.length;
    this.#bytes += bytes.length;
    while (this.#bytes > this.#maxBytes) this.#letGoOldest();
  }

  /** The end of a file that is known, as one buffer, from the beginning of a line on. */
  endOf(number: number): { start: number; bytes: Buffer } | undefined {
    const end = this.#ends.get(number);
    if (end === undefined) return undefined;
    const bytes = Buffer.concat(end.pieces);
    setPiece(end, bytes);
    const lineStart = end.start === 0 ? 0 : bytes.indexOf(NEWLINE) + 1;
    return { start: end.start + lineStart, bytes: bytes.subarray(lineStart) };
  }

  /** Whether a file holds what is known of its end. What is appended during the reading is left for the next time. */
  async isIn(file: JournalFile): Promise<boolean> {
    const end = this.#ends.get(file.number);
    if (end === undefined) return true;
    const pieces = [...end.pieces];
    const buffer = Buffer.allocUnsafe(PIECE_BYTES);
    let read = buffer.subarray(0, 0);
    let offset = end.start;
    for (const piece of pieces) {
      for (let at = 0; at < piece.length; ) {
        if (read.length === 0) read = buffer.subarray(0, await file.readInto(buffer, offset));
        const length = Math.min(read.length, piece.length - at);
        if (length === 0 || !read.subarray(0, length).equals(piece.subarray(at, at + length))) return false;
        read = read.subarray(length);
        at += length;
        offset += length;
      }
    }
    return true;
  }

  /** Takes back bytes that were added last: they are not in the file after all. */
  takeBack(number: number, length: number): void {
    const end = this.#ends.get(number);
    if (end === undefined) return;
    const bytes = Buffer.concat(end.pieces);
    const kept = bytes.subarray(0, Math.max(0, bytes.length - length));
    setPiece(end, kept);
    end.bytes = kept.length;
    this.#bytes -= bytes.length - kept.length;
  }

  /** Forgets a file that is gone or was written again. */
  forget(number: number): void {
    this.#bytes -= this.#ends.get(number)?.bytes ?? 0;
    this.#ends.delete(number);
  }

  /** Reads what is to be kept of a file that was written again: as much of its end as was kept of it before. */
  async readEnd(file: JournalFile): Promise<Buffer> {
    const length = Math.min(file.bytes, this.#ends.get(file.number)?.bytes ?? 0);
    return file.read(file.bytes - length, length);
  }

  /** Reads the ends of files, the newest first, until there is no more room. The files must be known to be right. */
  async load(files: Iterable<JournalFile>): Promise<void> {
    for (const file of [...files].reverse()) {
      const length = Math.min(file.bytes, this.#maxBytes - this.#bytes);
      if (length > 0) this.add(file.number, file.bytes - length, await file.read(file.bytes - length, length));
    }
  }

  #letGoOldest(): void {
    const oldest = Math.min(...this.#ends.keys());
    const end = this.#ends.get(oldest);
    const piece = end?.pieces[0];
    if (end === undefined || piece === undefined) {
      this.#ends.delete(oldest);
      return;
    }
    const length = Math.min(piece.length, this.#bytes - this.#maxBytes);
    if (length < piece.length) end.pieces[0] = piece.subarray(length);
    else end.pieces.shift();
    end.start += length;
    end.bytes -= length;
    this.#bytes -= length;
  }
}

/**
 * Copies as many bytes as there is room for behind the last piece. The first piece of a file gets no room: at the start
 * each file gets one, and only the newest file gets more. @returns how many bytes were copied.
 */
function copyInto(end: End, bytes: Buffer): number {
  if (end.room.length === 0) {
    end.room = Buffer.allocUnsafeSlow(end.pieces.length === 0 ? bytes.length : PIECE_BYTES);
    end.pieces.push(end.room.subarray(0, 0));
  }
  const last = end.pieces.pop() ?? end.room.subarray(0, 0);
  const length = bytes.copy(end.room);
  end.pieces.push(Buffer.from(last.buffer, last.byteOffset, last.length + length));
  end.room = end.room.subarray(length);
  return length;
}

function setPiece(end: End, piece: Buffer): void {
  end.pieces = [piece];
  end.room = NOTHING;
}
