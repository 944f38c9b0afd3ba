/**
 * Who one is on this machine: credentials of one or more users, in a file that only its owner can read. They are as good
 * as passwords, so nothing else is ever written there, and they are never printed. A token that is lost cannot be had
 * again: every change is made to the file as it is at that moment, under a lock, for other terminals change it, too.
 */
import { chmod, mkdir, open, readFile, rename } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { isCode } from "../server/store/files/durable-file.ts";
import { Lock, LockedError } from "../server/store/files/lock.ts";
import { CliError, EXIT, sentenceIn } from "./cli-error.ts";

/** A change takes a few milliseconds; somebody who has the lock for so long is stuck. */
const LOCK_PATIENCE_MILLISECONDS = 10_000;

export interface Identity {
  url: string;
  userHandle: string;
  myId: number;
  myAuth: string;
}

/** The file's contents. */
interface Saved {
  /** The name of the one that counts where none is named. */
  current: string;
  identities: Record<string, Identity>;
}

export class Identities {
  readonly path: string;
  #current = "";
  /** A map, for people may be called anything, "__proto__" too. */
  #identities = new Map<string, Identity>();

  private constructor(path: string) {
    this.path = path;
  }

  /** Reads the file of the user who runs this. @throws {CliError} when it cannot be read, or is spoilt. */
  static async load(environment = process.env): Promise<Identities> {
    const identities = new Identities(join(configFolder(environment), "plainchat", "identities.json"));
    await identities.#read();
    return identities;
  }

  /** The name of the one that counts where none is named; empty where there is no such one. */
  get current(): string {
    return this.#current;
  }

  get names(): string[] {
    return [...this.#identities.keys()];
  }

  /** Whether one is anybody, at a server or at all. */
  hasAnybody(url?: string): boolean {
    return url === undefined ? this.names.length > 0 : this.#allAt(url).length > 0;
  }

  find(name: string): Identity | undefined {
    return this.#identities.get(name);
  }

  /**
   * Who one is. A token goes only to the server that gave it: another one could keep it, or answer with one of its own.
   * @param name as `--as` has it: whoever says that, says that it is the same server.
   * @param url as `--url` has it.
   * @throws {CliError} when there is no such identity.
   */
  get(name?: string, url?: string): { name: string; identity: Identity } {
    if (this.names.length === 0) {
      throw new CliError("You are not registered on this machine. Do it with: plainchat register HANDLE", EXIT.nobody);
    }
    if (name === undefined && url !== undefined) return this.#at(url);
    const wanted = name ?? this.current;
    const identity = this.find(wanted);
    if (identity !== undefined) return { name: wanted, identity };
    throw new CliError(
      wanted === ""
        ? `Say who you are with --as, or with PLAINCHAT_AS. There is: ${this.names.join(", ")}`
        : `There is no identity "${wanted}" on this machine. There is: ${this.names.join(", ")}`,
      EXIT.nobody,
    );
  }

  /** Whoever is registered at a server: the current one, or the only one. */
  #at(url: string): { name: string; identity: Identity } {
    const there = this.#allAt(url);
    const [name, identity] = there.find(([each]) => each === this.current) ?? there[0] ?? [];
    if (name === undefined || identity === undefined) {
      const isSame = this.current === "" ? "" : `. If it is the server that you know: --as ${this.current}`;
      throw new CliError(
        `You are not registered at ${url}. Do it with: plainchat --url ${url} register HANDLE${isSame}`,
        EXIT.nobody,
      );
    }
    if (there.length > 1 && name !== this.current) {
      const names = there.map(([each]) => each).join(", ");
      throw new CliError(`Say who you are at ${url} with --as: ${names}`, EXIT.nobody);
    }
    return { name, identity };
  }

  #allAt(url: string): [name: string, identity: Identity][] {
    return [...this.#identities].filter(([, identity]) => isSameServer(identity.url, url));
  }

  /** Keeps a new identity, in the place of one with the same name. It is the one that counts from here on. */
  async add(name: string, identity: Identity): Promise<void> {
    await this.#change(() => {
      this.#identities.set(name, identity);
      this.#current = name;
    });
  }

  /** Keeps what has changed about an identity. */
  async put(name: string, identity: Identity): Promise<void> {
    await this.#change(() => this.#identities.set(name, identity));
  }

  /** Makes sure that an identity can be kept, before there is one to be lost. @throws {CliError} */
  async mustBeWritable(): Promise<void> {
    try {
      await this.#change(() => {});
    } catch (error) {
      throw new CliError(`Your token could not be kept, so nothing was done: ${sentenceIn(error)}`, EXIT.nobody);
    }
  }

  async remove(name: string): Promise<void> {
    await this.#change(() => {
      this.#identities.delete(name);
      if (this.#current === name) this.#current = this.names.length === 1 ? (this.names[0] ?? "") : "";
    });
  }

  /**
   * Changes what is in the file by now. What was read when the command began may be old: a person has thought about the
   * class secret meanwhile, and registered in another terminal.
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

  /** The new file is whole before it takes the place of the old one. */
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

/** @throws {CliError} when there is something that cannot be read. */
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
    // Said below.
  }
  throw new CliError(
    `${path} is not as this program has written it. Mend it, or move it away and register again`,
    EXIT.nobody,
  );
}

/** @throws {CliError} when another program has the lock for too long, or the file cannot be made. */
async function takeLock(path: string): Promise<Lock> {
  try {
    return await Lock.take(path, LOCK_PATIENCE_MILLISECONDS);
  } catch (error) {
    const why = error instanceof LockedError ? "another program has it" : sentenceIn(error);
    throw new CliError(`${path} cannot be locked: ${why}`, EXIT.nobody);
  }
}

/** This machine has several names for itself. */
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
