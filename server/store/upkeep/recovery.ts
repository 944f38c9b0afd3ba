/**
 * The start: reads the whole journal, line by line, and builds the index from it. It repairs what is wrong without ever
 * throwing away anything that might have been acknowledged:
 *
 * - A bad line at the very end of the newest file is what a crash leaves of an unfinished write, which nobody was told
 *   about: it is cut off. (If it is a whole line, a copy is set aside first: a write seldom stops just there.)
 * - A bad line with good ones after it is damage: the file is set aside as it is, and its good lines are kept.
 * - An empty file is damage, too: every file is created with its first line in it.
 */
import { readdir, stat } from "node:fs/promises";
import { removeTemporaryFiles } from "../files/durable-file.ts";
import { journalNumbersIn, type Paths } from "../files/paths.ts";
import { countFilesAside, moveToFreeName } from "../files/quarantine.ts";
import { Replay } from "../index/replay.ts";
import { createJournalFile, type JournalFile, openJournalFile } from "../journal/journal-file.ts";
import type { LastNumbers } from "../journal/last-ids.ts";
import { visitRecords } from "../journal/lines.ts";
import { NEWLINE } from "../journal/record.ts";
import type { Report } from "../report.ts";
import { type BadLines, cutTail, keepAside, putInOrder, repairDamaged, setAsideEmpty } from "./repair.ts";
import type { JournalState } from "./rewrite.ts";

/** A new file begins after 64 MiB, and no line is shorter than 50 bytes. */
const MAX_EVENTS_IN_A_FILE = Math.ceil((64 * 1024 * 1024) / 50);

const LINES_ARE_MISSING =
  "The newest lines of the journal were taken out while the server was stopped, or an older copy was put back. What they said is undone, and their ids are not used again.";

/**
 * Replays all files into `index` and `files`.
 * @param last the greatest numbers that were given out, if they are known.
 * @returns how many damaged files are set aside, now or earlier, and sentences for the person who runs the server.
 */
export async function recover(
  { files, index, paths }: JournalState,
  report: Report,
  last?: LastNumbers,
): Promise<{ filesAside: number; notes: string[] }> {
  await removeTemporaryFiles(paths.messages);
  const notes = await moveAsideWhatIsNoFile(paths, report);
  const numbers = journalNumbersIn(await readdir(paths.messages));
  const replay = new Replay(index);
  const damaged: JournalFile[] = [];
  let unreadableBytes = 0;
  /** How many of these have nothing good after them. Otherwise a later line says which ids were in use. */
  let bytesAtTheEnd = 0;
  const empty: JournalFile[] = [];
  let tail: { file: JournalFile; bad: BadLines } | undefined;
  for (const number of numbers) {
    const file = await openJournalFile(paths, number);
    files.add(file);
    if (file.bytes === 0) empty.push(file);
    const bad = await replayFile(file, replay);
    bytesAtTheEnd = bad?.bytesAtTheEnd ?? 0;
    if (bad === undefined) continue;
    if (bad.isTorn && number === numbers.at(-1)) tail = { file, bad };
    else damaged.push(file);
    unreadableBytes += bad.bytes;
  }
  replay.end();
  const newest = files.get(numbers.at(-1) ?? 0);
  const hasLost = damaged.length > 0 || empty.length > 0 || tail?.bad.isWhole === true;
  if (hasLost) {
    // Each event has at least one byte. Nobody knows how long an empty file was.
    const ofEmpty = newest?.bytes === 0 ? MAX_EVENTS_IN_A_FILE : 0;
    replay.forgetEvents(unreadableBytes + ofEmpty);
    replay.skipIds(bytesAtTheEnd + ofEmpty);
  }
  const isShort = last !== undefined && replay.goOnAfter(last);
  if (isShort) {
    report("error", LINES_ARE_MISSING, { lastEventId: last.eventId });
    notes.push(LINES_ARE_MISSING);
  }
  // After damage too: the first line of the new file says for good which numbers are skipped. It is written before any
  // repair, so if this start is interrupted, the next one finds the damage again, or this file.
  if (newest?.hasStart !== true || hasLost || isShort)
    await beginFile((newest?.number ?? 0) + 1, { files, index, paths });
  const note = tail === undefined ? undefined : await cutTail(tail.file, tail.bad, paths, report);
  if (note !== undefined) notes.push(note);
  for (const file of damaged) notes.push(await repairDamaged(file, { files, index, paths }, report));
  for (const number of replay.filesOutOfOrder) await putInOrder(number, { files, index, paths }, report);
  for (const file of empty) notes.push(await setAsideEmpty(file, { files, index, paths }, report));
  return { filesAside: await countFilesAside(paths.aside), notes };
}

/** Folders, pipes and links that lead nowhere, with the names of files. A link to a good file may stay. */
async function moveAsideWhatIsNoFile(paths: Paths, report: Report): Promise<string[]> {
  const notes: string[] = [];
  for (const number of journalNumbersIn(await readdir(paths.messages))) {
    const path = paths.journalFile(number);
    if ((await stat(path).catch(() => undefined))?.isFile() === true) continue;
    const copy = await keepAside({ number }, paths, moveToFreeName);
    const note = `${paths.below(path)} is no file that can be read. It was moved to ${paths.below(copy)}.`;
    report("error", note, {});
    notes.push(note);
  }
  return notes;
}

/** Begins a file: the very first one, or a new one because the newest has lost its start line. */
async function beginFile(number: number, { files, index, paths }: JournalState): Promise<void> {
  const { lastMessageId, lastUserId } = index;
  index.lastSeq++;
  const file = await createJournalFile(paths, number, { op: "start", seq: index.lastSeq, lastMessageId, lastUserId });
  files.add(file);
}

async function replayFile(file: JournalFile, replay: Replay): Promise<BadLines | undefined> {
  file.lastMessageIdBefore = replay.lastIdInOrder;
  let bad: BadLines | undefined;
  await visitRecords(file.handle, {
    onRecord(record, line, offset) {
      if (bad !== undefined) {
        bad.isTorn = false;
        bad.bytesAtTheEnd = 0;
      }
      file.lastSeq = Math.max(file.lastSeq, record.seq);
      if (record.op === "start") {
        file.hasStart = true;
        file.lastMessageIdBefore = Math.max(file.lastMessageIdBefore, record.lastMessageId);
      }
      replay.apply(record, { file: file.number, offset, length: line.length });
    },
    onBad(line, offset) {
      bad ??= { offset, bytes: 0, bytesAtTheEnd: 0, isTorn: true, isWhole: false };
      bad.bytes += line.length;
      bad.bytesAtTheEnd += line.length;
      bad.isWhole ||= line[line.length - 1] === NEWLINE;
    },
  });
  return bad;
}
