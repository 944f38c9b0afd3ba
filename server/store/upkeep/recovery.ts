/**
 * The start: reads the whole journal, line by line, and makes the index from it. What it finds wrong, it mends without
 * ever throwing away what might have been acknowledged:
 *
 * - A bad line at the very end of the newest file is what a crash leaves of a write that nobody was told of: cut off.
 *   (If it is a whole line, a copy is set aside first: a write seldom breaks off just there.)
 * - A bad line with good ones after it is damage: the file is set aside as it is, and its good lines are kept.
 * - A file with nothing in it is damage, too: it comes into the world with its first line.
 */
import { open, readdir } from "node:fs/promises";
import { removeFiles, removeTemporaryFiles, syncHandle } from "../files/durable-file.ts";
import { journalNumbersIn, type Paths } from "../files/paths.ts";
import { countFilesAside, setAside as keepAside } from "../files/quarantine.ts";
import { Replay } from "../index/replay.ts";
import { createJournalFile, JournalFile } from "../journal/journal-file.ts";
import { visitRecords } from "../journal/lines.ts";
import { decodeRecord, isIntact, NEWLINE } from "../journal/record.ts";
import type { Report } from "../report.ts";
import { type JournalState, rewriteFile } from "./rewrite.ts";

/** A file is begun anew after 64 MiB, and no line is shorter than 50 bytes. */
const MAX_EVENTS_IN_A_FILE = Math.ceil((64 * 1024 * 1024) / 50);

/** Replays all files into `index` and `files`. @returns how many damaged files are set aside, from now or before. */
export async function recover({ files, index, paths }: JournalState, report: Report): Promise<number> {
  await removeTemporaryFiles(paths.messages);
  const numbers = journalNumbersIn(await readdir(paths.messages));
  const replay = new Replay(index);
  const damaged: JournalFile[] = [];
  let unreadableBytes = 0;
  /** How many of them have nothing good behind them. Otherwise a later line says which ids were in use. */
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
    // Each event has a byte at least. Of a file that is empty nobody knows how long it was.
    const ofEmpty = newest?.bytes === 0 ? MAX_EVENTS_IN_A_FILE : 0;
    replay.forgetEvents(unreadableBytes + ofEmpty);
    replay.skipIds(bytesAtTheEnd + ofEmpty);
  }
  // After damage, too: its first line makes it last that what was lost is forgotten. It is there before anything is
  // mended, so that a start which ends in between leaves files that are seen to be damaged, or this one.
  if (newest?.hasStart !== true || hasLost) await beginFile((newest?.number ?? 0) + 1, { files, index, paths });
  if (tail !== undefined) await cutTail(tail.file, tail.bad, paths, report);
  for (const file of damaged) await setAside(file, { files, index, paths }, report);
  for (const file of empty) await setAsideEmpty(file, { files, index, paths }, report);
  return countFilesAside(paths.aside);
}

/** Begins a file: the first of all, or a new one because the newest has lost its start line. */
async function beginFile(number: number, { files, index, paths }: JournalState): Promise<void> {
  const { lastMessageId, lastUserId } = index;
  index.lastSeq++;
  const file = await createJournalFile(paths, number, { op: "start", seq: index.lastSeq, lastMessageId, lastUserId });
  files.add(file);
}

async function openJournalFile(paths: Paths, number: number): Promise<JournalFile> {
  const handle = await open(paths.journalFile(number), "r+");
  const { size } = await handle.stat();
  return new JournalFile(number, handle, size);
}

interface BadLines {
  offset: number;
  /** How many bytes are in bad lines, wherever they are. */
  bytes: number;
  /** How many of them have no good line behind them. */
  bytesAtTheEnd: number;
  /** No good line follows. */
  isTorn: boolean;
  /** At least one of the bad lines ends in a newline. */
  isWhole: boolean;
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

async function cutTail(file: JournalFile, bad: BadLines, paths: Paths, report: Report): Promise<void> {
  const details = { file: paths.journalFile(file.number), bytes: file.bytes - bad.offset };
  const copy = bad.isWhole ? await linkAside(file, paths, true) : undefined;
  await file.handle.truncate(bad.offset);
  await syncHandle(file.handle);
  file.bytes = bad.offset;
  if (copy === undefined) {
    report("info", "A write that was cut short, and that nobody was told of, was removed from the journal", details);
  } else {
    report("error", "The end of the journal was unreadable. It was cut off, and a copy of the file is set aside", {
      ...details,
      copy,
    });
  }
}

async function setAside(file: JournalFile, store: JournalState, report: Report): Promise<void> {
  const copy = await linkAside(file, store.paths, false);
  let lost = 0;
  const { deadBytes } = file;
  const result = await rewriteFile(
    file,
    (line, offset) => {
      if (!isIntact(line)) {
        lost++;
        return { keep: false };
      }
      const record = decodeRecord(line);
      if (record?.op === "delete" || record?.op === "leave") return { keep: true, tombstone: true };
      if (record?.op !== "post" && record?.op !== "edit") return { keep: true };
      const found = store.index.messages.find(record.messageId);
      const isNewestLine = found?.row.file === file.number && found.row.offset === offset;
      return isNewestLine ? { keep: true, slot: found.slot, from: { file: file.number, offset } } : { keep: true };
    },
    store,
  );
  result.file.deadBytes = deadBytes;
  report("error", "A file of the journal is damaged. It was set aside, and what is readable in it is served", {
    file: store.paths.journalFile(file.number),
    copy,
    unreadableLines: lost,
  });
}

/** Nothing is left of it but its name, so there is nothing to keep in its place. */
async function setAsideEmpty(file: JournalFile, { files, paths }: JournalState, report: Report): Promise<void> {
  const path = paths.journalFile(file.number);
  const copy = await linkAside(file, paths, false);
  await files.remove(file);
  await removeFiles([path]);
  report("error", "A file of the journal is empty: all that was in it is lost. It was set aside", { file: path, copy });
}

/** Keeps the file as it is; where it goes on being written to, a copy of it. */
function linkAside({ number }: JournalFile, paths: Paths, copy: boolean): Promise<string> {
  const nameFor = (attempt: number) => paths.asideFile(number, attempt);
  return keepAside(paths.journalFile(number), paths.aside, nameFor, copy ? copyDurably : undefined);
}

async function copyDurably(from: string, to: string): Promise<void> {
  const handle = await open(to, "wx", 0o600);
  try {
    const source = await open(from, "r");
    try {
      await handle.writeFile(source.createReadStream({ autoClose: false }));
    } finally {
      await source.close();
    }
    await syncHandle(handle);
  } finally {
    await handle.close();
  }
}
