/**
 * The users: one file for each fact, as docs/spec.md says. A crash can come between any two steps of a change, so one
 * step, marked "commit" below, decides. Before it, nothing has happened; after it, the next start of the server
 * finishes the rest.
 *
 *     register   <userId>.json, <userId>.dat, then link <hash>.dat (commit)
 *     rename     link the new <hash>.dat, replace <userId>.json (commit), unlink the old <hash>.dat
 *     new token  replace <userId>.dat (commit)
 *     leave      unlink <userId>.dat (commit), "leave" into the journal, unlink <hash>.dat and <userId>.json
 *
 * A step after the commit may fail without harm: the change counts, and the client is told so.
 */
import type { User, Users } from "../contract.ts";
import { isCode, saysDiskFull } from "../error-code.ts";
import { createFile, removeFiles, replaceFile } from "../files/durable-file.ts";
import type { Paths } from "../files/paths.ts";
import type { Journal } from "../journal/journal.ts";
import { OneAtATime } from "../one-at-a-time.ts";
import { DiskFullError, OverloadedError, SyncError } from "../store-errors.ts";
import { hashHandle } from "./handle-hash.ts";
import { carriesToken, encodeProfile, type Profile, registeredAtIn } from "./profile.ts";
import { MAX_USER_ID, type UserCache } from "./user-cache.ts";

interface UserStoreOptions {
  paths: Paths;
  cache: UserCache;
  journal: Journal;
  /** The greatest id that a user ever had. */
  lastUserId: number;
  now: () => number;
  /** Called when nothing can be promised any more. */
  onFatal: (error: unknown) => void;
  /** Makes the folder again when somebody has removed it. */
  makeFolder: () => Promise<void>;
  /** Called when a change counts but could not be finished. The next start finishes it. */
  onUnfinished: (error: unknown) => void;
}

export class UserStore implements Users {
  readonly #options: UserStoreOptions;
  readonly #paths: Paths;
  readonly #cache: UserCache;
  #lastUserId: number;
  readonly #changes = new OneAtATime<number>();
  readonly #handles = new OneAtATime<string>();
  /** Handles that were linked for a rename that is not committed yet. */
  readonly #claimed = new Set<string>();

  constructor(options: UserStoreOptions) {
    this.#options = options;
    this.#paths = options.paths;
    this.#cache = options.cache;
    this.#lastUserId = options.lastUserId;
  }

  openTokenFile(userId: number): User | "not found" | "unreadable" {
    return this.#cache.user(userId);
  }

  hashHandle(userHandle: string): string {
    return hashHandle(userHandle);
  }

  openHandleFile(hashUserHandle: string): { readonly userId: number } | "not found" | "unreadable" {
    const owner = this.#cache.owner(hashUserHandle);
    return typeof owner === "number" ? { userId: owner } : owner;
  }

