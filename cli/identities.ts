/**
 * Your identities on this computer: the credentials of one or more users, in a file that only you can read. They work
 * like passwords, so they are never printed and never written anywhere else. A lost token cannot be replaced, and other
 * terminals change the file too. So every change takes a lock and reads the file again first.
 */
import { chmod, mkdir, open, readFile, rename } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { id, object, text, token, WrongShape } from "../client/shape.ts";
import { isCode } from "../server/store/error-code.ts";
import type { Lock } from "../server/store/files/lock.ts";
import { CliError, EXIT, sentenceIn } from "./cli-error.ts";
import { LAUNCHER } from "./launcher.ts";
import { commandLine, shellWord } from "./shell-word.ts";

/** A change takes a few milliseconds. A program that holds the lock for this long is stuck. */
const LOCK_PATIENCE_MILLISECONDS = 10_000;

export interface Identity {
  url: string;
  userHandle: string;
  myId: number;
  myAuth: string;
}

/** The contents of the file. */
interface Saved {
  /** The name of the identity that commands use without `--as`. */
  current: string;
  /** Each of them is an Identity, unless the file was damaged. */
  identities: Record<string, unknown>;
}

const identityShape = object<Identity>({ url: text, userHandle: text, myId: id, myAuth: token });

export class Identities {
  readonly path: string;
  #current = "";
  /** A map, because a handle may be anything, even "__proto__". */
  #identities = new Map<string, Identity>();
  /** Entries that cannot be used. They stay in the file, because somebody may repair them. */
  #damaged = new Map<string, unknown>();

  private constructor(path: string) {
    this.path = path;
  }

  /** Reads the file of the person who runs this. @throws {CliError} when it cannot be read or is damaged. */
  static async load(environment = process.env): Promise<Identities> {
    const identities = new Identities(join(configFolder(environment), "plainchat", "identities.json"));
    await identities.#read();
    return identities;
  }

  /** The name of the identity that commands use without `--as`; empty if there is none. */
  get current(): string {
    return this.#current;
  }

