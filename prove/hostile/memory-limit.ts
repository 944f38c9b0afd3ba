/**
 * Gives a process no more memory than a container would: a control group of Linux, made by hand. If the process needs
 * more, the system kills it. That needs root, and a system that lets us make such groups.
 */
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { atEnd, type Ending } from "../../testing/at-end.ts";

/** The names of the same things in both versions of control groups. */
const VERSIONS = [
  {
    folder: "/sys/fs/cgroup/memory",
    limit: "memory.limit_in_bytes",
    swap: "memory.swappiness",
    kills: "memory.oom_control",
  },
  {
    folder: "/sys/fs/cgroup",
    limit: "memory.max",
    swap: "memory.swap.max",
    kills: "memory.events",
  },
];

export class MemoryLimit {
  readonly #folder: string;
  readonly #files: (typeof VERSIONS)[number];

  private constructor(folder: string, files: (typeof VERSIONS)[number]) {
    this.#folder = folder;
    this.#files = files;
  }

  /** @returns undefined if this machine does not allow it. */
  static make(ending: Ending, mebibytes: number): MemoryLimit | undefined {
    for (const files of VERSIONS) {
      const folder = join(files.folder, `plainchat-${process.pid}-${performance.now().toFixed()}`);
      try {
        mkdirSync(folder);
      } catch {
        continue;
      }
      atEnd(ending, () => remove(folder));
      try {
        writeFileSync(join(folder, files.limit), String(mebibytes * 1024 * 1024));
        writeFileSync(join(folder, files.swap), "0");
        return new MemoryLimit(folder, files);
      } catch {
        // A group without a limit, of the other version.
      }
    }
    return undefined;
  }

  /** A command that runs the one after it within the limit. */
  get under(): string[] {
    return ["sh", "-c", `echo $$ > ${join(this.#folder, "cgroup.procs")} && exec "$@"`, "sh"];
  }

  /** How many processes were killed because they needed more. */
  get kills(): number {
    return Number(/^oom_kill (\d+)$/m.exec(this.#read(this.#files.kills))?.[1] ?? 0);
  }

  #read(file: string): string {
    return readFileSync(join(this.#folder, file), "utf8");
  }
}

/** The most memory that a process ever had, with the program itself, in MiB. */
export function peakMebibytes(pid: number | undefined): number {
  if (process.platform !== "linux") return Number.NaN;
  return Math.round(Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024);
}

/** The group can go only when its last process has gone. */
async function remove(folder: string): Promise<void> {
  for (let i = 0; i < 50; i++) {
    try {
      rmdirSync(folder);
      return;
    } catch {
      await setTimeout(100);
    }
  }
}
