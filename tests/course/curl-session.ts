/**
 * Sends the lines for curl of a lesson to plainchat's own server, in order, as a learner would: who is registered in one
 * line is known as `$ADA` in the next ones. lessons.test.ts uses it.
 */
import { execFile, spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import type { Ending } from "../../testing/at-end.ts";
import { startApp } from "../../testing/start-app.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";

export const SECRET = "river-candle-orbit-maple";
/** plainchat's address in the texts, and that of the learner's own server. */
const ADDRESSES = /http:\/\/127\.0\.0\.1:80[08]0(?=\/)/g;
const PATIENCE = 20_000;

export interface Answer {
  /** As in `HTTP/1.1 200 OK`. */
  statusLine: string;
  status: number;
  headers: Map<string, string>;
  body: string;
}

export class CurlSession {
  readonly #origin: string;
  readonly #heads: string;
  readonly #variables: Record<string, string> = {};

  private constructor(origin: string, folder: string) {
    this.#origin = origin;
    this.#heads = join(folder, "curl-heads.txt");
  }

  /** Starts a server without users, which has the class secret of the course. */
  static async start(test: Ending): Promise<CurlSession> {
    const folder = await temporaryFolder(test);
    await mkdir(join(folder, "users"), { mode: 0o700 });
    await writeFile(join(folder, "users", "secret.dat"), SECRET, { mode: 0o600 });
    const { origin } = await startApp(test, { root: folder });
    return new CurlSession(origin, folder);
  }

  /**
   * What texts of later lessons take for granted, unless their lines do it themselves: ada and grace are registered, and
   * there is a message from ada to grace.
   */
  async prepareFor(commands: string[]): Promise<void> {
    const plain = commands.map((command) => command.replaceAll("\\", ""));
    const isUsed = plain.some((command) => /\$\{?(ADA|GRACE)\b|"myId":1\b/.test(command));
    if (!isUsed || commands.some((command) => handleIn(command) === "ada")) return;
    const [ada, grace] = [new PlainchatClient(this.#origin), new PlainchatClient(this.#origin)] as const;
    this.#keep("ada", await ada.registerUser({ secret: SECRET, userHandle: "ada" }));
    this.#keep("grace", await grace.registerUser({ secret: SECRET, userHandle: "grace" }));
    const firstUse = plain.findIndex((command) => command.includes('"messageId":1'));
    const firstSent = plain.findIndex((command) => command.includes('"message":') && !command.includes("-X PATCH"));
    const isMissing = firstUse !== -1 && (firstSent === -1 || firstSent > firstUse);
    if (isMissing) await ada.publishMessage({ userHandle: "grace", message: "hello" });
  }

  #keep(userHandle: string, { userId, authToken }: { userId: number; authToken: string }): void {
    this.#variables[userHandle.toUpperCase()] = `${userId}:${authToken}`;
  }

  async send(command: string): Promise<Answer> {
    const here = command
      .replaceAll(ADDRESSES, this.#origin)
      .replace(/\bwait=(?:[2-9]|[1-5]\d|60)\b/g, "wait=1")
      .replace(/^curl/, 'curl -sS -D "$HEADS"');
    await writeFile(this.#heads, "");
    const output = command.includes("/stream") ? await this.#beginningOf(here) : await this.#run(here);
    const head = (await readFile(this.#heads, "utf8")).trimEnd().split("\r\n\r\n").at(-1) ?? "";
    const [statusLine = "", ...lines] = head.split("\r\n");
    const body = output.startsWith("HTTP/") ? output.slice(output.lastIndexOf("\r\n\r\n") + 4) : output;
    const headers = new Map(
      lines.map((line) => [line.split(":")[0]?.toLowerCase() ?? "", line.slice(line.indexOf(":") + 1).trim()]),
    );
    const userHandle = handleIn(command);
    if (userHandle !== undefined && body.includes('"authToken"')) this.#keep(userHandle, JSON.parse(body));
    return { statusLine, status: Number(statusLine.split(" ")[1]), headers, body };
  }

  get #environment() {
    return { ...process.env, ...this.#variables, HEADS: this.#heads };
  }

  async #run(command: string): Promise<string> {
    const { stdout } = await promisify(execFile)("sh", ["-c", command], { env: this.#environment, timeout: PATIENCE });
    return stdout;
  }

  /** A stream does not end by itself. @returns its output up to the first event id. */
  async #beginningOf(command: string): Promise<string> {
    // `exec` replaces the shell, so the signal reaches curl.
    const child = spawn("sh", ["-c", `exec ${command}`], { env: this.#environment, timeout: PATIENCE });
    let text = "";
    for await (const piece of child.stdout) {
      text += piece;
      if (/^id: /m.test(text)) child.kill();
    }
    return text;
  }
}

/** The handle that a line registers. */
function handleIn(command: string): string | undefined {
  return /"secret":.*"userHandle":"([a-z]+)"/.exec(command)?.[1];
}
