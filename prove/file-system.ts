/**
 * A small file system in a file, mounted for one proof: it can be full, turn read-only, or lose its power, and nothing else
 * on the machine notices.
 *
 * The power cut is FS_IOC_SHUTDOWN with NOLOGFLUSH (Linux, fs/ext4/ioctl.c and fs/xfs/xfs_fsops.c): from one moment to the
 * next nothing reaches the device any more, neither data nor the file system's own log. `kill -9` proves less, because
 * what the kernel holds in memory outlives the process.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { atEnd, type Ending } from "../testing/at-end.ts";
import { Unproven } from "./proof.ts";

export type Kind = "ext4" | "xfs";

/**
 * ext4 otherwise writes out a file that is renamed over another, which hides a missing fsync; and it stops writing at the
 * first error, as most distributions have it.
 */
const OPTIONS: Record<Kind, string[]> = { ext4: ["noauto_da_alloc", "errors=remount-ro"], xfs: [] };
const MAKE: Record<Kind, string[]> = { ext4: ["mkfs.ext4", "-q", "-F"], xfs: ["mkfs.xfs", "-q", "-f"] };
const PACKAGE: Record<Kind, string> = { ext4: "e2fsprogs", xfs: "xfsprogs" };
/** _IOR('X', 125, __u32), and the flag that leaves the log behind, too. */
const CUT_THE_POWER =
  'open(F, "<", $ARGV[0]) || die $!; my $flag = pack("I", 2); ioctl(F, 0x8004587d, $flag) || die $!';

/** What a machine must have for it. @throws {Unproven} */
function requireFor(kind: Kind): void {
  if (process.platform !== "linux") throw new Unproven("only Linux can cut the power of one file system");
  if (process.getuid?.() !== 0) throw new Unproven("mounting a file system needs root");
  const found = spawnSync("sh", ["-c", `command -v ${MAKE[kind][0]} && command -v perl`]);
  if (found.status !== 0) throw new Unproven(`${MAKE[kind][0]} or perl is missing (apt install ${PACKAGE[kind]} perl)`);
  if (!existsSync("/dev/loop-control")) throw new Unproven("the kernel has no loop devices here");
}

export class LoopFileSystem {
  /** Where it is mounted. */
  readonly folder: string;
  readonly kind: Kind;
  readonly #image: string;

  /** Makes one and mounts it; unmounted and removed at the end. @throws {Unproven} where the machine cannot. */
  static async make(ending: Ending, kind: Kind, megabytes: number): Promise<LoopFileSystem> {
    requireFor(kind);
    // Not in /tmp, which may be too small, or memory.
    const place = await mkdtemp("/var/tmp/plainchat-prove-");
    atEnd(ending, () => rm(place, { recursive: true, force: true }));
    const image = join(place, "disk.img");
    await writeFile(image, "");
    await truncate(image, megabytes * 1024 * 1024);
    run([...MAKE[kind], image]);
    const made = new LoopFileSystem(kind, image, join(place, "disk"));
    await mkdir(made.folder);
    made.mount();
    atEnd(ending, () => made.#unmountIfMounted());
    return made;
  }

  private constructor(kind: Kind, image: string, folder: string) {
    this.kind = kind;
    this.#image = image;
    this.folder = folder;
  }

  mount(): void {
    run(["mount", "-o", ["loop", ...OPTIONS[this.kind]].join(","), this.#image, this.folder]);
  }

  unmount(): void {
    run(["umount", this.folder]);
  }

  /** From here on nothing reaches the device. Whoever uses the file system gets errors. */
  cutThePower(): void {
    run(["perl", "-e", CUT_THE_POWER, this.folder]);
  }

  /** The file system notices an error and allows no more writing, as it would for a bad sector. Only ext4. */
  async turnReadOnly(): Promise<void> {
    const device = run(["findmnt", "-no", "SOURCE", this.folder]).trim().replace("/dev/", "");
    const trigger = `/sys/fs/ext4/${device}/trigger_fs_error`;
    if (!existsSync(trigger)) throw new Unproven(`the kernel has no ${trigger}`);
    await writeFile(trigger, "a proof");
  }

  async #unmountIfMounted(): Promise<void> {
    // Lazily: where something still uses it, it goes when that ends.
    if ((await readFile("/proc/mounts", "utf8")).includes(` ${this.folder} `)) run(["umount", "-l", this.folder]);
  }
}

function run([command = "", ...rest]: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, rest, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${[command, ...rest].join(" ")}: ${error?.message ?? stderr}`);
  return stdout;
}
