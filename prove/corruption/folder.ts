/**
 * A small data folder in memory. It is written to the disk again and again, each time with one thing wrong in it.
 */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { atEnd, type Ending } from "../../testing/at-end.ts";

export class Folder {
  readonly root: string;
  /** By path, relative to the root. */
  readonly files = new Map<string, Buffer>();

  /** The root is in memory if the system has a file system for that: nothing here must outlive the proof. */
  static async make(ending: Ending): Promise<Folder> {
    const place = await mkdtemp(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "plainchat-prove-"));
    atEnd(ending, () => rm(place, { recursive: true, force: true }));
    return new Folder(join(place, "data"));
  }

  private constructor(root: string) {
    this.root = root;
  }

  /** Remembers what is in the folder now. */
  async remember(): Promise<void> {
    for (const entry of await readdir(this.root, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      this.files.set(relative(this.root, path), await readFile(path));
    }
  }

  /** Puts the folder back as it was, except for one file. */
  async restore(changed: string, bytes: Buffer): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
    for (const [path, right] of this.files) {
      const target = join(this.root, path);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, path === changed ? bytes : right, { mode: 0o600 });
    }
  }
}
