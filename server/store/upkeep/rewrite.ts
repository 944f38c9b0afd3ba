/**
 * Rewrites a journal file with some of its lines, and puts the new file in the place of the old one, whole or not at
 * all. Compaction leaves out what is gone; the start leaves out what is damaged; what was changed by hand is put right
 * with it. Pages that are being read from the old file are not disturbed.
 */
import { constants, renameSync, type Stats, statSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { changeFolder, removeFiles, syncHandle } from "../files/durable-file.ts";
import type { Paths } from "../files/paths.ts";
import type { MessageIndex } from "../index/message-index.ts";
import { JournalFile, openToAppend, unreadStats } from "../journal/journal-file.ts";
import type { JournalFiles } from "../journal/journal-files.ts";
import { LineWriter } from "../journal/line-writer.ts";
import { visitLines } from "../journal/lines.ts";
import { Reads } from "../journal/reads.ts";
import { DamageError } from "../store-errors.ts";

/**
 * The journal as the start and compaction know it: its open files, what the index knows of them, and where they lie.
 */
export interface JournalState {
  files: JournalFiles;
  index: MessageIndex;
  paths: Paths;
}

/** What becomes of a line. */
export type Verdict =
  | { keep: false }
  /** It stays; a `tombstone` says that something is gone. */
  | { keep: true; tombstone?: true }
  /** `line` goes in its place. */
  | { keep: true; line: Buffer }
  /** It stays, or `line` goes in its place: it is the newest line of the message in `slot`, which was at `from`. */
  | { keep: true; slot: number; from: { file: number; offset: number }; line?: Buffer };

/** The newest line of a message was copied: from where, and to which offset of the new file. */
interface Move {
  slot: number;
  from: { file: number; offset: number };
  offset: number;
  length: number;
}

type Judge = (line: Buffer, offset: number) => Verdict | Promise<Verdict>;

/** Goes through the lines that a file is made from, in order. */
export type LineSource = (visit: (line: Buffer, offset: number) => void | Promise<void>) => Promise<void>;

interface RewriteOptions {
  /** Where the lines come from, if not from the file itself. */
  source?: LineSource;
  /** Whether the file on the disk is still the one that may be replaced. Somebody may have changed it during the copy. */
  mayReplace?: (stats: Stats | undefined) => boolean;
}

/**
 * Rewrites `file`. @param judge decides what becomes of each line.
 * @returns the new file, which is already in `files` and in the index, and how many lines it has.
 * @throws {DamageError} when the file was changed by hand meanwhile. Nothing was replaced then.
 */
export async function rewriteFile(
  file: JournalFile,
  judge: Judge,
  { files, index, paths }: JournalState,
  {
    source = (visit) => visitLines(file.handle, visit),
    mayReplace = (stats) => stats !== undefined && file.isUntouched(stats),
  }: RewriteOptions = {},
): Promise<{ file: JournalFile; lines: number }> {
  const path = paths.journalFileUnderConstruction(file.number);
  const handle = await openToAppend(path, constants.O_CREAT | constants.O_TRUNC);
  try {
    const before = await file.handle.stat();
    const sureEnd = file.sureBytesAt(before.atimeMs - files.patience.reading);
    const { lines, moves, tombstoneBytes, reads, oldEnd, oldSureEnd } = await copyLines(source, {
      handle,
      judge,
      file,
      sureEnd,
    });
    await syncHandle(handle);
    const stats = await unreadStats(handle);
    const rewritten = new JournalFile(file.number, handle, stats);
    const recentEnd = await files.recent.readEnd(rewritten);
    await changeFolder(paths.messages, async () => {
      const name = paths.journalFile(file.number);
      if (!mayReplace(statSync(name, { throwIfNoEntry: false }))) throw new DamageError(file.number, 0);
      renameSync(path, name);
    });
    // Only now: somebody may have read the old file while it was copied.
    const read = await file.handle.stat();
    if (file.wasRead(read)) reads.note(oldEnd, read.atimeMs === before.atimeMs ? oldSureEnd : 0);
    rewritten.reads = reads;
    rewritten.tombstoneBytes = tombstoneBytes;
    rewritten.hasStart = file.hasStart;
    rewritten.lastMessageIdBefore = file.lastMessageIdBefore;
    rewritten.lastSeq = file.lastSeq;
    // From here on nothing waits until the index is right again, so no request sees half of the change.
    files.replace(rewritten, recentEnd);
    for (const move of moves) followMove(move, rewritten, files, index);
    await file.retire();
    return { file: rewritten, lines };
  } catch (error) {
    await handle.close();
    await removeFiles([path]);
    throw error;
  }
}

interface Copied {
  lines: number;
  moves: Move[];
  tombstoneBytes: number;
  reads: Reads;
  /** Where the durable end of the old file is in the new one, and the end that the last reader had surely seen. */
  oldEnd: number;
  oldSureEnd: number;
}

/** @throws {Error} when the new file is shorter than what was written: a full disk can show like that. */
async function copyLines(
  source: LineSource,
  { handle, judge, file, sureEnd }: { handle: FileHandle; judge: Judge; file: JournalFile; sureEnd: number },
): Promise<Copied> {
  const writer = new LineWriter((piece) => handle.appendFile(piece));
  const moves: Move[] = [];
  let tombstoneBytes = 0;
  const take = (line: Buffer, verdict: Verdict): Promise<void> | undefined => {
    if (!verdict.keep) return undefined;
    const kept = "line" in verdict && verdict.line !== undefined ? verdict.line : Buffer.from(line);
    if ("slot" in verdict) {
      moves.push({ slot: verdict.slot, from: verdict.from, offset: writer.bytes, length: kept.length });
    } else if ("tombstone" in verdict) {
      tombstoneBytes += kept.length;
    }
    return writer.add(kept);
  };
  const oldReads = file.reads.offsets;
  const places = [...new Set([...oldReads, file.bytes, sureEnd])].sort((a, b) => a - b);
  const moved = new Map<number, number>();
  await source((line, offset) => {
    for (let place = places[moved.size]; place !== undefined && place <= offset; place = places[moved.size]) {
      moved.set(place, writer.bytes);
    }
    const verdict = judge(line, offset);
    return verdict instanceof Promise ? verdict.then((later) => take(line, later)) : take(line, verdict);
  });
  for (const place of places.slice(moved.size)) moved.set(place, writer.bytes);
  await writer.flush();
  const { bytes, lines } = writer;
  const { size } = await handle.stat();
  if (size !== bytes) throw new Error(`Only ${size} of ${bytes} bytes of a journal file were written`);
  const newPlace = (place: number) => moved.get(place) ?? 0;
  const reads = Reads.at(oldReads.map(newPlace));
  return { lines, moves, tombstoneBytes, reads, oldEnd: newPlace(file.bytes), oldSureEnd: newPlace(sureEnd) };
}

/** Tells the index where the line is now. If the message was edited or deleted during the copy, the copy is garbage. */
function followMove(move: Move, rewritten: JournalFile, files: JournalFiles, index: MessageIndex): void {
  const row = index.messages.row(move.slot);
  if (row === undefined || row.file !== move.from.file || row.offset !== move.from.offset) {
    rewritten.deadBytes += move.length;
    return;
  }
  if (move.from.file !== rewritten.number) files.countWaste({ ...move.from, length: move.length }, "dead");
  index.messages.move(move.slot, { file: rewritten.number, offset: move.offset, length: move.length });
}
