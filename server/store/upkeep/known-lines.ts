/**
 * The lines of a journal file as the server wrote them, whatever somebody has done to the file since. Its end is in
 * memory (recent-bytes.ts). Its beginning is in the file that is still open: when an editor puts a new file in the place
 * of the old one, the old one is still whole. Only what was written over and is too old for the memory is lost. Then the
 * lines that are left are taken, and they move to other places.
 */
import type { JournalFile } from "../journal/journal-file.ts";
import { visitLines, visitLinesOf } from "../journal/lines.ts";
import { decodeRecord, isIntact, messageIdAt, messageStart, NEWLINE } from "../journal/record.ts";
import { WrittenLines } from "./compare-lines.ts";
import type { JournalState, LineSource, Verdict } from "./rewrite.ts";

interface KnownLines {
  source: LineSource;
  /** What becomes of each line when the file is written again. */
  judge: (line: Buffer, offset: number) => Verdict;
  /** The lines that `source` gives. */
  written: WrittenLines;
  /** Whether lines are in other places than the index says. */
  isMoved: boolean;
  /** The messages whose lines are lost. */
  lost: number[];
}

interface End {
  start: number;
  bytes: Buffer;
}

const CARRIAGE_RETURN = 0x0d;
const END_OF_LINE = Buffer.from("\n");
/** More than a journal file ever has. */
const MAX_BYTES = 256 * 1024 * 1024;

export async function knownLines(file: JournalFile, state: JournalState): Promise<KnownLines> {
  const end = state.files.recent.endOf(file.number) ?? { start: file.bytes, bytes: Buffer.alloc(0) };
  const written = new WrittenLines();
  if (!(await readBeginning(file, end.start, state, written))) return linesThatAreLeft(file, end, state);
  await visitLinesOf(end.bytes, end.start, (line, offset) => written.add(line, offset));
  const source: LineSource = async (visit) => {
    await visitLines(file.handle, visit, end.start);
    await visitLinesOf(end.bytes, end.start, visit);
  };
  return { source, judge: () => ({ keep: true }), written, isMoved: false, lost: [] };
}

/** Reads the beginning of a file, up to `bytes`. @returns whether it has each message in its place and no bad line. */
async function readBeginning(
  file: JournalFile,
  bytes: number,
  { index }: JournalState,
  written: WrittenLines,
): Promise<boolean> {
  let missing = 0;
  for (const { offset } of index.messages.rowsIn(file.number)) if (offset < bytes) missing++;
  let isGood = true;
  await visitLines(
    file.handle,
    (line, offset) => {
      isGood &&= isIntact(line);
      if (!isGood) return;
      written.add(line, offset);
      const row = index.messages.find(messageIdAt(line, messageStart(line, 0)))?.row;
      if (row?.file === file.number && row.offset === offset) missing--;
    },
    bytes,
  );
  return isGood && missing === 0;
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
  const inMemory = new WrittenLines();
  await visitLinesOf(end.bytes, end.start, (line, offset) => inMemory.add(line, offset));
  const before = new WrittenLines();
  const places: { offset: number; length: number; rank: number }[] = [];
  let rank = 0;
  await visitLines(
    file.handle,
    (raw, offset) => {
      const line = withNewline(raw);
      const verdict = judge(line);
      if (!verdict.keep || inMemory.placeOf(line) !== undefined || before.placeOf(line) !== undefined) return;
      before.add(line, offset);
      // Messages go back into their old order, and whatever is between them stays after the same message.
      if ("slot" in verdict) rank = verdict.from.offset;
      places.push({ offset, length: raw.length, rank });
    },
    MAX_BYTES,
  );
  const isInOrder = places.every(({ rank: each }, i) => each >= (places[i - 1]?.rank ?? 0));
  if (!isInOrder) places.sort((a, b) => a.rank - b.rank);
  const source: LineSource = async (visit) => {
    const visitWhole: typeof visit = (line, offset) => visit(withNewline(line), offset);
    if (isInOrder) await visitLines(file.handle, onlyAt(places, visitWhole), MAX_BYTES);
    else for (const { offset, length } of places) await visitWhole(await file.read(offset, length), offset);
    await visitLinesOf(end.bytes, end.start, (line, offset) => (judge(line).keep ? visit(line, offset) : undefined));
  };
  const written = new WrittenLines();
  const left = new Set<number>();
  await source((line, offset) => {
    written.add(line, offset);
    const record = decodeRecord(line);
    if (record !== undefined && "messageId" in record) left.add(record.messageId);
  });
  const lost: number[] = [];
  for (const { messageId } of index.messages.rowsIn(file.number)) if (!left.has(messageId)) lost.push(messageId);
  return { source, judge, written, isMoved: true, lost };
}

/** Leaves out all lines but those in some places, which are in the order of the file. */
function onlyAt(places: readonly { offset: number }[], visit: Parameters<LineSource>[0]): Parameters<LineSource>[0] {
  let next = 0;
  return (line, offset) => {
    if (offset !== places[next]?.offset) return undefined;
    next++;
    return visit(line, offset);
  };
}

/** A line as the server writes it. Some editors leave out the last newline, and those of Windows write two characters. */
function withNewline(line: Buffer): Buffer {
  const text = line.subarray(0, line.length - (line.at(-1) === NEWLINE ? 1 : 0));
  if (text.at(-1) !== CARRIAGE_RETURN && text.length < line.length) return line;
  return Buffer.concat([text.subarray(0, text.length - (text.at(-1) === CARRIAGE_RETURN ? 1 : 0)), END_OF_LINE]);
}
