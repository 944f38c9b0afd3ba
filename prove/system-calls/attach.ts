/**
 * Attaches strace to a running server, to see its system calls or to make one of them fail.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { Unproven } from "../proof.ts";

/** Calls that change files, with all the names they have on different processors. */
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

/** What strace is to do with one call. */
export interface Injection {
  call: ChangingCall;
  /** 1 is the first, "3+" is every one from the third. strace counts calls of one name by one thread on `paths`. */
  occurrence: number | "3+";
  /**
   * The name of an error, or "kill" to kill the process at this call, or another action of strace such as "retval=1".
   */
  error: string;
  paths: readonly string[];
}

/** @throws {Unproven} if strace is missing, or may not look at other processes. */
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

  /** Attaches, and returns once every thread is watched. */
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

  /** Detaches from the server. @returns what strace has written. */
  async detach(): Promise<string> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill("SIGINT");
      // If the server has died, strace 6.1 sometimes waits for it forever.
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
