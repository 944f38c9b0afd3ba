/**
 * The journal's part of opening a data folder. `replayJournal` comes first and only reads and repairs; `startJournal`
 * makes the writer and the compaction, and from then on the journal takes new events. open-store.ts calls both.
 */
import { statfs } from "node:fs/promises";
import type { ChatEvent } from "./contract.ts";
import { eventOf } from "./events.ts";
import type { Paths } from "./files/paths.ts";
import { Reserve } from "./files/reserve.ts";
import { MessageIndex } from "./index/message-index.ts";
import { Journal } from "./journal/journal.ts";
import { JournalFiles, type JournalFilesOptions } from "./journal/journal-files.ts";
import { LastIds } from "./journal/last-ids.ts";
import { areReadsNoted, Reads } from "./journal/reads.ts";
import type { Report } from "./report.ts";
import { DamageError, SyncError } from "./store-errors.ts";
import { Compaction } from "./upkeep/compaction.ts";
import { HandEdits } from "./upkeep/hand-edits.ts";
import { recover } from "./upkeep/recovery.ts";
import type { JournalState } from "./upkeep/rewrite.ts";

/** On a small disk a journal file is at most this part of it, so that compaction has room to write it again. */
const MAX_PART_OF_DISK = 1 / 16;
const RESERVE_BYTES = 256 * 1024;
const RESERVE_PART_OF_DISK = 1 / 32;

export interface StartJournalOptions extends JournalFilesOptions {
  report: Report;
  /** Called when nothing can be promised any more: the process must end. Everything acknowledged is on the disk. */
  onFatal: (error: unknown) => void;
  /** Called for everything that happens to messages, in order, when it is durable. */
  onEvent: (event: ChatEvent) => void;
  /** When a journal file is longer than this, the next one begins. */
  maxFileBytes: number;
}

/** The journal as it was found at the start. */
interface Replayed extends JournalState {
  lastIds: LastIds;
  filesAside: number;
  /** What the person who runs the server should know about it. */
  notes: string[];
}

const NUMBERS_ARE_UNKNOWN =
  "last-ids.json is missing or was changed. If somebody has also taken the newest lines out of the journal while the server was stopped, their ids are used again.";

/**
 * Reads the journal into memory, and repairs what a crash or the disk has damaged.
 * @param recentEvents how many of the last events are kept for streams that resume.
 */
export async function replayJournal(
  paths: Paths,
  recentEvents: number,
  { report, recentBytes, patience }: Pick<StartJournalOptions, "report" | "recentBytes" | "patience">,
  /** A journal from a backup says in its last file what was given out before. Without users, there was none. */
  { isRestored, hasNoUsers }: { isRestored: boolean; hasNoUsers: boolean },
): Promise<Replayed> {
  const files = new JournalFiles({ recentBytes, patience });
  const index = new MessageIndex((place, kind) => files.countWaste(place, kind), recentEvents);
  const lastIds = new LastIds(paths.lastIds, (error) =>
    report("error", "last-ids.json cannot be written. While the server runs, nothing is wrong", { error }),
  );
  const last = lastIds.read();
  const { filesAside, notes } = await recover({ files, index, paths }, report, last);
  const isNew = files.newest.number === 1 && index.lastSeq === 1 && hasNoUsers;
  if (last === undefined && !isNew && !isRestored) {
    report("error", NUMBERS_ARE_UNKNOWN, {});
    notes.push(NUMBERS_ARE_UNKNOWN);
  }
  files.readsAreNoted = await areReadsNoted(paths.journalFileUnderConstruction(1));
  for (const file of files) {
    const isKnown = file.number === last?.file && last.readUpTo <= file.bytes;
    file.reads = Reads.at(isKnown ? [last.readUpTo, last.readUpTo, last.readUpTo] : [file.bytes]);
  }
  await files.recent.load(files);
  return { files, index, paths, lastIds, filesAside, notes };
}

/** Makes the writer, the compaction that runs beside it, and the watch for changes by hand. */
export async function startJournal(
  { files, index, paths, lastIds, notes }: Replayed,
  recentEvents: number,
  { report, onFatal, onEvent, maxFileBytes }: StartJournalOptions,
  /** Removes a message, as its sender or recipient would. */
  remove: (messageId: number) => Promise<unknown>,
): Promise<{ journal: Journal; compaction: Compaction; handEdits: HandEdits }> {
  const sizes = await fittingSizes(paths.root, maxFileBytes);
  const reserve = new Reserve(paths.reserve, sizes.reserveBytes);
  await reserve.keep();
  const handEdits = new HandEdits({ state: { files, index, paths }, report, remove, onFatal }, notes);
  const journal: Journal = new Journal({
    paths,
    files,
    reserve,
    maxFileBytes: sizes.maxFileBytes,
    lastSeq: index.lastSeq,
    idsInUse: () => ({ lastMessageId: index.lastMessageId, lastUserId: index.lastUserId }),
    lastIds,
    putRight: (file) => handEdits.putNewestRight(file),
    onDurable(record, place) {
      index.apply(record, place);
      const event = eventOf(record);
      if (event !== undefined) onEvent(event);
    },
    onRoomWanted: (why) => compaction.ask(why),
    onFatal,
  });
  const compaction = new Compaction({
    journal,
    index,
    paths,
    reserve,
    recentEvents,
    onError(error) {
      if (error instanceof SyncError) onFatal(error);
      // Somebody has changed a file by hand. When it is right again, there is still something to do.
      else if (error instanceof DamageError) void handEdits.mend(error.file).then(() => compaction.run("everything"));
      else
        report("error", "Compaction failed. Nothing is lost, but deleted messages are still in their files", { error });
    },
  });
  journal.noteLastIds();
  handEdits.watch({ journal, compaction, lastIds });
  return { journal, compaction, handEdits };
}

async function fittingSizes(
  root: string,
  maxFileBytes: number,
): Promise<{ maxFileBytes: number; reserveBytes: number }> {
  const { blocks, bsize } = await statfs(root);
  const diskBytes = blocks * bsize;
  return {
    maxFileBytes: Math.min(maxFileBytes, Math.floor(diskBytes * MAX_PART_OF_DISK)),
    reserveBytes: Math.min(RESERVE_BYTES, Math.floor(diskBytes * RESERVE_PART_OF_DISK)),
  };
}
