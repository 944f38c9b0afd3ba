/**
 * Tells from a file's first bytes whether it can be a backup, and otherwise what it is. A browser may unpack the gzip of
 * a download, so a plain tar is a backup, too. read-archive.ts asks before it unpacks anything.
 */
import { RefusedBackup } from "./refused-backup.ts";

/** A tar consists of blocks of this size. The first one is a header. */
export const BLOCK_BYTES = 512;
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

/**
 * @param head the first block of a file.
 * @returns whether the file is compressed.
 * @throws {RefusedBackup} when it is neither gzip nor a tar.
 */
export function isCompressed(head: Buffer): boolean {
  if (head.length === 0) throw new RefusedBackup("is not a plainchat backup", "it is empty");
  const start = head.toString("hex");
  if (start.startsWith(GZIP)) return true;
  if (isTarHeader(head)) return false;
  const [, what] = OTHER_KINDS.find(([each]) => start.startsWith(each)) ?? [];
  throw new RefusedBackup("is not a plainchat backup", what ?? "it is not a tar.gz file");
}

/** @param head the first bytes of what a gzip file contains: at least a block, or all there is. @throws {RefusedBackup} */
export function mustBeTar(head: Buffer): void {
  if (head.toString("hex").startsWith(GZIP)) {
    throw new RefusedBackup("is not a plainchat backup", "it is packed twice. Unpack it once with gzip -d");
  }
  if (!isTarHeader(head))
    throw new RefusedBackup(
      "is not a plainchat backup",
      "what is packed in it is not a tar file, or its first bytes have changed",
    );
}

/** The checksum of a header is the sum of its bytes, with blanks in the place of the checksum. */
function isTarHeader(head: Buffer): boolean {
  const block = head.subarray(0, BLOCK_BYTES);
  if (block.length < BLOCK_BYTES) return false;
  const { at, length } = CHECKSUM;
  const written = Number.parseInt(block.toString("latin1", at, at + length).trim(), 8);
  const others = [...block.subarray(0, at), ...block.subarray(at + length)];
  return written === others.reduce((sum, byte) => sum + byte, length * " ".charCodeAt(0));
}

function hex(text: string): string {
  return Buffer.from(text).toString("hex");
}
