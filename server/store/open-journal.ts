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
import { JournalFiles } from "./journal/journal-files.ts";
import type { Report } from "./report.ts";
import { SyncError } from "./store-errors.ts";
import { Compaction } from "./upkeep/compaction.ts";
import { recover } from "./upkeep/recovery.ts";
import type { JournalState } from "./upkeep/rewrite.ts";

/** On a small disk a journal file is at most this part of it, so that compaction has room to write it again. */
const MAX_PART_OF_DISK = 1 / 16;
const RESERVE_BYTES = 256 * 1024;
const RESERVE_PART_OF_DISK = 1 / 32;

export interface StartJournalOptions {
  report: Report;
  /** Called when nothing can be promised any more: the process must end. Everything acknowledged is on the disk. */
  onFatal: (error: unknown) => void;
  /** Called for everything that happens to messages, in order, when it is durable. */
  onEvent: (event: ChatEvent) => void;
  /** When a journal file is longer than this, the next one begins. */
  maxFileBytes: number;
}

/**
 * Reads the journal into memory, and repairs what a crash or the disk has damaged.
 * @param recentEvents how many of the last events are kept for streams that resume.
 */
export async function replayJournal(
  paths: Paths,
  recentEvents: number,
  report: Report,
): Promise<JournalState & { filesAside: number }> {
  const files = new JournalFiles();
  const index = new MessageIndex((place, kind) => files.countWaste(place, kind), recentEvents);
  const filesAside = await recover({ files, index, paths }, report);
  return { files, index, paths, filesAside };
}

/** Makes the writer, and the compaction that runs beside it. */
export async function startJournal(
  { files, index, paths }: JournalState,
  recentEvents: number,
  { report, onFatal, onEvent, maxFileBytes }: StartJournalOptions,
): Promise<{ journal: Journal; compaction: Compaction }> {
  const sizes = await fittingSizes(paths.root, maxFileBytes);
  const reserve = new Reserve(paths.reserve, sizes.reserveBytes);
  await reserve.keep();
  const journal: Journal = new Journal({
    paths,
    files,
    reserve,
    maxFileBytes: sizes.maxFileBytes,
    lastSeq: index.lastSeq,
    idsInUse: () => ({ lastMessageId: index.lastMessageId, lastUserId: index.lastUserId }),
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
      else
        report("error", "Compaction failed. Nothing is lost, but deleted messages are still in their files", { error });
    },
  });
  return { journal, compaction };
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
