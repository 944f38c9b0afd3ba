/**
 * Repairs journal files at the start, after recovery.ts has read all of them and knows what is wrong. Whatever is taken
 * out of a file is kept in messages/aside first and reported, except for an unfinished write: nobody was told about
 * that.
 */
import { open } from "node:fs/promises";
import { removeFiles, syncHandle } from "../files/durable-file.ts";
import type { Paths } from "../files/paths.ts";
import { setAside } from "../files/quarantine.ts";
import type { JournalFile } from "../journal/journal-file.ts";
import { visitRecords } from "../journal/lines.ts";
import { decodeRecord, isIntact } from "../journal/record.ts";
import type { Report } from "../report.ts";
import { type JournalState, rewriteFile, type Verdict } from "./rewrite.ts";

/** How many ids a sentence names. The log has them all. */
const MAX_IDS = 5;

/** The bad lines of a file. */
export interface BadLines {
  /** Where the first one begins. */
  offset: number;
  /** How many bytes are in bad lines, wherever they are. */
  bytes: number;
  /** How many of these bytes have no good line after them. */
  bytesAtTheEnd: number;
  /** No good line follows. */
  isTorn: boolean;
  /** At least one of the bad lines ends in a newline. */
  isWhole: boolean;
}

/** Cuts off the bad end of the newest file. @returns a sentence, if it was more than an unfinished write. */
export async function cutTail(
  file: JournalFile,
  bad: BadLines,
  paths: Paths,
  report: Report,
): Promise<string | undefined> {
  const details = { file: paths.journalFile(file.number), bytes: file.bytes - bad.offset };
  const copy = bad.isWhole ? await keepAside(file, paths, copyDurably) : undefined;
  await file.handle.truncate(bad.offset);
  await syncHandle(file.handle);
  file.bytes = bad.offset;
  file.stamp(await file.handle.stat());
  if (copy === undefined) {
    report(
      "info",
      "An unfinished write was removed from the end of the journal. It had not been confirmed to anybody",
      details,
    );
    return undefined;
  }
  report("error", "The end of the journal was unreadable. It was cut off, and a copy of the file was set aside", {
    ...details,
    copy,
  });
  return `The end of ${paths.below(paths.journalFile(file.number))} could not be read when the server started. The file as it was is in ${paths.below(copy)}.`;
}

/** Sets a damaged file aside as it is, and puts one with its good lines in its place. @returns a sentence about it. */
export async function repairDamaged(file: JournalFile, state: JournalState, report: Report): Promise<string> {
  const { paths } = state;
  const copy = await keepAside(file, paths);
  let lost = 0;
  const messageIds: string[] = [];
  const { deadBytes } = file;
  const result = await rewriteFile(
    file,
    (line, offset) => {
      if (!isIntact(line)) {
        lost++;
        const [, messageId] = /"messageId":(\d{1,16})\b/.exec(line.toString("latin1")) ?? [];
        if (messageId !== undefined) messageIds.push(messageId);
        return { keep: false };
      }
      return verdictOn(line, { file: file.number, offset }, state);
    },
    state,
  );
  result.file.deadBytes = deadBytes;
  report("error", "A journal file is damaged. It was set aside, and its readable lines are still served", {
    file: paths.journalFile(file.number),
    copy,
    unreadableLines: lost,
    messageIds,
  });
  const which =
    messageIds.length === 0
      ? ""
      : ` (of message ${messageIds.slice(0, MAX_IDS).join(", ")}${messageIds.length > MAX_IDS ? ", …" : ""})`;
  const lines = lost === 1 ? "1 line" : `${lost} lines`;
  return `When the server started, ${lines} of ${paths.below(paths.journalFile(file.number))}${which} did not fit the crc, and ${lost === 1 ? "is" : "are"} no longer served. The file as it was is in ${paths.below(copy)}.`;
}

/** Puts the lines of a file back into the order of their messages, which compaction counts on. */
export async function putInOrder(number: number, state: JournalState, report: Report): Promise<void> {
  const file = state.files.get(number);
  if (file === undefined) return;
  const lines: { offset: number; length: number; rank: number }[] = [];
  let rank = 0;
  await visitRecords(file.handle, {
    onRecord(record, line, offset) {
      if (record.op === "start") rank = 0;
      // Whatever is between two messages stays after the same message.
      else if (record.op === "post" || record.op === "edit") rank = record.messageId;
      lines.push({ offset, length: line.length, rank: record.op === "start" ? -1 : rank });
    },
    onBad: () => {},
  });
  lines.sort((a, b) => a.rank - b.rank);
  const { deadBytes } = file;
  const result = await rewriteFile(file, (line, offset) => verdictOn(line, { file: number, offset }, state), state, {
    async source(visit) {
      for (const { offset, length } of lines) await visit(await file.read(offset, length), offset);
    },
  });
  result.file.deadBytes = deadBytes;
  report("error", "The lines of a journal file were in another order. They are in order again", {
    file: state.paths.journalFile(number),
  });
}

/** A good line stays. If it is the newest of its message, the index is told where it goes. */
function verdictOn(line: Buffer, from: { file: number; offset: number }, { index }: JournalState): Verdict {
  const record = decodeRecord(line);
  if (record?.op === "delete" || record?.op === "leave") return { keep: true, tombstone: true };
  if (record?.op !== "post" && record?.op !== "edit") return { keep: true };
  const found = index.messages.find(record.messageId);
  const isNewestLine = found?.row.file === from.file && found.row.offset === from.offset;
  return isNewestLine ? { keep: true, slot: found.slot, from } : { keep: true };
}

/** Nothing is left of an empty file but its name, so nothing takes its place. @returns a sentence about it. */
export async function setAsideEmpty(
  file: JournalFile,
  { files, paths }: JournalState,
  report: Report,
): Promise<string> {
  const path = paths.journalFile(file.number);
  const copy = await keepAside(file, paths);
  await files.remove(file);
  await removeFiles([path]);
  report("error", "A journal file is empty: everything that was in it is lost. It was set aside", { file: path, copy });
  return `${paths.below(path)} was empty when the server started. Everything that was in it is lost, and many ids are skipped, so that none comes back.`;
}

/**
 * Keeps a file as it is now, in messages/aside.
 * @param put makes a copy when the file itself is still written to. Without it the file gets a second name.
 */
export function keepAside(
  { number }: Pick<JournalFile, "number">,
  paths: Paths,
  put?: (from: string, to: string) => Promise<void>,
): Promise<string> {
  return setAside(paths.journalFile(number), paths.aside, (attempt) => paths.asideFile(number, attempt), put);
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
