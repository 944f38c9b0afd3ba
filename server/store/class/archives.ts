/**
 * The classes that were put away, in the folder `archive`. To put a class away, the server first writes down what shall
 * happen, in archive/next.json: from then on it will happen, also after a power cut. Then it opens its folder again, and
 * move-classes.ts moves the files before anything else reads them. Nothing is copied, and nothing is removed.
 */
import { existsSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import type { Archive, Archives as ArchivesContract } from "../contract.ts";
import { replaceFile, syncFolder } from "../files/durable-file.ts";
import { Lock, LockedError } from "../files/lock.ts";
import { namesIn } from "../files/names-in.ts";
import { isArchiveName, Paths } from "../files/paths.ts";
import { aboutArchive, freeArchiveName, listedArchives } from "./archive-list.ts";

/** What is known of a class that was put away. Its folder has this as about.json. */
export type AboutArchive = Omit<Archive, "archive">;

/** What shall happen at the next opening of the folder. */
export interface ArchiveOrder {
  /** The class that is in the folder now becomes this archive. */
  putAway?: AboutArchive & { archive: string };
  /** Then this archive becomes the class. */
  open?: string;
}

interface ArchivesOptions {
  paths: Paths;
  now: () => number;
  /** How many users and messages the class has. */
  figures: () => { users: number; messages: number };
  /** What the class was called when it was put away before. */
  label: () => string | undefined;
  /** Called when an order is on the disk: the folder must be opened again. */
  onOtherClass: () => void;
  /** Runs a change of files when no other one runs. */
  durably: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

export class Archives implements ArchivesContract {
  readonly #options: ArchivesOptions;
  readonly #paths: Paths;
  #isChanging = false;

  constructor(options: ArchivesOptions) {
    this.#options = options;
    this.#paths = options.paths;
  }

  get isChanging(): boolean {
    return this.#isChanging;
  }

  openLabel(): string | undefined {
    return this.#options.label();
  }

  list(): Archive[] {
    const names = namesIn(this.#paths.archive).filter(
      (name) => isArchiveName(name) && existsSync(new Paths(this.#paths.archived(name)).users),
    );
    return listedArchives(names.map((archive) => ({ archive, ...this.#about(archive) })));
  }

  state(name: string): "closed" | "in use" | "not found" {
    if (!isArchiveName(name)) return "not found";
    const { users, lock } = new Paths(this.#paths.archived(name));
    if (!existsSync(users)) return "not found";
    return existsSync(lock) && isLocked(lock) ? "in use" : "closed";
  }

  change({ label: newLabel, open }: { label?: string | undefined; open?: string | undefined }): Promise<string> {
    // Nothing may wait between the check of isChanging and this.
    this.#isChanging = true;
    return this.#options.durably(async () => {
      try {
        const endedAt = new Date(this.#options.now()).toISOString();
        await mkdir(this.#paths.archive, { recursive: true, mode: 0o700 });
        await syncFolder(this.#paths.root);
        const archive = freeArchiveName(endedAt, (name) => existsSync(this.#paths.archived(name)));
        const label = newLabel ?? this.openLabel();
        if (newLabel !== undefined) await replaceFile(this.#paths.classFile("label.dat"), newLabel);
        const { users: userCount, messages: messageCount } = this.#options.figures();
        const about = { archive, ...(label !== undefined && { label }), endedAt, userCount, messageCount };
        const order: ArchiveOrder = { putAway: about, ...(open !== undefined && { open }) };
        await replaceFile(this.#paths.archiveOrder, JSON.stringify(order));
        // Not before the reply: this call itself is one of those that must end first.
        setImmediate(this.#options.onOtherClass);
        return archive;
      } catch (error) {
        this.#isChanging = false;
        throw error;
      }
    });
  }

  /** A folder that somebody has copied here by hand has no such file. */
  #about(name: string): AboutArchive {
    try {
      return aboutArchive(readFileSync(this.#paths.aboutArchive(name), "utf8"));
    } catch {
      return {};
    }
  }
}

function isLocked(path: string): boolean {
  try {
    new Lock(path).release();
    return false;
  } catch (error) {
    if (error instanceof LockedError) return true;
    throw error;
  }
}
