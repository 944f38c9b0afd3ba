/**
 * Opens a data folder: takes the lock, replays the journal, loads the users, finishes what a crash left half done. This
 * is where the parts of the store are put together; what comes out is all that the rest of the program sees of it.
 */
import { access, constants, mkdir, statfs } from "node:fs/promises";
import { removeControlFiles } from "./backup/control-files.ts";
import { finishRestore } from "./backup/restore.ts";
import type { ChatEvent, Observed, Witness } from "./contract.ts";
import { eventOf } from "./events.ts";
import { removeTemporaryFiles } from "./files/durable-file.ts";
import { Lock } from "./files/lock.ts";
import { Paths } from "./files/paths.ts";
import { Reserve } from "./files/reserve.ts";
import { MessageIndex } from "./index/message-index.ts";
import { RECENT_EVENTS } from "./journal/event-gap.ts";
import { Journal } from "./journal/journal.ts";
import { JournalFiles } from "./journal/journal-files.ts";
import { MessageStore } from "./messages.ts";
import { ObservedFiles } from "./observed/observed-files.ts";
import { ObservedJournal } from "./observed/observed-journal.ts";
import { ObservedMessages } from "./observed/observed-messages.ts";
import { ObservedSecret, ObservedUsers } from "./observed/observed-users.ts";
import type { Report } from "./report.ts";
import { SyncError } from "./store-errors.ts";
import { Compaction } from "./upkeep/compaction.ts";
import { recover } from "./upkeep/recovery.ts";
import { ClassSecret } from "./users/class-secret.ts";
import { UserCache } from "./users/user-cache.ts";
import { checkUsers } from "./users/user-check.ts";
import { UserWatch } from "./users/user-watch.ts";
import { UserStore } from "./users/users.ts";

/** On a small disk a journal file is a part of it at the most, so that compaction has room to write it anew. */
const MAX_PART_OF_DISK = 1 / 16;
const RESERVE_BYTES = 256 * 1024;
const RESERVE_PART_OF_DISK = 1 / 32;

export interface StoreOptions {
  /** The data folder. It is made if it is not there. */
  root: string;
  /** The time, in milliseconds since 1970. */
  now: () => number;
  report: Report;
  /** Called when nothing can be promised any more: the process must end. Everything acknowledged is on the disk. */
  onFatal: (error: unknown) => void;
  /** Called for everything that happens to messages, in order, when it is durable. */
  onEvent: (event: ChatEvent) => void;
  /** Called when a user's token has ended: it was changed, or the user is gone. */
  onTokenEnd: (userId: number) => void;
  /** Bytes after which another journal file is begun. */
  maxFileBytes: number;
  /** How long to wait for the lock where somebody has it. */
  lockPatienceMilliseconds?: number | undefined;
  /** So many of the last events are kept for streams that go on where they were. */
  recentEvents?: number;
}

export interface StoreFigures {
  users: number;
  messages: number;
  journalFiles: number;
  journalBytes: number;
  /** Since the start: events written, and calls of fdatasync that it took. */
  events: number;
  syncs: number;
}

export interface Store {
  users: UserStore;
  messages: MessageStore;
  secret: ClassSecret;
  /** Whether this start has made the class secret. */
  secretIsNew: boolean;
  /** How many damaged files are set aside, in messages/aside and users/aside. */
  filesAside: number;
  compaction: Compaction;
  /** The same store, for one request that is being explained: the witness sees what it does with which files. */
  observedBy(witness: Witness): Observed;
  /** What there is, for /metrics. */
  figures(): StoreFigures;
  /** Makes everything durable that waits, and gives the folder free. */
  close(): Promise<void>;
}

/** Commands at the terminal take the lock for a moment, to see whether a server has it. */
const LOCK_PATIENCE_MILLISECONDS = 500;

export async function openStore(options: StoreOptions): Promise<Store> {
  const paths = new Paths(options.root);
  for (const folder of [paths.root, paths.users, paths.messages]) await mkdir(folder, { recursive: true, mode: 0o700 });
  await access(paths.root, constants.W_OK);
  const lock = await Lock.take(paths.lock, options.lockPatienceMilliseconds ?? LOCK_PATIENCE_MILLISECONDS);
  try {
    return await openLocked(paths, lock, options);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function openLocked(paths: Paths, lock: Lock, options: StoreOptions): Promise<Store> {
  if (await finishRestore(paths)) options.report("info", "A backup has taken the place of the data", {});
  const { report, onFatal, onEvent, onTokenEnd, now, recentEvents = RECENT_EVENTS } = options;
  await removeTemporaryFiles(paths.users);
  const secret = new ClassSecret(paths);
  const secretIsNew = await secret.create();

  const files = new JournalFiles();
  const index = new MessageIndex((place, kind) => files.countWaste(place, kind), recentEvents);
  const journalFilesAside = await recover({ files, index, paths }, report);
  const cache = new UserCache(paths);
  const withoutToken = cache.load();
  const filesAside = journalFilesAside + (await checkUsers(paths, cache, report));

  const sizes = await fittingSizes(paths.root, options.maxFileBytes);
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
      else report("error", "Compaction failed; nothing is lost, but what was deleted is still in its file", { error });
    },
  });
  const lastUserId = Math.max(index.lastUserId, cache.ids.at(-1) ?? 0, ...withoutToken);
  const onUnfinished = (error: unknown) =>
    report("error", "A change of a user counts, but has left something behind; the next start removes it", { error });
  const users = new UserStore({ paths, cache, journal, lastUserId, now, onFatal, onUnfinished });
  await users.finishChanges(withoutToken);
  cache.onTokenEnd = onTokenEnd;
  const messages = new MessageStore(
    { journal, index },
    {
      now,
      isUser: (userId) => typeof cache.user(userId) !== "string",
      onDamage: (error) =>
        report("error", "The journal is damaged; a start sets the file aside, and mends it", { error }),
    },
  );
  const watch = new UserWatch(paths, cache);
  // A start does all that can be asked of a server.
  await removeControlFiles(paths, report);
  void compaction.run("everything");

  return {
    users,
    messages,
    secret,
    secretIsNew,
    filesAside,
    compaction,
    observedBy(witness) {
      const observedFiles = new ObservedFiles(paths, witness);
      const observedJournal = new ObservedJournal(files, observedFiles);
      return {
        users: new ObservedUsers(users, observedFiles, observedJournal),
        messages: new ObservedMessages(messages, index, observedJournal),
        secret: new ObservedSecret(secret, observedFiles),
      };
    },
    figures: () => ({
      users: cache.ids.length,
      messages: index.messages.count,
      journalFiles: files.size,
      journalBytes: files.bytes,
      ...journal.counts,
    }),
    async close() {
      watch.close();
      await compaction.close();
      await journal.close();
      lock.release();
    },
  };
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
