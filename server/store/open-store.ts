/**
 * Opens a data folder: takes the lock, replays the journal, loads the users, and finishes what a crash left half done.
 * This is where the parts of the store are put together. The rest of the program sees nothing of the store but what
 * comes out here.
 */
import { access, constants, mkdir } from "node:fs/promises";
import { removeControlFiles } from "./backup/control-files.ts";
import { finishRestore } from "./backup/restore.ts";
import { ClassFolder } from "./class/class-folder.ts";
import { moveClasses } from "./class/move-classes.ts";
import { removeTemporaryFiles } from "./files/durable-file.ts";
import { folderTag } from "./files/folder-tag.ts";
import { Lock } from "./files/lock.ts";
import { Paths } from "./files/paths.ts";
import { keepOthersOut } from "./files/permissions.ts";
import { mustBeWhole } from "./files/unfinished-move.ts";
import { FolderWatch } from "./folder-watch.ts";
import type { MessageIndex } from "./index/message-index.ts";
import { RECENT_EVENTS } from "./journal/event-gap.ts";
import type { Journal } from "./journal/journal.ts";
import { MessageStore } from "./messages.ts";
import { observedStore } from "./observed/observed-store.ts";
import { replayJournal, type StartJournalOptions, startJournal } from "./open-journal.ts";
import type { Report } from "./report.ts";
import type { Store, StoreFigures, StoreTroubles } from "./store.ts";
import type { Compaction } from "./upkeep/compaction.ts";
import type { HandEdits } from "./upkeep/hand-edits.ts";
import { ClassSecret } from "./users/class-secret.ts";
import { UserCache } from "./users/user-cache.ts";
import { checkUsers, problemsOfUsers } from "./users/user-check.ts";
import { UserWatch } from "./users/user-watch.ts";
import { UserStore } from "./users/users.ts";

interface StoreOptions extends StartJournalOptions {
  /** The data folder. It is made if it is not there. */
  root: string;
  /** The time, in milliseconds since 1970. */
  now: () => number;
  /** Called when a user's token has ended: it was changed, or the user is gone. */
  onTokenEnd: (userId: number) => void;
  /**
   * The lock of the folder, from a store that was closed in order to reopen it. Without it, openStore() takes the lock.
   */
  lock?: Lock | undefined;
  /** Whether a teacher leads a class here. */
  isClass?: boolean | undefined;
  /** Called when something has changed for the class, also by hand. */
  onClassChange?: (() => void) | undefined;
  /** Called when the folder must be opened again, because the class is put away. */
  onOtherClass?: (() => void) | undefined;
  /** How many of the last events are kept for streams that resume. */
  recentEvents?: number;
}

/** A data folder has no settings that could lose anything. */
type FileFigures = Required<Omit<StoreFigures, "mayLose">>;

/** A store in a data folder. It has everything in memory, so it answers at once. */
export interface FileStore extends Store {
  readonly users: UserStore;
  readonly messages: MessageStore;
  readonly secret: ClassSecret;
  readonly classroom: ClassFolder | undefined;
  readonly folderTag: string;
  readonly isShared: false;
  /** How many damaged files are set aside, in messages/aside, users/aside and class/aside. */
  readonly filesAside: number;
  readonly compaction: Compaction;
  readonly handEdits: HandEdits;
  /** What somebody has changed by hand in files of users. */
  userProblems: () => string[];
  troubles(): StoreTroubles;
  figures(): FileFigures;
  /**
   * Like close(), but keeps the lock for the openStore() that follows. So no command at the terminal can open the
   * folder in between.
   */
  closeToReopen(): Promise<Lock>;
}

/** Commands at the terminal take the lock for a moment, to see whether a server has it. */
const LOCK_PATIENCE_MILLISECONDS = 500;

