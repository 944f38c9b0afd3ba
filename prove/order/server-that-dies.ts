/**
 * The real program on a folder of its own, with small journal files, so that files are begun and written anew all the time.
 * It can be killed in the middle of anything and started again on the same folder, on another port.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { Agent } from "node:http";
import { join } from "node:path";
import { atEnd, type Ending } from "../../testing/at-end.ts";
import { send } from "../../testing/request.ts";
import { type RunningServer, startServer } from "../../testing/start-server.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";

/** A file is full after some dozens of events. */
const SMALL_FILES = { PLAINCHAT_MAX_FILE_BYTES: String(8 * 1024) };

export interface Person {
  userId: number;
  handle: string;
  /** As `curl -u` wants it. */
  user: string;
}

export class ServerThatDies {
  readonly agent = new Agent({ keepAlive: true });
  readonly #ending: Ending;
  readonly #root: string;
  #running: Promise<RunningServer>;
  #people = 0;

  private constructor(ending: Ending, root: string) {
    this.#ending = ending;
    this.#root = root;
    this.#running = startServer(ending, root, SMALL_FILES);
    atEnd(ending, () => this.agent.destroy());
  }

  static async start(ending: Ending): Promise<ServerThatDies> {
    const server = new ServerThatDies(ending, await temporaryFolder(ending));
    await server.#running;
    return server;
  }

  /** Where it listens now; while it is being started again, this waits. */
  async origin(): Promise<string> {
    return (await this.#running).origin;
  }

  /** Kills it at once, with everything that is in flight, and starts it again. */
  async die(): Promise<void> {
    const dying = await this.#running;
    this.#running = dying.stop("SIGKILL").then(() => startServer(this.#ending, this.#root, SMALL_FILES));
    await this.#running;
  }

  /** Asks as `plainchat compact` does, and does not wait: the server looks for it four times a second. */
  async askForCompaction(): Promise<void> {
    const folder = join(this.#root, "requests");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "compact"), "");
  }

  async stop(): Promise<void> {
    await (await this.#running).stop("SIGKILL");
    this.agent.destroy();
  }

  async register(): Promise<Person> {
    const { origin, secret } = await this.#running;
    this.#people++;
    const handle = `person-${this.#people}`;
    const body = { secret, userHandle: handle };
    const reply = await send(origin, { method: "POST", path: "/api/v1/register", body, agent: this.agent });
    if (reply.status !== 200) throw new Error(`Registering failed: ${reply.text}`);
    const { userId, authToken } = reply.json;
    return { userId, handle, user: `${userId}:${authToken}` };
  }
}
