/**
 * Who one is on this machine: credentials of one or more users, in a file that only its owner can read. They are as good
 * as passwords, so nothing else is ever written there, and they are never printed.
 */
import { chmod, mkdir, open, readFile, rename } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { CliError, EXIT } from "./cli-error.ts";

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
  /** The name of the one that counts where none is named. */
  current: string;
  /** A map, for people may be called anything, "__proto__" too. */
  readonly #identities: Map<string, Identity>;

  constructor(path: string, { current, identities }: Saved) {
    this.path = path;
    this.current = current;
    this.#identities = new Map(Object.entries(identities));
  }

  /** Reads the file of the user who runs this. */
  static async load(environment = process.env): Promise<Identities> {
    const path = join(configFolder(environment), "plainchat", "identities.json");
    let text: string;
    try {
      text = await readFile(path, "utf8");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") {
        return new Identities(path, { current: "", identities: {} });
      }
      throw new CliError(`${path} cannot be read: ${error instanceof Error ? error.message : error}`, EXIT.nobody);
    }
    try {
      const saved: Saved = JSON.parse(text);
      if (Object.values(saved.identities).every(isIdentity)) return new Identities(path, saved);
    } catch {
      // Said below.
    }
    throw new CliError(
      `${path} is not as this program has written it. Mend it, or move it away and register again`,
      EXIT.nobody,
    );
  }

  get names(): string[] {
    return [...this.#identities.keys()];
  }

  find(name: string): Identity | undefined {
    return this.#identities.get(name);
  }

  /** @param name as `--as` has it. @throws {CliError} when there is no such identity. */
  get(name = this.current): { name: string; identity: Identity } {
    const identity = this.find(name);
    if (identity !== undefined) return { name, identity };
    if (this.names.length === 0) {
      throw new CliError("You are not registered on this machine. Do it with: plainchat register HANDLE", EXIT.nobody);
    }
    throw new CliError(
      name === ""
        ? `Say who you are with --as, or with PLAINCHAT_AS. There is: ${this.names.join(", ")}`
        : `There is no identity "${name}" on this machine. There is: ${this.names.join(", ")}`,
      EXIT.nobody,
    );
  }

  /** Keeps an identity, in the place of one with the same name. */
  async put(name: string, identity: Identity): Promise<void> {
    this.#identities.set(name, identity);
    await this.#save();
  }

  /** Makes sure that an identity can be kept, before there is one to be lost. @throws {CliError} */
  async mustBeWritable(): Promise<void> {
    try {
      await this.#save();
    } catch (error) {
      const why = error instanceof Error ? error.message : error;
      throw new CliError(`Your token could not be kept, so nothing was done: ${why}`, EXIT.nobody);
    }
  }

  async remove(name: string): Promise<void> {
    this.#identities.delete(name);
    if (this.current === name) this.current = this.names.length === 1 ? (this.names[0] ?? "") : "";
    await this.#save();
  }

  /** The new file is whole before it takes the place of the old one. */
  async #save(): Promise<void> {
    const folder = dirname(this.path);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const unfinished = `${this.path}.${process.pid}`;
    const handle = await open(unfinished, "w", 0o600);
    try {
      const saved: Saved = { current: this.current, identities: Object.fromEntries(this.#identities) };
      await handle.writeFile(`${JSON.stringify(saved, undefined, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await chmod(unfinished, 0o600);
    await rename(unfinished, this.path);
  }
}

function isIdentity(value: Partial<Identity>): boolean {
  const { url, userHandle, myId, myAuth } = value;
  return [url, userHandle, myAuth].every((each) => typeof each === "string") && Number.isSafeInteger(myId);
}

function configFolder({ XDG_CONFIG_HOME, APPDATA }: NodeJS.ProcessEnv): string {
  if (process.platform === "win32" && APPDATA !== undefined) return APPDATA;
  return XDG_CONFIG_HOME || join(homedir(), ".config");
}
