/**
 * Tells from a file's first bytes whether it can be a backup, and otherwise what it is. A browser may unpack the gzip of
 * a download, so a plain tar is a backup, too. unpack-backup.ts asks before it unpacks anything.
 */
import type { FileHandle } from "node:fs/promises";
import { RefusedBackup } from "./refused-backup.ts";

/** A tar consists of blocks of this size. Two blocks of zeros are its end. */
const BLOCK_BYTES = 512;
const CHECKSUM = { at: 148, length: 8 };

const GZIP = "1f8b";

/** What else people take for a backup, by the first bytes in hex. */
const OTHER_KINDS: [start: string, what: string][] = [
  ["504b03", "it is a zip file. Unpack it, and pack its folders again with: tar -czf backup.tar.gz users messages"],
  ["fd377a585a00", "it is packed with xz. Unpack it with xz -d first"],
  ["425a68", "it is packed with bzip2. Unpack it with bzip2 -d first"],
  ["28b52ffd", "it is packed with zstd. Unpack it with zstd -d first"],
  [
    "377abcaf271c",
    "it is a 7z file. Unpack it, and pack its folders again with: tar -czf backup.tar.gz users messages",
  ],
  [hex('{"op"'), "it is a file of the journal. A backup has all files, in one tar.gz"],
  [hex("<"), "it is a web page. Was the download an error message?"],
];

/** @returns whether the file is compressed. @throws {RefusedBackup} when it is neither gzip nor a tar. */
export async function isCompressed(handle: FileHandle): Promise<boolean> {
  const head = await readBlock(handle, 0);
  if (head.length === 0) throw new RefusedBackup("is not a plainchat backup", "it is empty");
  const start = head.toString("hex");
  if (start.startsWith(GZIP)) return true;
  if (isTarHeader(head)) return false;
  const [, what] = OTHER_KINDS.find(([each]) => start.startsWith(each)) ?? [];
  throw new RefusedBackup("is not a plainchat backup", what ?? "it is not a tar.gz file");
}

/** Checks the beginning and the end of a tar, whose entries tell only of themselves. @throws {RefusedBackup} */
export async function mustBeWholeTar(handle: FileHandle): Promise<void> {
  const head = await readBlock(handle, 0);
  if (head.toString("hex").startsWith(GZIP)) {
    throw new RefusedBackup("is not a plainchat backup", "it is packed twice. Unpack it once with gzip -d");
  }
  if (!isTarHeader(head))
    throw new RefusedBackup("is not a plainchat backup", "what is packed in it is not a tar file");
  const { size } = await handle.stat();
  for (const block of [1, 2]) {
    const bytes = await readBlock(handle, size - block * BLOCK_BYTES);
    if (bytes.length < BLOCK_BYTES || bytes.some((byte) => byte !== 0)) throw RefusedBackup.cutOff();
  }
}

async function readBlock(handle: FileHandle, position: number): Promise<Buffer> {
  if (position < 0) return Buffer.alloc(0);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(BLOCK_BYTES), 0, BLOCK_BYTES, position);
  return buffer.subarray(0, bytesRead);
}

/** The checksum of a header is the sum of its bytes, with blanks in the place of the checksum. */
function isTarHeader(block: Buffer): boolean {
  if (block.length < BLOCK_BYTES) return false;
  const { at, length } = CHECKSUM;
  const written = Number.parseInt(block.toString("latin1", at, at + length).trim(), 8);
  const others = [...block.subarray(0, at), ...block.subarray(at + length)];
  return written === others.reduce((sum, byte) => sum + byte, length * " ".charCodeAt(0));
}

function hex(text: string): string {
  return Buffer.from(text).toString("hex");
}