export async function openStore(options: StoreOptions): Promise<FileStore> {
  const paths = new Paths(options.root);
  for (const folder of [paths.root, paths.users, paths.messages]) await mkdir(folder, { recursive: true, mode: 0o700 });
  await access(paths.root, constants.W_OK);
  const lock = options.lock ?? (await Lock.take(paths.lock, LOCK_PATIENCE_MILLISECONDS));
  try {
    return await openLocked(paths, lock, options);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function openLocked(paths: Paths, lock: Lock, options: StoreOptions): Promise<FileStore> {
  const { report, now, recentEvents = RECENT_EVENTS } = options;
  await mustBeWhole(paths);
  await moveClasses(paths, report);
  const isRestored = await finishRestore(paths, now());
  if (isRestored) report("info", "A backup has replaced the data", {});
  await removeTemporaryFiles(paths.users);
  keepOthersOut(paths, report);
  const secret = new ClassSecret(paths);
  const secretIsNew = await secret.create();

  const known = await loadUsers(paths, report);
  const { cache } = known;
  const hasNoUsers = cache.ids.length === 0;
  const replayed = await replayJournal(paths, recentEvents, options, { isRestored, hasNoUsers });
  const { files, index } = replayed;
  const { journal, compaction, handEdits } = await startJournal(replayed, recentEvents, options, (messageId) =>
    messages.remove(messageId),
  );
  const users = await startUsers(known, paths, { journal, index }, options, () => folders.makeUsers());
  const messages: MessageStore = new MessageStore(
    { journal, index },
    {
      now,
      isUser: (userId) => typeof cache.user(userId) !== "string",
      mend: (file) => handEdits.mend(file),
    },
  );

  const isUser = (userId: number) => cache.user(userId) !== "not found";
  const classroom = options.isClass === true ? await openClass(paths, isUser, options, () => figures()) : undefined;

  const watch = new UserWatch(paths, cache);
  const folders: FolderWatch = new FolderWatch({ paths, lock, secret, users: watch, report, onFatal: options.onFatal });
  // A start does everything that can be asked of a running server. When a server reopens its folder, it was asked to.
  // It removes that control file itself when it accepts requests again, because the command at the terminal waits for
  // that.
  if (options.lock === undefined) await removeControlFiles(paths, report);
  void compaction.run("everything");

  const closeToReopen = async () => {
    watch.close();
    await classroom?.close();
    await folders.close();
    await handEdits.close();
    await compaction.close();
    await journal.close();
    return folders.lock;
  };

  const filesAside = () => {
    const filesOfClass = classroom?.filesAside ?? 0;
    return replayed.filesAside + known.filesAside + handEdits.filesAside + filesOfClass;
  };

  const figures = () => ({
    users: cache.ids.length,
    messages: index.messages.count,
    journalFiles: files.size,
    journalBytes: files.bytes,
    ...journal.counts,
  });

  return {
    users,
    messages,
    secret,
    classroom,
    secretIsNew,
    folderTag: folderTag(paths.root),
    isShared: false,
    get classTag() {
      return classroom?.id ?? "";
    },
    get filesAside() {
      return filesAside();
    },
    compaction,
    handEdits,
    userProblems: () => problemsOfUsers(paths, cache),
    observedBy: (witness) => observedStore({ users, messages, secret, classroom }, replayed, witness),
    troubles() {
      const problems = [...handEdits.troubles, ...handEdits.notes, ...problemsOfUsers(paths, cache)];
      problems.push(...(classroom?.notes ?? []));
      if (filesAside() > 0) {
        problems.push(
          "Damaged files were moved to messages/aside, users/aside or class/aside. Look at them, then move them away.",
        );
      }
      return { filesAside: filesAside(), problems };
    },
    figures,
    closeToReopen,
    async close() {
      (await closeToReopen()).release();
    },
  };
}

function openClass(
  paths: Paths,
  isUser: (userId: number) => boolean,
  { now, report, onFatal, onClassChange = () => {}, onOtherClass = () => {} }: StoreOptions,
  figures: () => FileFigures,
): Promise<ClassFolder> {
  return ClassFolder.open({ paths, now, report, onFatal, isUser, figures, onOtherClass, onChange: onClassChange });
}

/** The users as they are in the folder, before anything that a crash left half done is finished. */
interface KnownUsers {
  cache: UserCache;
  /** Ids of profiles without a token: these users were being removed. */
  withoutToken: number[];
  filesAside: number;
}

async function loadUsers(paths: Paths, report: Report): Promise<KnownUsers> {
  const cache = new UserCache(paths);
  const withoutToken = cache.load();
  return { cache, withoutToken, filesAside: await checkUsers(paths, cache, report) };
}

/** Finishes what a crash left half done, and makes the users ready for changes. */
async function startUsers(
  { cache, withoutToken }: KnownUsers,
  paths: Paths,
  { journal, index }: { journal: Journal; index: MessageIndex },
  { report, now, onFatal, onTokenEnd }: StoreOptions,
  makeFolder: () => Promise<void>,
): Promise<UserStore> {
  const lastUserId = Math.max(index.lastUserId, cache.ids.at(-1) ?? 0, ...withoutToken);
  const onUnfinished = (error: unknown) =>
    report("error", "A change to a user counts, but a file was left over. The next start removes it", { error });
  const users = new UserStore({ paths, cache, journal, lastUserId, now, onFatal, makeFolder, onUnfinished });
  await users.finishChanges(withoutToken);
  // Not before: tokens that end now ended before this start.
  cache.onTokenEnd = onTokenEnd;
  return users;
}
