/**
 * What a person at the terminal asks of a server that is at work in the same folder: `requests/<name>`, an empty file.
 * Whoever may write into the data folder may ask, and nobody else. The server does it and removes the file; where it
 * cannot, it leaves a sentence in `requests/<name>.failed`.
 */

import { mkdir, readdir, readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { isCode } from "../error-code.ts";
import { createFile, removeFiles, replaceFile } from "../files/durable-file.ts";
import type { Paths } from "../files/paths.ts";
import type { Report } from "../report.ts";

/** "restore": open the folder anew, for a backup is to take its place. */
export type ControlFileName = "compact" | "restore";

const NAMES: readonly ControlFileName[] = ["compact", "restore"];
const LOOK_MILLISECONDS = 250;
const WAIT_MILLISECONDS = 100;

/** Looks for requests while the server runs. */
export class ControlFiles {
  readonly #paths: Paths;
  readonly #serve: Record<ControlFileName, () => Promise<void>>;
  readonly #report: Report;
  readonly #timer: NodeJS.Timeout;
  /** What is being done at this moment. */
  #work: Promise<void> | undefined;
  #hasFailed = false;
  /** What was done, and has a file that could not be removed so far: it is not done again. */
  readonly #done = new Set<ControlFileName>();

  /** @param serve does what was asked; where it throws, whoever asked gets the sentence. */
  constructor(paths: Paths, serve: Record<ControlFileName, () => Promise<void>>, report: Report) {
    this.#paths = paths;
    this.#serve = serve;
    this.#report = report;
    this.#timer = setInterval(() => {
      this.#work ??= this.#look().finally(() => {
        this.#work = undefined;
      });
    }, LOOK_MILLISECONDS).unref();
  }

  /** Takes no more requests. Returns when what is being done has ended. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#work;
  }

  async #look(): Promise<void> {
    try {
      const asked = await namesIn(this.#paths);
      for (const name of NAMES) {
        if (!asked.includes(name)) this.#done.delete(name);
        else await this.#answer(name);
      }
      this.#hasFailed = false;
    } catch (error) {
      // It looks four times a second, so it says this once until it works again. A chat goes on without requests.
      if (!this.#hasFailed) this.#report("error", "Cannot check for requests from the terminal", { error });
      this.#hasFailed = true;
    }
  }

  async #answer(name: ControlFileName): Promise<void> {
    if (!this.#done.has(name)) {
      this.#done.add(name);
      try {
        await this.#serve[name]();
      } catch (error) {
        await replaceFile(this.#paths.failedRequest(name), error instanceof Error ? error.message : String(error));
      }
    }
    await removeFiles([this.#paths.request(name)]);
  }
}

/**
 * Removes what was asked of a server that is gone: a start does all of it anyway. Only whoever has the lock may. What
 * cannot be removed is no reason not to start.
 */
export async function removeControlFiles(paths: Paths, report: Report): Promise<void> {
  try {
    const asked = await namesIn(paths);
    await removeFiles(NAMES.filter((name) => asked.includes(name)).map((name) => paths.request(name)));
  } catch (error) {
    report("error", "Old requests cannot be removed", { error });
  }
}

/**
 * Asks the server that has the folder.
 * @param isAlive says whether there still is one.
 * @returns whether it was done; false when the server has gone meanwhile. @throws {Error} what the server says.
 */
export async function askServer(paths: Paths, name: ControlFileName, isAlive: () => boolean): Promise<boolean> {
  await mkdir(paths.requests, { recursive: true, mode: 0o700 });
  await removeFiles([paths.failedRequest(name)]);
  await createFile(paths.request(name), "");
  while ((await namesIn(paths)).includes(name)) {
    if (!isAlive()) return false;
    await setTimeout(WAIT_MILLISECONDS);
  }
  if (!(await namesIn(paths)).includes(`${name}.failed`)) return true;
  const sentence = await readFile(paths.failedRequest(name), "utf8");
  await removeFiles([paths.failedRequest(name)]);
  throw new Error(sentence);
}

async function namesIn(paths: Paths): Promise<string[]> {
  try {
    return await readdir(paths.requests);
  } catch (error) {
    if (isCode(error, "ENOENT")) return [];
    throw error;
  }
}
