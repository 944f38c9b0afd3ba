/**
 * Follows the system calls of a server and knows at each of them what a power cut would lose now: bytes that were
 * written but not synced, and names that were made or removed in a folder that was not synced. It counts on no extra
 * help from any file system: what was not synced is lost.
 */
import { basename, dirname } from "node:path";
import { Paths, TEMPORARY_PREFIX } from "../../server/store/files/paths.ts";
import type { SystemCall } from "./trace-file.ts";

export class Durability {
  readonly #root: string;
  /** It says the same as the journal, so no answer depends on it. */
  readonly #lastIds: string;
  readonly #bytes = new Set<string>();
  readonly #names = new Set<string>();
  /** Whether a sync has failed. After that, nothing may be promised. */
  #hasFailed = false;
  answers = 0;
  syncs = 0;

  constructor(root: string) {
    this.#root = root;
    this.#lastIds = new Paths(root).lastIds;
  }

  /** @returns what is wrong with the next call, or undefined. */
  follow(call: SystemCall): string | undefined {
    if (/^writev?$/.test(call.name) && /<(socket|TCP)/.test(call.rest) && call.rest.includes("HTTP/1.1 200")) {
      this.answers++;
      return this.#atAnswer();
    }
    const [first, second] = call.paths.filter((path) => path.startsWith(`${this.#root}/`) && path !== this.#lastIds);
    if (first === undefined) return undefined;
    if (/^f(data)?sync$/.test(call.name)) return this.#sync(first, call.result);
    if (call.result < 0 || Number.isNaN(call.result)) return undefined;
    if (/^(pwrite64|pwritev|writev?|ftruncate)$/.test(call.name)) this.#bytes.add(first);
    else if (call.name === "openat" && call.rest.includes("O_CREAT")) this.#name(first);
    else if (call.name.startsWith("unlink")) this.#remove(first);
    else if (/^(link|rename)/.test(call.name) && second !== undefined) {
      const isDurable = !this.#bytes.has(first);
      if (call.name.startsWith("rename")) this.#remove(first);
      this.#name(second);
      if (!isDurable) return `${basename(second)} got its name before its bytes were synced`;
    }
    return undefined;
  }

  #atAnswer(): string | undefined {
    if (this.#hasFailed) return "a 200 was sent after a sync had failed";
    const bytes = [...this.#bytes].filter((path) => !isTemporary(path)).map((path) => basename(path));
    if (bytes.length > 0) return `a 200 was sent before the bytes of ${bytes.join(", ")} were synced`;
    const names = [...this.#names].map((path) => basename(path));
    return names.length > 0 ? `a 200 was sent before the folder with ${names.join(", ")} was synced` : undefined;
  }

  #sync(path: string, result: number): undefined {
    this.syncs++;
    if (result < 0) {
      this.#hasFailed = true;
      return;
    }
    this.#bytes.delete(path);
    for (const name of this.#names) if (dirname(name) === path) this.#names.delete(name);
  }

  /** Temporary files do not matter: the next start removes them. */
  #name(path: string): void {
    if (!isTemporary(path)) this.#names.add(path);
  }

  #remove(path: string): void {
    this.#bytes.delete(path);
    this.#name(path);
  }
}

function isTemporary(path: string): boolean {
  return basename(path).startsWith(TEMPORARY_PREFIX);
}
