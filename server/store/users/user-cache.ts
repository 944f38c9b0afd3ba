/**
 * The users folder in memory, so that a request reads no file. The disk is the truth: after every change the changed
 * file is read again, by the same function that reads a file which was changed by hand.
 */
import { readdirSync, readFileSync } from "node:fs";
import { firstAtLeast } from "../binary-search.ts";
import type { User } from "../contract.ts";
import { isCode } from "../error-code.ts";
import { type Paths, userFileKind } from "../files/paths.ts";
import { ConfidentialText } from "./confidential-text.ts";
import { hashHandle } from "./handle-hash.ts";
import { carriesToken, decodeProfile, type Profile } from "./profile.ts";

/** Shown as the handle of a user without a profile. It is too short for anybody to register it. */
const UNKNOWN_HANDLE = "?";
/** The index of messages stores user ids in 32 bits. */
export const MAX_USER_ID = 2 ** 32 - 1;
const MAX_TOKEN_FILE_CHARACTERS = 256;

interface KnownUser extends User {
  /** Undefined when there is no profile to read the handle from. */
  hashUserHandle: string | undefined;
  /** Whether the profile still carries a new token. */
  carriesToken: boolean;
}

export class UserCache {
  readonly #paths: Paths;
  readonly #users = new Map<number, KnownUser | "unreadable">();
  readonly #owners = new Map<string, number | "unreadable">();
  /** All ids, ascending. */
  readonly #ids: number[] = [];
  /** Called when the token of a user has ended: it was changed, or the user is gone. */
  onTokenEnd: (userId: number) => void = () => {};

  constructor(paths: Paths) {
    this.#paths = paths;
  }

