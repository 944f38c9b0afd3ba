/**
 * Runs the server under test as a process: starts it with a command, kills it hard, starts it again. `plainchat check
 * --start` uses it. The command may start other processes, so it gets its own process group, and the whole group is
 * killed.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout } from "node:timers/promises";

/** Long enough for a language that compiles first. */
const START_MILLISECONDS = 60_000;
const STOP_MILLISECONDS = 10_000;
const SAY_AFTER_MILLISECONDS = 3_000;
const LAST_LINES_MILLISECONDS = 500;
const LOOK_AGAIN_MILLISECONDS = 50;
const MAX_OUTPUT_CHARACTERS = 4000;

/** The server cannot be started or stopped. The message is a sentence for the learner. */
export class CannotStart extends Error {}

interface ServerOptions {
  /** Added to the variables of this process. */
  environment?: NodeJS.ProcessEnv;
  /** The folder in which the command runs. */
  folder?: string;
  /** Called when the server has not listened after 3 seconds. */
  onWaiting?: () => void;
}

export class ServerUnderTest {
  readonly #command: string;
  readonly #url: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #folder: string | undefined;
  readonly #onWaiting: (() => void) | undefined;
  #process: ChildProcess | undefined;
  /** Resolves when it can print nothing more. */
  #hasPrinted: Promise<unknown> | undefined;
  #output = "";

  /** @param command as you would type it into a terminal. */
  constructor(command: string, url: string, { environment = {}, folder, onWaiting }: ServerOptions = {}) {
    this.#command = command;
    this.#url = url;
    this.#environment = { ...process.env, ...environment };
    this.#folder = folder;
    this.#onWaiting = onWaiting;
  }

  /** What it has printed since it started, or the last part of it. */
  get printed(): string {
    return this.#output.trim();
  }

  /** Starts it, and returns when something listens. @throws {CannotStart} */
  async start(): Promise<void> {
    if (await isListening(this.#url)) {
      throw new CannotStart(
        `Something already listens at ${this.#url}. Stop it first: with --start, the check starts your server itself.`,
      );
    }
    const isWindows = process.platform === "win32";
    const child = spawn(this.#command, {
      shell: true,
      detached: !isWindows,
      stdio: ["ignore", "pipe", "pipe"],
      env: this.#environment,
      cwd: this.#folder,
    });
    this.#process = child;
    this.#hasPrinted = once(child, "close");
    this.#output = "";
    process.once("exit", this.#killNow);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text: string) => {
        this.#output = (this.#output + text).slice(-MAX_OUTPUT_CHARACTERS);
      });
    }
    const began = performance.now();
    const deadline = began + START_MILLISECONDS;
    let isSaid = false;
    while (!(await isListening(this.#url))) {
      if (!isSaid && performance.now() - began > SAY_AFTER_MILLISECONDS) {
        this.#onWaiting?.();
        isSaid = true;
      }
      if (child.exitCode !== null || child.signalCode !== null)
        throw this.#cannotStart("Your server ended before it listened");
      if (performance.now() > deadline) throw this.#cannotStart(`Nothing listens at ${this.#url} after a minute`);
      await setTimeout(LOOK_AGAIN_MILLISECONDS);
    }
  }

  /** Kills it without a warning, like a power cut. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    process.off("exit", this.#killNow);
    if (child?.pid === undefined) return;
    const hasEnded = child.exitCode !== null || child.signalCode !== null;
    const ended = hasEnded ? undefined : once(child, "exit");
    killGroup(child.pid);
    await ended;
    // The last lines may still be on their way. A process that has left the group would keep the pipes open for ever.
    await Promise.race([this.#hasPrinted, setTimeout(LAST_LINES_MILLISECONDS, undefined, { ref: false })]);
    child.stdout?.destroy();
    child.stderr?.destroy();
    // The system may need a moment to free the port.
    const deadline = performance.now() + STOP_MILLISECONDS;
    while (await isListening(this.#url)) {
      if (performance.now() > deadline) {
        throw new CannotStart(
          `Your server was killed, but something still listens at ${this.#url}. Does your server start another process?`,
        );
      }
      await setTimeout(LOOK_AGAIN_MILLISECONDS);
    }
  }

  /** Kills it and starts it again. @returns undefined, or a sentence that says why it did not start. */
  async restart(): Promise<string | undefined> {
    try {
      await this.kill();
      await this.start();
      return undefined;
    } catch (error) {
      if (error instanceof CannotStart) return error.message;
      throw error;
    }
  }

  readonly #killNow = () => {
    if (this.#process?.pid !== undefined) killGroup(this.#process.pid);
  };

  #cannotStart(why: string): CannotStart {
    return new CannotStart(`${why}: ${this.#command}${this.printed === "" ? "" : `\n${this.printed}`}`);
  }
}

function killGroup(pid: number): void {
  if (process.platform === "win32") {
    spawnSync("taskkill", ["/pid", String(pid), "/t", "/f"]);
    return;
  }
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    // It has already ended.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Whether something accepts connections there. */
export function isListening(url: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(url);
  const standardPort = protocol === "https:" ? 443 : 80;
  return new Promise((resolve) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || standardPort) });
    const end = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}
