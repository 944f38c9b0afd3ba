/**
 * How the terminal asks a running server to do something in its folder: with an empty file, `requests/<name>`. Only
 * users who may write in the data folder can ask. The server does the work and removes the file. If there is something
 * to say, it leaves it in `requests/<name>.answer`; if the work fails, it leaves a sentence in `requests/<name>.failed`.
 */
import { mkdir, readdir, readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { isCode } from "../error-code.ts";
import { createFile, removeFiles, replaceFile } from "../files/durable-file.ts";
import type { Paths } from "../files/paths.ts";
import type { Report } from "../report.ts";

/**
 * "restore": open the folder again, because a backup is waiting to replace the data. "look": compare every line of the
 * journal with what was written.
 */
export type ControlFileName = "compact" | "restore" | "look";

const NAMES: readonly ControlFileName[] = ["compact", "restore", "look"];
const LOOK_MILLISECONDS = 250;
const WAIT_MILLISECONDS = 100;

/** Checks for requests while the server runs. */
export class ControlFiles {
  readonly #paths: Paths;
  readonly #serve: Record<ControlFileName, () => Promise<string>>;
  readonly #report: Report;
  readonly #timer: NodeJS.Timeout;
  /** What is being done at this moment. */
  #work: Promise<void> | undefined;
  #hasFailed = false;
  /** Requests that were done but whose file could not be removed yet. They are not done again. */
  readonly #done = new Set<ControlFileName>();

  /** @param serve does what was asked, and returns an answer, or "". If it throws, its message is the answer. */
  constructor(paths: Paths, serve: Record<ControlFileName, () => Promise<string>>, report: Report) {
    this.#paths = paths;
    this.#serve = serve;
    this.#report = report;
    this.#timer = setInterval(() => {
      this.#work ??= this.#look().finally(() => {
        this.#work = undefined;
      });
    }, LOOK_MILLISECONDS).unref();
  }

  /** Takes no more requests. Resolves when the current one has ended. */
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
      // It checks four times a second, so it reports this once, until it works again. The chat goes on without
      // requests.
      if (!this.#hasFailed) this.#report("error", "Cannot check for requests from the terminal", { error });
      this.#hasFailed = true;
    }
  }

  async #answer(name: ControlFileName): Promise<void> {
    if (!this.#done.has(name)) {
      this.#done.add(name);
      try {
        const answer = await this.#serve[name]();
        if (answer !== "") await replaceFile(this.#paths.answerToRequest(name), answer);
      } catch (error) {
        await replaceFile(this.#paths.failedRequest(name), error instanceof Error ? error.message : String(error));
      }
    }
    await removeFiles([this.#paths.request(name)]);
    // The next file of this name is another request, also when it is there before the next look.
    this.#done.delete(name);
  }
}

/**
 * Removes requests to a server that is gone: a start does all of them anyway. The caller must have the lock of the
 * folder. If a request cannot be removed, that must not stop the start.
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
 * Asks the server that has the folder, and waits for the answer.
 * @param isAlive whether there is still a server.
 * @returns the answer, or undefined when the server is gone. @throws {Error} with the server's message when it failed.
 */
export async function askServer(
  paths: Paths,
  name: ControlFileName,
  isAlive: () => boolean,
): Promise<string | undefined> {
  await mkdir(paths.requests, { recursive: true, mode: 0o700 });
  await removeFiles([paths.failedRequest(name), paths.answerToRequest(name)]);
  await createFile(paths.request(name), "");
  while ((await namesIn(paths)).includes(name)) {
    if (!isAlive()) return undefined;
    await setTimeout(WAIT_MILLISECONDS);
  }
  const failure = await takeText(paths.failedRequest(name));
  if (failure !== undefined) throw new Error(failure);
  return (await takeText(paths.answerToRequest(name))) ?? "";
}

/** Reads a file and removes it. @returns undefined when it is not there. */
async function takeText(path: string): Promise<string | undefined> {
  try {
    const text = await readFile(path, "utf8");
    await removeFiles([path]);
    return text;
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

async function namesIn(paths: Paths): Promise<string[]> {
  try {
    return await readdir(paths.requests);
  } catch (error) {
    if (isCode(error, "ENOENT")) return [];
    throw error;
  }
}
