/**
 * The page's files, ready to be sent. They are made when somebody first asks for one, not when the server starts.
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { Worker } from "node:worker_threads";

export interface PageFile {
  type: string;
  text: string;
  /** The same with gzip: browsers take it on plain http, too. */
  compressed: Uint8Array;
}

export class PageFiles {
  readonly #isClass: boolean;
  #making: Promise<ReadonlyMap<string, PageFile & { tag: string }>> | undefined;

  constructor({ isClass }: { isClass: boolean }) {
    this.#isClass = isClass;
  }

  /** @param address such as "/web/main.ts". Undefined where there is no such file. */
  async get(address: string): Promise<(PageFile & { tag: string }) | undefined> {
    this.#making ??= this.#make();
    try {
      return (await this.#making).get(address);
    } catch (error) {
      // Whoever mends a file and loads the page again need not start the server again.
      this.#making = undefined;
      throw error;
    }
  }

  async #make(): Promise<ReadonlyMap<string, PageFile & { tag: string }>> {
    const worker = new Worker(new URL("make-page-files.ts", import.meta.url), {
      workerData: { isClass: this.#isClass },
      // Node calls the function that takes out types experimental, though it runs this very file with it.
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    const ended = once(worker, "exit").then(() => {
      throw new Error("The thread that makes the page's files has ended without them");
    });
    const [files] = (await Promise.race([once(worker, "message"), ended])) as [Map<string, PageFile>];
    ended.catch(() => {});
    return new Map([...files].map(([address, file]) => [address, { ...file, tag: tagOf(file.text) }]));
  }
}

/** A browser sends it back, and is told when it has the file already. */
function tagOf(text: string): string {
  return `"${createHash("sha256").update(text).digest("base64url")}"`;
}
