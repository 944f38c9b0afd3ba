/**
 * Writes a tar.gz file, one entry after the other, without holding more than a piece of it in memory. A backup is
 * written with it. The file is readable for its owner only: tokens and the class secret are in it.
 */
import { createWriteStream, type WriteStream } from "node:fs";
import { open, unlink } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Header, Pack, ReadEntry } from "tar";
import { syncHandle } from "../files/durable-file.ts";

export class Archive {
  readonly #path: string;
  readonly #pack = new Pack({ gzip: true, portable: true });
  readonly #output: WriteStream;
  readonly #written: Promise<void>;

  private constructor(path: string) {
    this.#path = path;
    this.#output = createWriteStream(path, { mode: 0o600 });
    this.#written = pipeline(Readable.from(this.#pack), this.#output);
  }

  /**
   * Writes an archive, durably. @param fill adds the entries.
   * @throws whatever goes wrong, in `fill` too. The file is gone then.
   */
  static async write(path: string, fill: (archive: Archive) => Promise<void>): Promise<void> {
    const archive = new Archive(path);
    try {
      // Side by side: on a full disk the output fails, and `fill` would wait for ever for it to take more.
      await Promise.all([archive.#fillWith(fill), archive.#written]);
    } catch (error) {
      archive.#output.destroy();
      await unlink(archive.#path).catch(() => {});
      throw error;
    }
    await makeDurable(path);
  }

  /** Begins an entry. Write exactly `size` bytes to it, then end it before the next one begins. */
  begin(name: string, size: number): ArchiveEntry {
    const header = new Header({ path: name, size, mode: 0o600, mtime: new Date(), type: "File" });
    const entry = new ReadEntry(header);
    this.#pack.add(entry);
    return new ArchiveEntry(entry);
  }

  async #fillWith(fill: (archive: Archive) => Promise<void>): Promise<void> {
    await fill(this);
    this.#pack.end();
  }
}

class ArchiveEntry {
  readonly #entry: ReadEntry;

  constructor(entry: ReadEntry) {
    this.#entry = entry;
  }

  /** Adds bytes, and returns when there is room for more. */
  async write(bytes: Buffer): Promise<void> {
    if (bytes.length === 0 || this.#entry.write(bytes)) return;
    await new Promise((resolve) => this.#entry.once("drain", resolve));
  }

  end(): void {
    this.#entry.end();
  }
}

async function makeDurable(path: string): Promise<void> {
  const handle = await open(path, "r+");
  try {
    await syncHandle(handle);
  } finally {
    await handle.close();
  }
}
