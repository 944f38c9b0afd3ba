/**
 * Attaches strace to a running server: to see its system calls, or to make one of them fail.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { Unproven } from "../proof.ts";

/** Calls by which files change, under all the names that they have on this processor or another. */
export const CHANGING_CALLS = {
  open: ["?open", "openat"],
  write: ["write", "pwrite64", "writev", "pwritev"],
  fsync: ["fsync"],
  fdatasync: ["fdatasync"],
  link: ["?link", "linkat"],
  rename: ["?rename", "?renameat", "renameat2"],
  unlink: ["?unlink", "unlinkat"],
  ftruncate: ["ftruncate"],
};

export type ChangingCall = keyof typeof CHANGING_CALLS;

const PATIENCE_MILLISECONDS = 1000;

/** What strace is asked to do with one call. */
export interface Injection {
  call: ChangingCall;
  /** The first one is 1, and "3+" is every one from the third. Counted are calls of one name by one thread on `paths`. */
  occurrence: number | "3+";
  /** An error's name, or "kill": the process is killed at this call. Or what else strace can do: "retval=1". */
  error: string;
  paths: readonly string[];
}

/** @throws {Unproven} where strace is missing, or is not allowed to look at other processes. */
export function requireStrace(): void {
  if (process.platform !== "linux") throw new Unproven("strace works on Linux only");
  const { error, stderr } = spawnSync("strace", ["-V"]);
  if (error !== undefined) throw new Unproven("strace is missing (apt install strace)");
  const tried = spawnSync("strace", ["-o", "/dev/null", "true"], { encoding: "utf8" });
  if (tried.status !== 0) throw new Unproven(`strace may not look at processes here: ${tried.stderr ?? stderr}`);
}

export class Strace {
  readonly #child: ChildProcess;
  readonly #file: string;
  readonly #ended: Promise<unknown>;

  /** Attaches, and returns when every thread is being watched. */
  static async attach(processId: number, file: string, injection?: Injection): Promise<Strace> {
    const options = ["-f", "-y", "-s", "64", "-o", file, ...optionsFor(injection), "-p", String(processId)];
    const child = spawn("strace", options, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    await new Promise<void>((resolve, reject) => {
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        if (/ attached/.test(said)) resolve();
      });
      child.once("error", reject);
      child.once("exit", () => reject(new Error(`strace ended: ${said}`)));
    });
    return new Strace(child, file);
  }

  private constructor(child: ChildProcess, file: string) {
    this.#child = child;
    this.#file = file;
    this.#ended = once(child, "exit");
  }

  /** Lets the server go. @returns what strace has written. */
  async detach(): Promise<string> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill("SIGINT");
      // Where the server has died meanwhile, strace 6.1 at times waits for it forever.
      const impatience = setTimeout(() => this.#child.kill("SIGKILL"), PATIENCE_MILLISECONDS);
      await this.#ended;
      clearTimeout(impatience);
    }
    return readFile(this.#file, "utf8");
  }
}

function optionsFor(injection: Injection | undefined): string[] {
  if (injection === undefined) return ["-e", `trace=${Object.values(CHANGING_CALLS).flat().join(",")}`];
  const { call, occurrence, error, paths } = injection;
  const names = CHANGING_CALLS[call].join(",");
  const what = error === "kill" ? "signal=SIGKILL" : error.includes("=") ? error : `error=${error}`;
  return [...paths.flatMap((path) => ["-P", path]), "-e", `inject=${names}:${what}:when=${occurrence}`];
}
