/**
 * The real program on its own folder. Its journal files are small, so that new ones are begun and old ones compacted
 * all the time. It can be killed at any moment and started again on the same folder, on another port.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { Agent } from "node:http";
import { join } from "node:path";
import { atEnd, type Ending } from "../../testing/at-end.ts";
import { send } from "../../testing/request.ts";
import { type RunningServer, startServer } from "../../testing/start-server.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";

/** A file is full after a few dozen events. */
const SMALL_FILES = { PLAINCHAT_MAX_FILE_BYTES: String(8 * 1024) };

export interface Person {
  userId: number;
  handle: string;
  /** `myId:myAuth`, as for `curl -u`. */
  user: string;
}

/** What a history is played on: a server, or several that look like one. */
export interface DyingServer {
  readonly agent: Agent;
  /** Where to send the next request. During a restart this waits. */
  origin(): Promise<string>;
  /** Kills it at once, whatever requests are in flight, and starts it again. */
  die(): Promise<void>;
  /** Whether a 503 may come, which says nothing about what has happened. */
  readonly mayBeAway: boolean;
  askForCompaction(): Promise<void>;
  stop(): Promise<void>;
  register(): Promise<Person>;
}

export class ServerThatDies implements DyingServer {
  readonly mayBeAway = false;
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

  async origin(): Promise<string> {
    return (await this.#running).origin;
  }

  async die(): Promise<void> {
    const dying = await this.#running;
    this.#running = dying.stop("SIGKILL").then(() => startServer(this.#ending, this.#root, SMALL_FILES));
    await this.#running;
  }

  /** Asks for compaction as `plainchat compact` does, but does not wait. The server checks four times a second. */
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
    this.#people++;
    return registerAt(await this.#running, `person-${this.#people}`, this.agent);
  }
}

export async function registerAt(
  { origin, secret }: { origin: string; secret: string },
  handle: string,
  agent: Agent,
): Promise<Person> {
  const body = { secret, userHandle: handle };
  const reply = await send(origin, { method: "POST", path: "/api/v1/register", body, agent });
  if (reply.status !== 200) throw new Error(`Registering failed: ${reply.text}`);
  const { userId, authToken } = reply.json;
  return { userId, handle, user: `${userId}:${authToken}` };
}
