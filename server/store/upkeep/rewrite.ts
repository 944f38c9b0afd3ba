/**
 * Writes a journal file anew with some of its lines, and puts the new file into the place of the old one, whole or not
 * at all. Compaction leaves out what is gone with it; recovery leaves out what is damaged. Pages that are being read
 * from the old file are not disturbed.
 */
import { open, rename } from "node:fs/promises";
import { changeFolder, removeFiles, syncHandle } from "../files/durable-file.ts";
import type { Paths } from "../files/paths.ts";
import type { MessageIndex } from "../index/message-index.ts";
import { JournalFile } from "../journal/journal-file.ts";
import type { JournalFiles } from "../journal/journal-files.ts";
import { visitLines } from "../journal/lines.ts";

/** The journal as the start and compaction know it: its open files, what the index knows of them, and where they lie. */
export interface JournalState {
  files: JournalFiles;
  index: MessageIndex;
  paths: Paths;
}

/** What becomes of a line. */
export type Verdict =
  | { keep: false }
  /** It stays; `tombstone` says that it tells of something gone. */
  | { keep: true; tombstone?: true }
  /** `line` goes in its place. */
  | { keep: true; line: Buffer }
  /** The newest line of the message in `slot` goes in its place: this one, or `line`, which was read at `from`. */
  | { keep: true; slot: number; from: { file: number; offset: number }; line?: Buffer };

/** Newest lines that were copied: from where, and to which offset of the new file. */
interface Move {
  slot: number;
  from: { file: number; offset: number };
  offset: number;
  length: number;
}

/** Lines are gathered to so many bytes before they are written. */
const WRITE_BYTES = 256 * 1024;

/**
 * Rewrites `file`. @param judge tells for each line what becomes of it.
 * @returns the new file, which is in `files` and in the index already, and how many lines it has.
 */
export async function rewriteFile(
  file: JournalFile,
  judge: (line: Buffer, offset: number) => Verdict | Promise<Verdict>,
  { files, index, paths }: JournalState,
): Promise<{ file: JournalFile; lines: number }> {
  const path = paths.journalFileUnderConstruction(file.number);
  const handle = await open(path, "w+", 0o600);
  try {
    const { bytes, lines, moves, tombstoneBytes } = await copyLines(file, handle, judge);
    await syncHandle(handle);
    await changeFolder(paths.messages, () => rename(path, paths.journalFile(file.number)));
    const rewritten = new JournalFile(file.number, handle, bytes);
    rewritten.tombstoneBytes = tombstoneBytes;
    rewritten.hasStart = file.hasStart;
    rewritten.lastMessageIdBefore = file.lastMessageIdBefore;
    rewritten.lastSeq = file.lastSeq;
    // From here to the end of the function nothing waits, so that no request sees one half of the change.
    files.replace(rewritten);
    for (const move of moves) followMove(move, rewritten, files, index);
    await file.retire();
    return { file: rewritten, lines };
  } catch (error) {
    await handle.close();
    await removeFiles([path]);
    throw error;
  }
}

async function copyLines(
  file: JournalFile,
  handle: Awaited<ReturnType<typeof open>>,
  judge: (line: Buffer, offset: number) => Verdict | Promise<Verdict>,
): Promise<{ bytes: number; lines: number; moves: Move[]; tombstoneBytes: number }> {
  const moves: Move[] = [];
  let bytes = 0;
  let lines = 0;
  let tombstoneBytes = 0;
  let gathered: Buffer[] = [];
  let gatheredBytes = 0;
  const write = async () => {
    await handle.appendFile(Buffer.concat(gathered));
    gathered = [];
    gatheredBytes = 0;
  };
  const take = (line: Buffer, verdict: Verdict): Promise<void> | undefined => {
    if (!verdict.keep) return undefined;
    const kept = "line" in verdict && verdict.line !== undefined ? verdict.line : Buffer.from(line);
    if ("slot" in verdict) {
      moves.push({ slot: verdict.slot, from: verdict.from, offset: bytes, length: kept.length });
    } else if ("tombstone" in verdict) {
      tombstoneBytes += kept.length;
    }
    gathered.push(kept);
    gatheredBytes += kept.length;
    bytes += kept.length;
    lines++;
    return gatheredBytes >= WRITE_BYTES ? write() : undefined;
  };
  await visitLines(file.handle, (line, offset) => {
    const verdict = judge(line, offset);
    return verdict instanceof Promise ? verdict.then((later) => take(line, later)) : take(line, verdict);
  });
  await write();
  const { size } = await handle.stat();
  if (size !== bytes) throw new Error(`Only ${size} of ${bytes} bytes of a journal file were written`);
  return { bytes, lines, moves, tombstoneBytes };
}

/** A message may have been edited or deleted while its line was copied: then the copy is of no use. */
function followMove(move: Move, rewritten: JournalFile, files: JournalFiles, index: MessageIndex): void {
  const row = index.messages.row(move.slot);
  if (row === undefined || row.file !== move.from.file || row.offset !== move.from.offset) {
    rewritten.deadBytes += move.length;
    return;
  }
  if (move.from.file !== rewritten.number) files.countWaste({ ...move.from, length: move.length }, "dead");
  index.messages.move(move.slot, { file: rewritten.number, offset: move.offset, length: move.length });
}
