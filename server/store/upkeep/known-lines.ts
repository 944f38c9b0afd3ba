/**
 * The lines of a journal file as the server wrote them, whatever somebody has done to the file since. Its end is in
 * memory (recent-bytes.ts). Its beginning is in the file that is still open: when an editor puts a new file in the place
 * of the old one, the old one is still whole. Only what was written over and is too old for the memory is lost. Then the
 * lines that are left are taken, and they move to other places.
 */
import type { JournalFile } from "../journal/journal-file.ts";
import { visitLines, visitLinesOf } from "../journal/lines.ts";
import { decodeRecord } from "../journal/record.ts";
import { factsOf } from "./compare-lines.ts";
import type { JournalState, LineSource, Verdict } from "./rewrite.ts";

interface KnownLines {
  source: LineSource;
  /** What becomes of each line when the file is written again. */
  judge: (line: Buffer, offset: number) => Verdict;
  /** Whether lines are in other places than the index says. */
  isMoved: boolean;
  /** The messages whose lines are lost. */
  lost: number[];
}

interface End {
  start: number;
  bytes: Buffer;
}

export async function knownLines(file: JournalFile, state: JournalState): Promise<KnownLines> {
  const end = state.files.recent.endOf(file.number) ?? { start: file.bytes, bytes: Buffer.alloc(0) };
  if (!(await isAsWritten(file, end.start, state))) return linesThatAreLeft(file, end, state);
  const source: LineSource = async (visit) => {
    await visitLines(file.handle, visit, end.start);
    await visitLinesOf(end.bytes, end.start, visit);
  };
  return { source, judge: () => ({ keep: true }), isMoved: false, lost: [] };
}

/** Whether the beginning of a file, up to `bytes`, has each message in its place and no bad line. */
async function isAsWritten(file: JournalFile, bytes: number, { index }: JournalState): Promise<boolean> {
  const messageIds = new Map<number, number>();
  for (const { offset, messageId } of index.messages.rowsIn(file.number)) {
    if (offset < bytes) messageIds.set(offset, messageId);
  }
  let isGood = true;
  await visitLines(
    file.handle,
    (line, offset) => {
      const record = decodeRecord(line);
      if (record === undefined) isGood = false;
      else if ("messageId" in record && messageIds.get(offset) === record.messageId) messageIds.delete(offset);
    },
    bytes,
  );
  return isGood && messageIds.size === 0;
}

/** A line is known by what it is now, not by where it is. */
async function linesThatAreLeft(file: JournalFile, end: End, { index }: JournalState): Promise<KnownLines> {
  const judge = (line: Buffer): Verdict => {
    const record = decodeRecord(line);
    if (record === undefined) return { keep: false };
    if (record.op === "delete" || record.op === "leave") return { keep: true, tombstone: true };
    if (record.op !== "post" && record.op !== "edit") return { keep: true };
    const found = index.messages.find(record.messageId);
    const isNewest = found?.row.file === file.number && found.row.length === line.length;
    if (!isNewest) return { keep: false };
    return { keep: true, slot: found.slot, from: { file: file.number, offset: found.row.offset } };
  };
  const keys = new Set<string | undefined>();
  await visitLinesOf(end.bytes, end.start, (line, offset) => void keys.add(factsOf(line, offset).key));
  const places: { offset: number; length: number; rank: number }[] = [];
  let rank = 0;
  await visitLines(
    file.handle,
    (line, offset) => {
      const { key, length } = factsOf(line, offset);
      const verdict = judge(line);
      if (keys.has(key) || !verdict.keep) return;
      keys.add(key);
      // Messages go back into their old order, and whatever is between them stays after the same message.
      if ("slot" in verdict) rank = verdict.from.offset;
      places.push({ offset, length, rank });
    },
    MAX_BYTES,
  );
  places.sort((a, b) => a.rank - b.rank);
  const source: LineSource = async (visit) => {
    for (const { offset, length } of places) await visit(await file.read(offset, length), offset);
    await visitLinesOf(end.bytes, end.start, (line, offset) => (judge(line).keep ? visit(line, offset) : undefined));
  };
  const left = new Set<number>();
  await source((line) => {
    const record = decodeRecord(line);
    if (record !== undefined && "messageId" in record) left.add(record.messageId);
  });
  const messageIds = index.messages.rowsIn(file.number).map(({ messageId }) => messageId);
  return { source, judge, isMoved: true, lost: messageIds.filter((messageId) => !left.has(messageId)) };
}

/** More than a journal file ever has. */
const MAX_BYTES = 256 * 1024 * 1024;
