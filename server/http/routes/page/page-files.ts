/**
 * The page's files, ready to send. They are made when a browser first asks for one, not when the server starts.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { StaticFile } from "../../reply/static-file.ts";

export class PageFiles {
  readonly #isClass: boolean;
  #making: Promise<ReadonlyMap<string, StaticFile>> | undefined;

  constructor({ isClass }: { isClass: boolean }) {
    this.#isClass = isClass;
  }

  /** @param address such as "/web/main.ts". @returns undefined if there is no such file. */
  async get(address: string): Promise<StaticFile | undefined> {
    this.#making ??= this.#make();
    try {
      return (await this.#making).get(address);
    } catch (error) {
      // After you fix the file that failed, loading the page again is enough: you need not restart the server.
      this.#making = undefined;
      throw error;
    }
  }

  async #make(): Promise<ReadonlyMap<string, StaticFile>> {
    const worker = new Worker(new URL("make-page-files.ts", import.meta.url), {
      workerData: { isClass: this.#isClass },
      // Node warns that the function that strips types is experimental, though Node runs this very file with it.
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    const ended = once(worker, "exit").then(() => {
      throw new Error("The thread that makes the page's files ended without sending them");
    });
    const [files] = (await Promise.race([once(worker, "message"), ended])) as [Map<string, StaticFile>];
    ended.catch(() => {});
    return files;
  }
}
