/**
 * The only file that builds a path. Ids and hashes come from clients in the end, so they are checked here once more
 * before they become part of a file's name: whatever goes wrong elsewhere, no request leaves the root.
 */
import { join } from "node:path";

/** The names in the data folder, as docs/spec.md and ARCHITECTURE.md describe them. */
export class Paths {
  readonly root: string;
  readonly users: string;
  readonly messages: string;
  readonly lock: string;
  readonly secret: string;
  /** Space that is kept free for removing things when the disk is full. */
  readonly reserve: string;

  constructor(root: string) {
    this.root = root;
    this.users = join(root, "users");
    this.messages = join(root, "messages");
    this.lock = join(root, "lock");
    this.secret = join(root, "users", "secret.dat");
    this.reserve = join(root, "messages", "reserve");
  }

  /** `messages/aside`: files in which something was damaged, as they were. */
  get aside(): string {
    return join(this.messages, "aside");
  }

  /** `users/<userId>.dat`: the token. */
  tokenFile(userId: number): string {
    return join(this.users, `${checkedNumber(userId)}.dat`);
  }

  /** `users/<userId>.json`: the handle, and when the user registered. */
  profileFile(userId: number): string {
    return join(this.users, `${checkedNumber(userId)}.json`);
  }

  /** `users/<sha256>.dat`: the userId that owns the handle. */
  handleFile(hashUserHandle: string): string {
    if (!/^[0-9a-f]{64}$/.test(hashUserHandle)) throw new Error("A handle's hash must be 64 hexadecimal digits");
    return join(this.users, `${hashUserHandle}.dat`);
  }

  /** `messages/<number>.jsonl`, with zeros in front, so that `ls` lists the files in order. */
  journalFile(number: number): string {
    return join(this.messages, `${String(checkedNumber(number)).padStart(6, "0")}.jsonl`);
  }

  /** Where the next version of a journal file is built. */
  journalFileUnderConstruction(number: number): string {
    return join(this.messages, `${TEMPORARY_PREFIX}${checkedNumber(number)}.jsonl`);
  }

  /** Where a damaged journal file is kept, as it was. */
  asideFile(number: number, attempt: number): string {
    return join(this.aside, `${String(checkedNumber(number)).padStart(6, "0")}-${checkedNumber(attempt)}.jsonl`);
  }
}

/** The number in the name of a journal file, or undefined for any other name. */
export function journalFileNumber(name: string): number | undefined {
  const match = /^(\d{6,15})\.jsonl$/.exec(name);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

/** What a file of the users folder is, told from its name. */
export function userFileKind(name: string): { token: number } | { profile: number } | { handle: string } | undefined {
  const match = /^(?:([1-9]\d{0,15})\.(dat|json)|([0-9a-f]{64})\.dat)$/.exec(name);
  if (match === null) return undefined;
  if (match[3] !== undefined) return { handle: match[3] };
  return match[2] === "dat" ? { token: Number(match[1]) } : { profile: Number(match[1]) };
}

/** Files under construction begin with this; what is left of them after a crash is removed at the start. */
export const TEMPORARY_PREFIX = ".new-";

function checkedNumber(value: number): number {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error("A number in a file's name must be a positive integer");
  return value;
}
