/**
 * Appends bytes to a journal file so that they are on the disk, or not in the file at all. The journal's writer uses it
 * for every batch. After a failed sync it never tries again: nothing can be promised any more, and the server must end.
 */
import type { JournalFile } from "./journal-file.ts";

export class DurableAppend {
  /** How many syncs were made, for /metrics. */
  syncs = 0;
  /** Why nothing can be promised any more. */
  failure: Error | undefined;
  readonly #onFatal: (error: unknown) => void;

  constructor(onFatal: (error: unknown) => void) {
    this.#onFatal = onFatal;
  }

  /** Writes all bytes at the end of the file, and syncs. `file.bytes` stays as it was: the caller moves it on. */
  async append(file: JournalFile, bytes: Buffer): Promise<void> {
    await this.#write(file, bytes);
    await this.#sync(file);
  }

  /** Notes that nothing can be promised any more. @throws {Error} always. */
  fail(error: unknown): never {
    this.failure = new Error("The journal cannot be made durable", { cause: error });
    this.#onFatal(this.failure);
    throw this.failure;
  }

  /** When this fails, the file is as it was before. */
  async #write(file: JournalFile, bytes: Buffer): Promise<void> {
    let written = 0;
    try {
      // The system may write less than it was asked to, for instance on an almost full disk.
      while (written < bytes.length) {
        // Without a place: the file is open for appending, and the system puts the bytes at its end.
        const { bytesWritten } = await file.handle.write(bytes, written, bytes.length - written, null);
        if (bytesWritten === 0) throw Object.assign(new Error("Nothing could be written"), { code: "ENOSPC" });
        written += bytesWritten;
      }
    } catch (error) {
      if (written > 0) await this.#takeBack(file);
      throw error;
    }
  }

  /** Cuts off the part of a batch that was written: after a crash it must not look like a whole one. */
  async #takeBack(file: JournalFile): Promise<void> {
    try {
      await file.handle.truncate(file.bytes);
    } catch (error) {
      this.fail(error);
    }
    await this.#sync(file);
    file.stamp(await file.handle.stat());
  }

  async #sync(file: JournalFile): Promise<void> {
    try {
      await file.handle.datasync();
      this.syncs++;
    } catch (error) {
      // Never again for these bytes: after a failed sync the kernel may have dropped them, and would report success.
      this.fail(error);
    }
  }
}