  get names(): string[] {
    return [...this.#identities.keys()];
  }

  /** Whether there is an identity, at a server or at all. */
  hasAnybody(url?: string): boolean {
    return url === undefined ? this.names.length > 0 : this.#allAt(url).length > 0;
  }

  /** One sentence for each entry of the file that cannot be used. */
  get problems(): string[] {
    return [...this.#damaged.keys()].map((name) => this.#problemOf(name));
  }

  /** The identity with this name, unless it is damaged. */
  find(name: string): Identity | undefined {
    return this.#identities.get(name);
  }

  has(name: string): boolean {
    return this.#identities.has(name) || this.#damaged.has(name);
  }

  #problemOf(name: string): string {
    return `The identity "${name}" in ${this.path} is damaged. Repair it, or remove it from the file`;
  }

  /**
   * Finds the identity to use. A token goes only to the server that gave it. Another server could keep it, or answer
   * with a token of its own.
   * @param name the value of `--as`.
   * @param url the value of `--url`.
   * @param isMeant whether both were typed for this command: then the server has moved to this address.
   * @throws {CliError} when there is no such identity, or it belongs to another server.
   */
  get(name?: string, url?: string, isMeant = false): { name: string; identity: Identity } {
    const wanted = name ?? this.current;
    if (this.#damaged.has(wanted)) throw new CliError(this.#problemOf(wanted), EXIT.nobody);
    if (this.names.length === 0) {
      throw new CliError(
        `You are not registered on this computer. Do it with: ${LAUNCHER} register HANDLE`,
        EXIT.nobody,
      );
    }
    if (name === undefined && url !== undefined) return this.#at(url);
    const identity = this.#identities.get(wanted);
    if (identity !== undefined) {
      if (url !== undefined && !isMeant) mustBelongTo(url, wanted, identity);
      return { name: wanted, identity };
    }
    throw new CliError(
      wanted === ""
        ? `Use --as or PLAINCHAT_AS to say who you are. You can be: ${listed(this.names)}`
        : `There is no identity "${wanted}" on this computer. You can be: ${listed(this.names)}`,
      EXIT.nobody,
    );
  }

  /** The identity at a server: the current one, or the only one there. */
  #at(url: string): { name: string; identity: Identity } {
    const there = this.#allAt(url);
    const [name, identity] = there.find(([each]) => each === this.current) ?? there[0] ?? [];
    if (name === undefined || identity === undefined) {
      // The current one is only a guess here: whoever types the command says whose token may go there.
      const move = commandLine("move", [url], this.current === "" ? {} : { "--as": this.current });
      throw new CliError(
        `You are not registered at ${url}. Do it with: ${commandLine("register", ["HANDLE"], { "--url": url })}. If it is your server at a new address: ${move}`,
        EXIT.nobody,
      );
    }
    if (there.length > 1 && name !== this.current) {
      const names = listed(there.map(([each]) => each));
      throw new CliError(`You are several people at ${url}. Use --as with one of: ${names}`, EXIT.nobody);
    }
    return { name, identity };
  }

  #allAt(url: string): [name: string, identity: Identity][] {
    return [...this.#identities].filter(([, identity]) => isSameServer(identity.url, url));
  }

  /** Saves a new identity and makes it the current one. It replaces an identity with the same name. */
  async add(name: string, identity: Identity): Promise<void> {
    await this.#change(() => {
      this.#set(name, identity);
      this.#current = name;
    });
  }

  /** Saves a changed identity. */
  async put(name: string, identity: Identity): Promise<void> {
    await this.#change(() => this.#set(name, identity));
  }

  #set(name: string, identity: Identity): void {
    // What a server has sent must not spoil the file.
    const { url } = identity;
    if (!isIdentity(identity)) {
      throw new CliError(`The id, the handle or the token from ${url} cannot be saved`, EXIT.refused);
    }
    this.#damaged.delete(name);
    this.#identities.set(name, identity);
  }

  /** Makes sure that a token can be saved, before there is a token to lose. @throws {CliError} */
  async mustBeWritable(): Promise<void> {
    try {
      await this.#change(() => {});
    } catch (error) {
      throw new CliError(`Your token could not be saved, so nothing was done: ${sentenceIn(error)}`, EXIT.nobody);
    }
  }

  async remove(name: string): Promise<void> {
    await this.#change(() => {
      this.#identities.delete(name);
      if (this.#current === name) this.#current = this.names.length === 1 ? (this.names[0] ?? "") : "";
    });
  }

  /**
   * Reads the file again, then changes it. What the command read at its start may be old: while it waited for the class
   * secret, somebody may have registered in another terminal.
   */
  async #change(change: () => void): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    const lock = await takeLock(`${this.path}.lock`);
    try {
      await this.#read();
      change();
      await this.#save();
    } finally {
      lock.release();
    }
  }

  async #read(): Promise<void> {
    const { current, identities } = await readSaved(this.path);
    this.#current = current;
    const entries = Object.entries(identities);
    this.#identities = new Map(entries.filter((entry): entry is [string, Identity] => isIdentity(entry[1])));
    this.#damaged = new Map(entries.filter(([, entry]) => !isIdentity(entry)));
  }

  /** The new file is complete before it replaces the old one. */
  async #save(): Promise<void> {
    const unfinished = `${this.path}.${process.pid}`;
    const handle = await open(unfinished, "w", 0o600);
    try {
      const all = [...this.#identities, ...this.#damaged];
      const saved: Saved = { current: this.#current, identities: Object.fromEntries(all) };
      await handle.writeFile(`${JSON.stringify(saved, undefined, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await chmod(unfinished, 0o600);
    await rename(unfinished, this.path);
  }
}

/** @throws {CliError} when the file is there but cannot be read. */
async function readSaved(path: string): Promise<Saved> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (isCode(error, "ENOENT")) return { current: "", identities: {} };
    throw new CliError(`${path} cannot be read: ${sentenceIn(error)}`, EXIT.nobody);
  }
  try {
    const { current, identities }: Partial<Saved> = JSON.parse(text);
    if (typeof identities === "object" && identities !== null && !Array.isArray(identities)) {
      return { current: typeof current === "string" ? current : "", identities };
    }
  } catch {
    // The error below says so.
  }
  throw new CliError(`${path} is damaged. Repair it, or move it away and register again`, EXIT.nobody);
}

/** @throws {CliError} when another program holds the lock for too long, or the file cannot be created. */
async function takeLock(path: string): Promise<Lock> {
  // It loads SQLite, and most commands only read the file.
  const { Lock, LockedError } = await import("../server/store/files/lock.ts");
  try {
    return await Lock.take(path, LOCK_PATIENCE_MILLISECONDS);
  } catch (error) {
    const why = error instanceof LockedError ? "another program holds the lock" : sentenceIn(error);
    throw new CliError(`${path} cannot be locked: ${why}`, EXIT.nobody);
  }
}

/** Names to copy after `--as`. */
export function listed(names: readonly string[]): string {
  return names.map((name) => shellWord(name)).join(", ");
}

/** Compares addresses. This computer has several names for itself. */
export function isSameServer(one: string, other: string): boolean {
  const [first, second] = [one, other].map((url) => {
    const { protocol, hostname, port, pathname } = new URL(url);
    return `${protocol}//${/^(localhost|\[::1\])$/.test(hostname) ? "127.0.0.1" : hostname}:${port}${pathname}`;
  });
  return first === second;
}

/** A token goes only to the server that gave it: another one could keep it. @throws {CliError} */
function mustBelongTo(url: string, name: string, identity: Identity): void {
  if (isSameServer(identity.url, url)) return;
  throw new CliError(
    `"${name}" is registered at ${identity.url}, and its token goes nowhere else. If ${url} is the same server at a new address, type: ${commandLine("move", [url], { "--as": name })}`,
    EXIT.nobody,
  );
}

function isIdentity(value: unknown): value is Identity {
  try {
    return /^https?:/i.test(new URL(identityShape(value, "").url).protocol);
  } catch (error) {
    if (error instanceof WrongShape || error instanceof TypeError) return false;
    throw error;
  }
}

function configFolder({ XDG_CONFIG_HOME, APPDATA }: NodeJS.ProcessEnv): string {
  if (process.platform === "win32" && APPDATA !== undefined) return APPDATA;
  return XDG_CONFIG_HOME || join(homedir(), ".config");
}
