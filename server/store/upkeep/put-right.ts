/**
 * Puts a journal file right after somebody has changed it by hand: with an editor, with sed, or by removing it. The file
 * becomes again what the server wrote, under its own name, before anything more is written to it. What was taken out on
 * purpose is found here, too, but removing it is a change like any other, and goes through the journal later.
 */
import { constants, type Stats } from "node:fs";
import { mkdir, open, stat } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { isCode } from "../error-code.ts";
import { isNoFile, moveToFreeName } from "../files/quarantine.ts";
import type { JournalFile } from "../journal/journal-file.ts";
import { visitLines } from "../journal/lines.ts";
import { DamageError } from "../store-errors.ts";
import { type Comparison, LineComparer } from "./compare-lines.ts";
import { knownLines } from "./known-lines.ts";
import { keepAside } from "./repair.ts";
import { type JournalState, rewriteFile } from "./rewrite.ts";

/** An editor that writes over a file empties it first. A file is read only when it has not changed for this long. */
const QUIET_MILLISECONDS = 50;
/** Somebody may change it all the time. Then it is read as it is. */
const MAX_LOOKS = 20;
const MAX_ATTEMPTS = 20;
/** A file may be so much longer than it should be. The rest is not read. */
const MAX_STRANGE_BYTES = 64 * 1024 * 1024;

/** How long to wait for somebody who is perhaps still writing a file. */
const WAIT_MILLISECONDS = 200;

/** Messages would be lost, but somebody has written to the file a moment ago. */
class StillChangingError extends DamageError {
  readonly lost: number;

  constructor(file: number, lost: number) {
    super(file, 0);
    this.lost = lost;
  }
}

/** No line is as short. */
const NOWHERE = { offset: 0, length: 1 };

/** What was found. Without `found`, the file was not there. */
export interface PutRight {
  file: JournalFile;
  found: Comparison | undefined;
  /** The messages whose lines were taken out. Their lines are in the file again. */
  takenOut: number[];
  /** The messages that nobody can read any more. */
  lost: number[];
  /** Where the changed file is kept, if there is something in it that the server did not write. */
  copy: string | undefined;
}

/**
 * Compares a file with what the server wrote, and puts it right if it is anything else. Nobody else may write to the
 * file or rewrite it at the same time.
 * @param isSuspect compare the lines even if the system says that nobody has touched the file.
 * @param onWaiting called while messages would be lost, with their number: somebody may still put the file back.
 * @returns undefined when the file is as it was written.
 */
export async function putRight(
  file: JournalFile,
  state: JournalState,
  isSuspect: boolean,
  onWaiting: (lost: number) => void,
): Promise<PutRight | undefined> {
  const path = state.paths.journalFile(file.number);
  for (let attempt = 1; ; attempt++) {
    if (await isNoFile(path)) {
      // A folder or a link in the place of the file. Nothing can be written there.
      await keepAside(file, state.paths, moveToFreeName);
    }
    const before = await statIfThere(path);
    const isUntouched = before !== undefined && file.isUntouched(before);
    if (isUntouched && !isSuspect) return undefined;
    // Nobody is writing a file that nobody has touched: it can be read at once.
    const stats = isUntouched ? before : await whenQuiet(path, before);
    if (!isSuspect && stats !== undefined && file.isUntouched(stats)) return undefined;
    try {
      return await putRightOnce(file, state, stats);
    } catch (error) {
      if (error instanceof StillChangingError) {
        onWaiting(error.lost);
        await setTimeout(WAIT_MILLISECONDS);
        attempt = 0;
        continue;
      }
      // Somebody has changed it again in the meantime.
      const hasChanged = error instanceof DamageError || isCode(error, "ENOENT");
      if (!hasChanged || attempt >= MAX_ATTEMPTS) throw error;
    }
  }
}

/** @throws {DamageError} when the file is not any more what `stats` say. */
async function putRightOnce(
  file: JournalFile,
  state: JournalState,
  stats: Stats | undefined,
): Promise<PutRight | undefined> {
  const { files, index, paths } = state;
  const path = paths.journalFile(file.number);
  const read = await file.handle.stat();
  if (file.wasRead(read)) file.noteRead(read, files.patience.reading);
  const { source, judge, isMoved, written, lost } = await knownLines(file, state);
  // Before anything is given up: maybe somebody is still writing the file.
  const isQuiet = stats === undefined || Date.now() - stats.mtimeMs >= files.patience.writing;
  if (lost.length > 0 && !isQuiet) throw new StillChangingError(file.number, lost.length);
  const haveSeen = (from: number, to: number) => files.readsAreNoted && file.reads.haveSeen(from, to);
  const comparer = new LineComparer(written, { editedUpTo: file.bytes, haveSeen });
  const isThere = stats !== undefined && (await visitFile(path, written.bytes, (line) => comparer.see(line)));
  const found = isThere ? comparer.end() : undefined;
  if (!isMoved && found?.isSame === true && stats !== undefined && file.isSameFile(stats)) {
    file.stamp(stats);
    file.bytes = stats.size;
    return undefined;
  }
  await mkdir(paths.messages, { recursive: true, mode: 0o700 });
  const hasOdd = found !== undefined && found.changed + found.strange + lost.length > 0;
  const copy = hasOdd ? await keepAside(file, paths) : undefined;
  const offsets = new Set(found?.takenOut);
  const takenOut: number[] = [];
  for (const { offset, messageId } of index.messages.rowsIn(file.number)) {
    if (offsets.has(offset)) takenOut.push(messageId);
  }
  const { file: rewritten } = await rewriteFile(file, judge, state, {
    source,
    mayReplace: (current) => areSameStats(current, stats),
  });
  for (const messageId of lost) {
    // Until they are removed, nobody may take the line for theirs that is now in their old place.
    const slot = index.messages.find(messageId)?.slot;
    if (slot !== undefined) index.messages.move(slot, { file: file.number, ...NOWHERE });
  }
  rewritten.deadBytes = file.deadBytes;
  rewritten.tombstoneBytes = file.tombstoneBytes;
  return { file: rewritten, found, takenOut, lost, copy };
}

/** Waits until a file has not changed for a moment since `first`. @returns what the system says of it, or undefined without a file. */
async function whenQuiet(path: string, first: Stats | undefined): Promise<Stats | undefined> {
  let before = first;
  for (let look = 0; look < MAX_LOOKS; look++) {
    await setTimeout(QUIET_MILLISECONDS);
    const now = await statIfThere(path);
    if (areSameStats(now, before)) return now;
    before = now;
  }
  return before;
}

function areSameStats(one: Stats | undefined, other: Stats | undefined): boolean {
  return one?.ino === other?.ino && one?.size === other?.size && one?.mtimeMs === other?.mtimeMs;
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (isCode(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}

/** Goes through the lines that are in the file now. @returns whether there is a file. */
async function visitFile(path: string, usualBytes: number, see: (line: Buffer) => void): Promise<boolean> {
  // With O_NONBLOCK nothing waits at a pipe (mkfifo) until somebody writes to it.
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_NOATIME = 0 } = constants;
  const flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
  const handle = await open(path, flags | O_NOATIME).catch((error: unknown) => {
    if (isCode(error, "ENOENT", "ENOTDIR", "ELOOP", "ENXIO")) return undefined;
    if (isCode(error, "EPERM")) return open(path, flags);
    throw error;
  });
  if (handle === undefined) return false;
  try {
    await visitLines(handle, see, usualBytes + MAX_STRANGE_BYTES);
    return true;
  } finally {
    await handle.close();
  }
}
