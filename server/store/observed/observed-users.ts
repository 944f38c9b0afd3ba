/**
 * The users and the class secret while somebody watches a request: the real store does everything, and the files that
 * it reads or changes are shown before and after.
 */
import type { Awaitable, Confidential, Secret, User, Users } from "../contract.ts";
import type { ObservedFiles, WatchedFile } from "./observed-files.ts";
import type { ObservedJournal } from "./observed-journal.ts";
import { ObservedText } from "./observed-text.ts";

/** How many of the files that a list comes from are shown. */
const FILES_OF_A_LIST = 4;

export class ObservedUsers implements Users {
  readonly #users: Users;
  readonly #files: ObservedFiles;
  readonly #journal: ObservedJournal;

  constructor(users: Users, files: ObservedFiles, journal: ObservedJournal) {
    this.#users = users;
    this.#files = files;
    this.#journal = journal;
  }

  async openTokenFile(userId: number): Promise<User | "not found" | "unreadable"> {
    const user = await this.#users.openTokenFile(userId);
    this.#files.showRead(this.#tokenFile(userId));
    if (typeof user === "string") return user;
    const authToken = new ObservedText(user.authToken, this.#files.witness);
    return { userId: user.userId, userHandle: user.userHandle, authToken };
  }

  hashHandle(userHandle: string): string {
    const hashUserHandle = this.#users.hashHandle(userHandle);
    this.#files.witness.made(hashUserHandle, userHandle);
    return hashUserHandle;
  }

  openHandleFile(hashUserHandle: string): Awaitable<{ readonly userId: number } | "not found" | "unreadable"> {
    this.#files.showRead(this.#handleFile(hashUserHandle));
    return this.#users.openHandleFile(hashUserHandle);
  }

  nextId(): Promise<number> {
    return this.#journal.showAppended(
      () => this.#users.nextId(),
      (record, userId) => record.op === "user" && record.userId === userId,
    );
  }

  createTokenFile(userId: number, authToken: string, userHandle: string): Promise<void> {
    this.#files.witness.conceal(authToken);
    return this.#files.showChanges([this.#tokenFile(userId), this.#profileFile(userId)], () =>
      this.#users.createTokenFile(userId, authToken, userHandle),
    );
  }

  createHandleFile(hashUserHandle: string, userId: number): Promise<boolean> {
    return this.#files.showChanges([this.#handleFile(hashUserHandle)], () =>
      this.#users.createHandleFile(hashUserHandle, userId),
    );
  }

  abandon(userId: number): Promise<void> {
    return this.#files.showChanges([this.#tokenFile(userId), this.#profileFile(userId)], () =>
      this.#users.abandon(userId),
    );
  }

  change(userId: number, userHandle: string, authToken: string): Promise<void> {
    this.#files.witness.conceal(authToken);
    return this.#files.showChanges([this.#profileFile(userId), this.#tokenFile(userId)], () =>
      this.#users.change(userId, userHandle, authToken),
    );
  }

  removeHandleFile(hashUserHandle: string): Promise<void> {
    return this.#files.showChanges([this.#handleFile(hashUserHandle)], () =>
      this.#users.removeHandleFile(hashUserHandle),
    );
  }

  removeTokenFile(userId: number): Promise<void> {
    return this.#files.showChanges([this.#tokenFile(userId)], () => this.#users.removeTokenFile(userId));
  }

  removeTraces(user: User): Promise<void> {
    const files = [this.#handleFile(this.hashHandle(user.userHandle)), this.#profileFile(user.userId)];
    return this.#files.showChanges(files, () => this.#users.removeTraces(user));
  }

  async list(afterId: number, limit: number): Promise<{ userId: number; userHandle: string }[]> {
    const listed = await this.#users.list(afterId, limit);
    for (const { userId } of listed.slice(0, FILES_OF_A_LIST)) this.#files.showRead(this.#profileFile(userId));
    return listed;
  }

  oneAtATime<Result>(userId: number, work: () => Promise<Result>): Promise<Result> {
    return this.#users.oneAtATime(userId, work);
  }

  #tokenFile(userId: number): WatchedFile {
    return { path: this.#files.paths.tokenFile(userId), isConfidential: true };
  }

  #profileFile(userId: number): WatchedFile {
    return { path: this.#files.paths.profileFile(userId), isConfidential: false };
  }

  #handleFile(hashUserHandle: string): WatchedFile {
    return { path: this.#files.paths.handleFile(hashUserHandle), isConfidential: false };
  }
}

export class ObservedSecret implements Secret {
  readonly #secret: Secret;
  readonly #files: ObservedFiles;

  constructor(secret: Secret, files: ObservedFiles) {
    this.#secret = secret;
    this.#files = files;
  }

  async open(): Promise<Confidential | undefined> {
    this.#files.showRead({ path: this.#files.paths.secret, isConfidential: true });
    const secret = await this.#secret.open();
    return secret === undefined ? undefined : new ObservedText(secret, this.#files.witness);
  }
}