  async nextId(): Promise<number> {
    if (this.#lastUserId >= MAX_USER_ID) throw new Error("All user ids are used up");
    this.#lastUserId++;
    const userId = this.#lastUserId;
    // Written down before any file has this id: whatever is deleted later, the id is never given out again.
    await this.#options.journal.append({ op: "user", seq: this.#options.journal.nextSeq(), userId });
    return userId;
  }

  createTokenFile(userId: number, authToken: string, userHandle: string): Promise<void> {
    return this.#durably(userId, async () => {
      const registeredAt = new Date(this.#options.now()).toISOString();
      await this.#writeProfile(userId, { userHandle, registeredAt });
      await createFile(this.#paths.tokenFile(userId), authToken);
    });
  }

  createHandleFile(hashUserHandle: string, userId: number): Promise<boolean> {
    const path = this.#paths.handleFile(hashUserHandle);
    return this.#handles.run(hashUserHandle, () =>
      this.#durably(userId, async () => {
        // Read from the disk, because somebody may have changed the file by hand a moment ago.
        this.#cache.refreshHandle(hashUserHandle);
        if (this.#claimed.has(hashUserHandle)) return false;
        if (this.#cache.owner(hashUserHandle) === userId) return true;
        // A file that a crash left, or that names a user who is gone, must not block the handle.
        if (this.#cache.isStale(hashUserHandle)) await removeFiles([path]);
        const created = await createFile(path, String(userId));
        this.#cache.refreshHandle(hashUserHandle);
        if (created && !this.#isHandleOf(userId, hashUserHandle)) this.#claimed.add(hashUserHandle);
        return created;
      }),
    );
  }

  abandon(userId: number): Promise<void> {
    return this.#durably(userId, () => removeFiles([this.#paths.tokenFile(userId), this.#paths.profileFile(userId)]));
  }

  async change(userId: number, userHandle: string, authToken: string): Promise<void> {
    try {
      await this.#durably(userId, async () => {
        const user = this.#cache.user(userId);
        if (typeof user === "string") throw new Error(`User ${userId} is ${user}`);
        const profile = this.#cache.readProfile(userId);
        const isNewHandle = user.userHandle !== userHandle;
        const isNewToken = user.authToken.text !== authToken;
        const registeredAt = registeredAtIn(profile);
        if (isNewToken && !isNewHandle && !carriesToken(profile)) {
          await replaceFile(this.#paths.tokenFile(userId), authToken);
        } else if (isNewToken) {
          // Handle and token are two files, so the profile carries the token until it is in its own file.
          await this.#writeProfile(userId, { userHandle, registeredAt, authToken });
          await this.#afterCommit(() => this.#deliverToken(userId, { userHandle, registeredAt, authToken }));
        } else if (isNewHandle) {
          await this.#writeProfile(userId, { userHandle, registeredAt, ...(carriesToken(profile) && { authToken }) });
        }
      });
    } finally {
      this.#claimed.delete(hashHandle(userHandle));
    }
  }

  removeHandleFile(hashUserHandle: string): Promise<void> {
    return this.#handles.run(hashUserHandle, () =>
      this.#afterCommit(async () => {
        this.#cache.refreshHandle(hashUserHandle);
        if (!this.#cache.isStale(hashUserHandle)) return;
        await removeFiles([this.#paths.handleFile(hashUserHandle)]);
        this.#cache.refreshHandle(hashUserHandle);
      }),
    );
  }

  removeTokenFile(userId: number): Promise<void> {
    return this.#durably(userId, () => removeFiles([this.#paths.tokenFile(userId)]));
  }

  async removeTraces(user: User): Promise<void> {
    await this.removeHandleFile(hashHandle(user.userHandle));
    await this.#afterCommit(() => removeFiles([this.#paths.profileFile(user.userId)]));
  }

  list(afterId: number, limit: number): { userId: number; userHandle: string }[] {
    return this.#cache.list(afterId, limit).map(({ userId, userHandle }) => ({ userId, userHandle }));
  }

  oneAtATime<Result>(userId: number, work: () => Promise<Result>): Promise<Result> {
    return this.#changes.run(userId, work);
  }

  /** At the start: finishes what a crash left half done. @param withoutToken ids of profiles without a token. */
  async finishChanges(withoutToken: number[]): Promise<void> {
    for (const userId of this.#cache.unsettledUsers()) {
      const profile = this.#cache.readProfile(userId);
      if (!carriesToken(profile)) continue;
      await this.#afterCommit(() => this.#deliverToken(userId, profile));
      this.#cache.refreshUser(userId);
    }
    for (const userId of withoutToken) {
      await this.#afterCommit(async () => {
        const { journal } = this.#options;
        await journal.append({ op: "leave", seq: journal.nextSeq(), userId });
        await removeFiles([this.#paths.profileFile(userId)]);
      });
    }
    for (const hashUserHandle of this.#cache.hashes()) {
      if (this.#cache.isStale(hashUserHandle)) await this.removeHandleFile(hashUserHandle);
    }
  }

  /** False during a rename: the profile, which is its commit, still has the old handle. */
  #isHandleOf(userId: number, hashUserHandle: string): boolean {
    const user = this.#cache.user(userId);
    return typeof user === "string" || hashHandle(user.userHandle) === hashUserHandle;
  }

  #writeProfile(userId: number, profile: Profile): Promise<void> {
    return replaceFile(this.#paths.profileFile(userId), encodeProfile(profile));
  }

  async #deliverToken(userId: number, { authToken, ...profile }: Profile & { authToken: string }): Promise<void> {
    await replaceFile(this.#paths.tokenFile(userId), authToken);
    await this.#writeProfile(userId, profile);
  }

  /** Does what is left to do after the commit. If that fails, the next start does it. */
  async #afterCommit(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof SyncError) {
        this.#options.onFatal(error);
        throw error;
      }
      this.#options.onUnfinished(error);
    }
  }

  /** Changes files of a user. Afterwards the cache reads them again, whether the change worked or not. */
  async #durably<Result>(userId: number, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof SyncError) this.#options.onFatal(error);
      if (saysDiskFull(error)) throw new DiskFullError("The disk is full", { cause: error });
      if (isCode(error, "ENOENT")) {
        // Not tried again: what the call had written before is gone, too.
        await this.#options.makeFolder();
        throw new OverloadedError("The folder of the users was removed at this moment", { cause: error });
      }
      throw error;
    } finally {
      this.#cache.refreshUser(userId);
    }
  }
}
