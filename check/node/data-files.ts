/**
 * Finds the file to which the server under test appends its messages, and writes half a line at its end, as a power cut
 * in the middle of the next write does. actions/tear.ts calls it through `Surroundings`. It must never write where that
 * could be unfair: only to a text file that the last message has made longer by exactly one line.
 */
import { type Dirent, statSync } from "node:fs";
import { appendFile, readdir, readFile, stat, truncate } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import type { DataFiles, Torn } from "../exchange/exchange.ts";

/** Larger folders have other things in them, such as a whole home folder. */
const MAX_FILES = 5000;
const MAX_DEPTH = 6;
/** What was written before the check began is not read. Files have coarse times on some systems. */
const BEFORE_MILLISECONDS = 10_000;
const MAX_BYTES = 32 * 1024 * 1024;
const NOT_DATA = new Set(["node_modules", ".git", "__pycache__"]);

/** What is in each file; undefined if it is old or long. */
type Look = Map<string, Buffer | undefined>;

/**
 * @param folder where the command runs. @returns that folder, and those that the command names itself or with a file in
 * them: `python3 ../server/main.py 8000 /tmp/data` names two.
 */
export function foldersOf(command: string, folder: string): string[] {
  const words = [...command.matchAll(/"([^"]+)"|'([^']+)'|([^\s"'=]+)/g)].map(
    ([, ...parts]) => parts.find(Boolean) ?? "",
  );
  const named = words.slice(1).flatMap((word) => {
    const path = resolve(folder, word);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory() === true) return [path];
    return found?.isFile() === true ? [dirname(path)] : [];
  });
  const all = [...new Set([folder, ...named])];
  return all.filter((one) => !all.some((other) => other !== one && isInside(one, other)));
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== "" && !way.startsWith("..") && resolve(folder, way) === path;
}

export class DataFilesIn implements DataFiles {
  readonly #folders: string[];
  readonly #since = Date.now() - BEFORE_MILLISECONDS;
  #before: Look = new Map();

  constructor(folders: string[]) {
    this.#folders = folders;
  }

  async remember(): Promise<void> {
    this.#before = await this.#look();
  }

  async tear(text: string): Promise<Torn | undefined> {
    const now = await this.#look();
    const grown = [...now].flatMap(([path, bytes]) => {
      const line = lineThatCame(this.#before.get(path), bytes);
      return line?.includes(text) === true ? [{ path, line }] : [];
    });
    const [found] = grown;
    // With two copies, nobody knows in which order the server writes them.
    if (found === undefined || grown.length > 1) return undefined;
    const { path, line } = found;
    const half = line.subarray(0, line.indexOf(text) + Math.floor(text.length / 2));
    await appendFile(path, half);
    const { size } = await stat(path);
    const undo = async () => {
      if ((await stat(path)).size === size) await truncate(path, size - half.length);
    };
    return { name: this.#nameOf(path), undo };
  }

  #nameOf(path: string): string {
    const [folder = ""] = this.#folders.filter((each) => isInside(path, each));
    return relative(folder, path);
  }

  async #look(): Promise<Look> {
    const look: Look = new Map();
    for (const folder of this.#folders) await this.#lookInto(folder, 0, look);
    return look;
  }

  async #lookInto(folder: string, depth: number, look: Look): Promise<void> {
    if (depth > MAX_DEPTH) return;
    const entries = await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => []);
    for (const entry of entries) {
      if (look.size >= MAX_FILES) return;
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !NOT_DATA.has(entry.name)) await this.#lookInto(path, depth + 1, look);
      else if (entry.isFile()) look.set(path, await this.#read(path));
    }
  }

  /** @returns undefined if it is old or long, or has gone meanwhile. */
  async #read(path: string): Promise<Buffer | undefined> {
    try {
      const { size, mtimeMs } = await stat(path);
      return mtimeMs >= this.#since && size <= MAX_BYTES ? await readFile(path) : undefined;
    } catch {
      return undefined;
    }
  }
}

/** @returns the line at its end with which a file has grown, or undefined if it has changed in another way. */
function lineThatCame(before: Buffer | undefined, now: Buffer | undefined): Buffer | undefined {
  if (before === undefined || now === undefined) return undefined;
  if (now.length <= before.length || !now.subarray(0, before.length).equals(before)) return undefined;
  const came = now.subarray(before.length);
  const isOneLine = came.indexOf("\n") === came.length - 1;
  return isOneLine && isText(came) ? came : undefined;
}

function isText(bytes: Buffer): boolean {
  return !bytes.includes(0) && Buffer.from(bytes.toString("utf8")).equals(bytes);
}
