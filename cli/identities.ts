/**
 * Your identities on this computer: the credentials of one or more users, in a file that only you can read. They work
 * like passwords, so they are never printed and never written anywhere else. A lost token cannot be replaced, and other
 * terminals change the file too. So every change takes a lock and reads the file again first.
 */
import { chmod, mkdir, open, readFile, rename } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { isCode } from "../server/store/error-code.ts";
import { Lock, LockedError } from "../server/store/files/lock.ts";
import { CliError, EXIT, sentenceIn } from "./cli-error.ts";
import { LAUNCHER } from "./launcher.ts";

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
  identities: Record<string, Identity>;
}

export class Identities {
  readonly path: string;
  #current = "";
  /** A map, because a handle may be anything, even "__proto__". */
  #identities = new Map<string, Identity>();

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

  find(name: string): Identity | undefined {
    return this.#identities.get(name);
  }

  /**
   * Finds the identity to use. A token goes only to the server that gave it. Another server could keep it, or answer
   * with a token of its own.
   * @param name the value of `--as`. It also means that `url` is the same server at another address.
   * @param url the value of `--url`.
   * @throws {CliError} when there is no such identity.
   */
  get(name?: string, url?: string): { name: string; identity: Identity } {
    if (this.names.length === 0) {
      throw new CliError(
        `You are not registered on this computer. Do it with: ${LAUNCHER} register HANDLE`,
        EXIT.nobody,
      );
    }
    if (name === undefined && url !== undefined) return this.#at(url);
    const wanted = name ?? this.current;
    const identity = this.find(wanted);
    if (identity !== undefined) return { name: wanted, identity };
    throw new CliError(
      wanted === ""
        ? `Use --as or PLAINCHAT_AS to say who you are. You can be: ${this.names.join(", ")}`
        : `There is no identity "${wanted}" on this computer. You can be: ${this.names.join(", ")}`,
      EXIT.nobody,
    );
  }

  /** The identity at a server: the current one, or the only one there. */
  #at(url: string): { name: string; identity: Identity } {
    const there = this.#allAt(url);
    const [name, identity] = there.find(([each]) => each === this.current) ?? there[0] ?? [];
    if (name === undefined || identity === undefined) {
      const isSame = this.current === "" ? "" : `. If it is your server at another address, add --as ${this.current}`;
      throw new CliError(
        `You are not registered at ${url}. Do it with: ${LAUNCHER} --url ${url} register HANDLE${isSame}`,
        EXIT.nobody,
      );
    }
    if (there.length > 1 && name !== this.current) {
      const names = there.map(([each]) => each).join(", ");
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
      this.#identities.set(name, identity);
      this.#current = name;
    });
  }

  /** Saves a changed identity. */
  async put(name: string, identity: Identity): Promise<void> {
    await this.#change(() => this.#identities.set(name, identity));
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
    this.#identities = new Map(Object.entries(identities));
  }

  /** The new file is complete before it replaces the old one. */
  async #save(): Promise<void> {
    const unfinished = `${this.path}.${process.pid}`;
    const handle = await open(unfinished, "w", 0o600);
    try {
      const saved: Saved = { current: this.#current, identities: Object.fromEntries(this.#identities) };
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
    const saved: Saved = JSON.parse(text);
    if (Object.values(saved.identities).every(isIdentity)) return saved;
  } catch {
    // The error below says so.
  }
  throw new CliError(`${path} is damaged. Repair it, or move it away and register again`, EXIT.nobody);
}

/** @throws {CliError} when another program holds the lock for too long, or the file cannot be created. */
async function takeLock(path: string): Promise<Lock> {
  try {
    return await Lock.take(path, LOCK_PATIENCE_MILLISECONDS);
  } catch (error) {
    const why = error instanceof LockedError ? "another program holds the lock" : sentenceIn(error);
    throw new CliError(`${path} cannot be locked: ${why}`, EXIT.nobody);
  }
}

/** Compares addresses. This computer has several names for itself. */
function isSameServer(one: string, other: string): boolean {
  const [first, second] = [one, other].map((url) => {
    const { protocol, hostname, port, pathname } = new URL(url);
    return `${protocol}//${/^(localhost|\[::1\])$/.test(hostname) ? "127.0.0.1" : hostname}:${port}${pathname}`;
  });
  return first === second;
}

function isIdentity(value: Partial<Identity>): boolean {
  const { url, userHandle, myId, myAuth } = value;
  const areTexts = [url, userHandle, myAuth].every((each) => typeof each === "string");
  return areTexts && URL.canParse(url ?? "") && Number.isSafeInteger(myId);
}

function configFolder({ XDG_CONFIG_HOME, APPDATA }: NodeJS.ProcessEnv): string {
  if (process.platform === "win32" && APPDATA !== undefined) return APPDATA;
  return XDG_CONFIG_HOME || join(homedir(), ".config");
}
