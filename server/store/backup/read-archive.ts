/**
 * Reads a backup entry by entry, a tar.gz or a plain tar, without writing anything and without holding more than a piece
 * of it in memory. A small file can hold gigabytes, so unpack-backup.ts, which calls this, can stop at any moment.
 */
import { type FileHandle, open } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { Parser, type ReadEntry } from "tar";
import { codeOf, isCode } from "../error-code.ts";
import type { Paths } from "../files/paths.ts";
import { type Place, Places } from "./archive-entries.ts";
import { BLOCK_BYTES, isCompressed, mustBeTar } from "./archive-kind.ts";
import type { Progress } from "./backup.ts";
import { RefusedBackup } from "./refused-backup.ts";

/** A file begins, or these are its next bytes. */
export type ArchivePart = FileStart | Buffer;

export interface FileStart extends Place {
  size: number;
}

/**
 * @param staged the folder to unpack into.
 * @throws {Error} with a message for the person at the terminal. A wrong checksum shows only at the end.
 */
export async function* readArchive(file: string, staged: Paths, progress: Progress): AsyncGenerator<ArchivePart> {
  const handle = await open(file).catch((error) => {
    throw new Error(isCode(error, "ENOENT") ? `There is no file ${file}` : `${file} cannot be read`);
  });
  try {
    yield* readEntries(await unpacked(handle, progress), new Places(staged));
  } catch (error) {
    throw new Error(`${file} ${sentenceFor(error)}`, { cause: error });
  } finally {
    await handle.close();
  }
}

/** @returns the bytes of the tar. */
async function unpacked(handle: FileHandle, progress: Progress): Promise<AsyncIterable<Buffer>> {
  const { size } = await handle.stat();
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(BLOCK_BYTES), 0, BLOCK_BYTES, 0);
  const isGzip = isCompressed(buffer.subarray(0, bytesRead));
  const input = handle.createReadStream({ start: 0, autoClose: false });
  let read = 0;
  input.on("data", (piece) => {
    read += piece.length;
    progress(read, size);
  });
  // The reader of the last stream gets the errors of both.
  return isGzip ? pipeline(input, createGunzip(), () => {}) : input;
}

async function* readEntries(tar: AsyncIterable<Buffer>, places: Places): AsyncGenerator<ArchivePart> {
  let found: ArchivePart[] = [];
  let isAtEnd = false;
  // Nothing listens to its errors, so write() throws them.
  const parser = new Parser({ strict: true, zstd: false });
  const onEntry = (entry: ReadEntry) => {
    const place = places.of(entry);
    if (place === undefined) return entry.resume();
    found.push({ ...place, size: entry.size });
    return entry.on("data", (piece: Buffer) => found.push(piece));
  };
  parser.on("entry", onEntry);
  // The parser skips what it does not know, such as files with holes. But then something would be missing.
  parser.on("ignoredEntry", onEntry);
  parser.on("eof", () => {
    isAtEnd = true;
  });
  let head = Buffer.alloc(0);
  for await (const piece of tar) {
    // The parser would keep all that comes after the end. Read on without it: the checksum comes last.
    if (isAtEnd) continue;
    if (head.length >= BLOCK_BYTES) parser.write(piece);
    else {
      head = Buffer.concat([head, piece]);
      if (head.length < BLOCK_BYTES) continue;
      mustBeTar(head);
      parser.write(head);
    }
    yield* found;
    found = [];
  }
  if (head.length < BLOCK_BYTES) mustBeTar(head);
  if (!isAtEnd) throw RefusedBackup.cutOff();
}

function sentenceFor(error: unknown): string {
  if (error instanceof RefusedBackup) return error.message;
  // zlib's code when its input ends too early.
  if (isCode(error, "Z_BUF_ERROR")) return RefusedBackup.cutOff().message;
  const isContent = /^(?:Z|TAR)_/.test(codeOf(error) ?? "");
  return isContent ? "is damaged: some of its bytes have changed since it was written" : "cannot be read";
}