  /** Reads the whole folder. @returns the ids of profiles without a token: users who were being removed. */
  load(): number[] {
    const withoutToken: number[] = [];
    const names = readdirSync(this.#paths.users);
    const profiles: number[] = [];
    for (const name of names) {
      const kind = userFileKind(name);
      // The profile is read with the token.
      if (kind !== undefined && "profile" in kind) profiles.push(kind.profile);
      else this.refresh(name);
    }
    for (const userId of profiles) if (!this.#users.has(userId)) withoutToken.push(userId);
    return withoutToken;
  }

  /** Reads a file of the folder again, by its name. Names that are not ours are ignored. */
  refresh(name: string): void {
    const kind = userFileKind(name);
    if (kind === undefined) return;
    if ("handle" in kind) this.refreshHandle(kind.handle);
    else this.refreshUser("token" in kind ? kind.token : kind.profile);
  }

  refreshUser(userId: number): void {
    if (userId > MAX_USER_ID) return;
    const before = this.#users.get(userId);
    const user = this.#readUser(userId);
    if (user !== "not found") this.#users.set(userId, user);
    else this.#users.delete(userId);
    if (before === undefined && user !== "not found") insertSorted(this.#ids, userId);
    if (before !== undefined && user === "not found") this.#ids.splice(firstAbove(this.#ids, userId - 1), 1);
    if (before !== undefined && tokenOf(before) !== tokenOf(user)) this.onTokenEnd(userId);
  }

  /** For the watch's turns through all users: in this way, what could not be read once is read again. */
  refreshUserAndHandle(userId: number): void {
    this.refreshUser(userId);
    const user = this.#users.get(userId);
    if (typeof user === "object" && user.hashUserHandle !== undefined) this.refreshHandle(user.hashUserHandle);
  }

  refreshHandle(hashUserHandle: string): void {
    const text = readIfThere(this.#paths.handleFile(hashUserHandle));
    if (text === "not found") this.#owners.delete(hashUserHandle);
    else if (text === "unreadable" || !/^[1-9]\d{0,15}\s*$/.test(text)) this.#owners.set(hashUserHandle, "unreadable");
    else this.#owners.set(hashUserHandle, Number(text));
  }

  user(userId: number): User | "not found" | "unreadable" {
    return this.#users.get(userId) ?? "not found";
  }

  /** The owner of a handle. A file does not count if its user is gone, or has another handle now. */
  owner(hashUserHandle: string): number | "not found" | "unreadable" {
    const userId = this.#owners.get(hashUserHandle);
    if (userId === undefined) return "not found";
    if (userId === "unreadable") return "unreadable";
    const user = this.#users.get(userId);
    if (user === undefined) return "not found";
    if (user === "unreadable") return "unreadable";
    return user.hashUserHandle === undefined || user.hashUserHandle === hashUserHandle ? userId : "not found";
  }

  /** Whether a handle has a file that does not count. */
  isStale(hashUserHandle: string): boolean {
    return this.#owners.has(hashUserHandle) && this.owner(hashUserHandle) === "not found";
  }

  /** Users who own the handle in their profile, in ascending order of their ids. */
  list(afterId: number, limit: number): User[] {
    const listed: User[] = [];
    for (let i = firstAbove(this.#ids, afterId); i < this.#ids.length && listed.length < limit; i++) {
      const user = this.#users.get(this.#ids[i] ?? 0);
      if (user === undefined || user === "unreadable") continue;
      if (user.hashUserHandle === undefined || this.#owners.get(user.hashUserHandle) === user.userId) listed.push(user);
    }
    return listed;
  }

  /** All handles that the folder has a file for, valid or not. */
  hashes(): string[] {
    return [...this.#owners.keys()];
  }

  get ids(): readonly number[] {
    return this.#ids;
  }

  /** Whether the handle of a user is known. */
  hasProfile(userId: number): boolean {
    const user = this.#users.get(userId);
    return typeof user === "object" && user.hashUserHandle !== undefined;
  }

  /** `<userId>.json`. It is "damaged" when it is not exactly what the server wrote. */
  readProfile(userId: number): Profile | "not found" | "damaged" {
    const text = readIfThere(this.#paths.profileFile(userId));
    return text === "not found" ? text : (decodeProfile(text) ?? "damaged");
  }

  /** The users whose profiles have a handle, whatever the handle's own file says. */
  usersWithHandle(hashUserHandle: string): number[] {
    return this.#ids.filter((userId) => {
      const user = this.#users.get(userId);
      return typeof user === "object" && user.hashUserHandle === hashUserHandle;
    });
  }

  /** Users whose profile the start must check: their files are not as a finished change leaves them. */
  unsettledUsers(): number[] {
    return this.#ids.filter((userId) => {
      const user = this.#users.get(userId);
      return typeof user !== "object" || user.hashUserHandle === undefined || user.carriesToken;
    });
  }

  #readUser(userId: number): KnownUser | "not found" | "unreadable" {
    const text = readIfThere(this.#paths.tokenFile(userId));
    if (text === "not found" || text === "unreadable") return text;
    if (text.trim() === "" || text.length > MAX_TOKEN_FILE_CHARACTERS) return "unreadable";
    const profile = this.readProfile(userId);
    if (typeof profile === "string") {
      const authToken = new ConfidentialText(text);
      return { userId, userHandle: UNKNOWN_HANDLE, hashUserHandle: undefined, authToken, carriesToken: false };
    }
    return {
      userId,
      userHandle: profile.userHandle,
      hashUserHandle: hashHandle(profile.userHandle),
      authToken: new ConfidentialText(profile.authToken ?? text),
      carriesToken: carriesToken(profile),
    };
  }
}

function tokenOf(user: User | "not found" | "unreadable"): string | undefined {
  return typeof user === "string" ? undefined : user.authToken.text;
}

function readIfThere(path: string): string | "not found" | "unreadable" {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    return isCode(error, "ENOENT") ? "not found" : "unreadable";
  }
}

function insertSorted(ids: number[], id: number): void {
  ids.splice(firstAbove(ids, id), 0, id);
}

/** The index of the first number above `value`. */
function firstAbove(ids: readonly number[], value: number): number {
  return firstAtLeast(ids, value + 1, 0, ids.length);
}
