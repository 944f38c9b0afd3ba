/**
 * A small file system in a file, mounted for one proof. It can get full, turn read-only or lose its power, and nothing
 * else on the machine notices.
 *
 * The power cut is FS_IOC_SHUTDOWN with NOLOGFLUSH (Linux, fs/ext4/ioctl.c and fs/xfs/xfs_fsops.c). From that moment
 * nothing reaches the device, neither data nor the file system's own log. `kill -9` proves less: data that the kernel
 * still holds in memory survives the process.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { atEnd, type Ending } from "../testing/at-end.ts";
import { Unproven } from "./proof.ts";

export type Kind = "ext4" | "xfs";

/**
 * Without noauto_da_alloc, ext4 writes out a file that is renamed over another, and that hides a missing fsync. With
 * errors=remount-ro it stops writing at the first error, which is the setting of most distributions.
 */
const OPTIONS: Record<Kind, string[]> = { ext4: ["noauto_da_alloc", "errors=remount-ro"], xfs: [] };
const MAKE: Record<Kind, string[]> = { ext4: ["mkfs.ext4", "-q", "-F"], xfs: ["mkfs.xfs", "-q", "-f"] };
const PACKAGE: Record<Kind, string> = { ext4: "e2fsprogs", xfs: "xfsprogs" };
/** _IOR('X', 125, __u32), and the flag that drops the log, too. */
const CUT_THE_POWER =
  'open(F, "<", $ARGV[0]) || die $!; my $flag = pack("I", 2); ioctl(F, 0x8004587d, $flag) || die $!';

/** Checks that this machine can do it. @throws {Unproven} */
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

  /**
   * Makes one and mounts it. It is unmounted and removed at the end.
   * @throws {Unproven} if the machine cannot do it.
   */
  static async make(ending: Ending, kind: Kind, megabytes: number): Promise<LoopFileSystem> {
    requireFor(kind);
    // Not in /tmp, which may be too small, or kept in memory.
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

  /** From here on nothing reaches the device. Programs that use the file system get errors. */
  cutThePower(): void {
    run(["perl", "-e", CUT_THE_POWER, this.folder]);
  }

  /** Makes the file system notice an error, as for a bad sector. It then allows no more writing. Only ext4. */
  async turnReadOnly(): Promise<void> {
    const device = run(["findmnt", "-no", "SOURCE", this.folder]).trim().replace("/dev/", "");
    const trigger = `/sys/fs/ext4/${device}/trigger_fs_error`;
    if (!existsSync(trigger)) throw new Unproven(`the kernel has no ${trigger}`);
    await writeFile(trigger, "a proof");
  }

  async #unmountIfMounted(): Promise<void> {
    // Lazily: if a program still uses it, it goes when that program ends.
    if ((await readFile("/proc/mounts", "utf8")).includes(` ${this.folder} `)) run(["umount", "-l", this.folder]);
  }
}

function run([command = "", ...rest]: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, rest, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${[command, ...rest].join(" ")}: ${error?.message ?? stderr}`);
  return stdout;
}
