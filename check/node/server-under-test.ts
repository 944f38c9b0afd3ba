/**
 * Runs the server under test as a process: starts it with a command, kills it hard, starts it again. `plainchat check
 * --start` and `plainchat learn` use it. The command may start other processes, so it gets its own process group, and the whole group is
 * killed.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { constants } from "node:os";
import { setTimeout } from "node:timers/promises";
import { type DataFiles, type NotRestarted, type ServerProcess, secondsOf } from "../exchange/exchange.ts";
import { DataFilesIn, foldersOf } from "./data-files.ts";

/** Long enough for a language that compiles first. */
const START_MILLISECONDS = 60_000;
const STOP_MILLISECONDS = 5_000;
const SAY_AFTER_MILLISECONDS = 3_000;
const LAST_LINES_MILLISECONDS = 500;
const LOOK_AGAIN_MILLISECONDS = 15;
const MAX_OUTPUT_CHARACTERS = 4000;
const MAX_LAST_LINES = 12;
const ENDING_MILLISECONDS = 300;

/** What servers print when they do not get their port, in several languages and on several systems. */
const PORT_TAKEN =
  /EADDRINUSE|address (is )?already in use|address in use|WinError 10048|Only one usage of each socket/i;

/** Whether a server printed that somebody else has its port. */
export function saysPortTaken(printed: string): boolean {
  return PORT_TAKEN.test(printed);
}

/** The server cannot be started or stopped. The message is a sentence for the learner. */
export class CannotStart extends Error {
  readonly why: NotRestarted["why"];

  constructor(why: NotRestarted["why"], message: string) {
    super(message);
    this.why = why;
  }
}

interface ServerOptions {
  /** Another address of the same port: a server may listen only there. */
  alsoAt?: string | undefined;
  /** Added to the variables of this process. */
  environment?: NodeJS.ProcessEnv;
  /** The folder in which the command runs. */
  folder?: string;
  /** Called when the server has not listened after 3 seconds. */
  onWaiting?: (() => void) | undefined;
  /** How long it may take until it listens. Default: a minute. */
  startMilliseconds?: number;
  /** Called when it ends by itself after it has started. */
  onEnded?: (() => void) | undefined;
}

export class ServerUnderTest {
  readonly #command: string;
  readonly #urls: string[];
  readonly #environment: NodeJS.ProcessEnv;
  readonly #folder: string | undefined;
  readonly #onWaiting: (() => void) | undefined;
  readonly #startMilliseconds: number;
  readonly #onEnded: (() => void) | undefined;
  #process: ChildProcess | undefined;
  /** The process that was killed last. */
  #last: ChildProcess | undefined;
  /** Resolves when it can print nothing more. */
  #hasPrinted: Promise<unknown> | undefined;
  #output = "";
  #url: string;

  /** @param command as you would type it into a terminal. */
  constructor(command: string, url: string, options: ServerOptions = {}) {
    const { environment = {}, folder, alsoAt = [], onWaiting } = options;
    const { startMilliseconds = START_MILLISECONDS, onEnded } = options;
    this.#command = command;
    this.#url = url;
    this.#urls = [url].concat(alsoAt);
    this.#environment = { ...process.env, ...environment };
    this.#folder = folder;
    this.#onWaiting = onWaiting;
    this.#startMilliseconds = startMilliseconds;
    this.#onEnded = onEnded;
  }

  /** The address at which it listens, after it has started. */
  get url(): string {
    return this.#url;
  }

  /** Its files, if they are in the folder where its command runs, or in one that the command names. */
  get files(): DataFiles {
    return new DataFilesIn(foldersOf(this.#command, this.#folder ?? process.cwd()));
  }

  /** What it has printed since it started, or the last part of it. */
  get printed(): string {
    return this.#output.trim();
  }

  /** Starts it, and returns when something listens. @throws {CannotStart} */
  async start(): Promise<void> {
    if (await this.#listens()) {
      throw new CannotStart(
        "still listening",
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
    const deadline = began + this.#startMilliseconds;
    let isSaid = false;
    while (!(await this.#listens())) {
      if (!isSaid && performance.now() - began > SAY_AFTER_MILLISECONDS) {
        this.#onWaiting?.();
        isSaid = true;
      }
      if (child.exitCode !== null || child.signalCode !== null) {
        await this.#lastLinesHaveCome();
        throw this.#cannotStart(saysPortTaken(this.#output) ? "port taken" : "ended");
      }
      if (performance.now() > deadline) throw this.#cannotStart("never listened");
      await setTimeout(LOOK_AGAIN_MILLISECONDS);
    }
    const tellEnd = () => {
      if (this.#process === child) this.#onEnded?.();
    };
    if (child.exitCode === null && child.signalCode === null) child.once("exit", tellEnd);
    else tellEnd();
  }

  /** Kills it without a warning, like a power cut. The signal is sent before the first await: see `Restart`. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    this.#last = child ?? this.#last;
    process.off("exit", this.#killNow);
    if (child?.pid === undefined) return;
    const hasEnded = child.exitCode !== null || child.signalCode !== null;
    const ended = hasEnded ? undefined : once(child, "exit");
    killGroup(child.pid);
    await ended;
    await this.#lastLinesHaveCome();
    child.stdout?.destroy();
    child.stderr?.destroy();
    // The system may need a moment to free the port.
    const deadline = performance.now() + STOP_MILLISECONDS;
    while (await this.#listens()) {
      if (performance.now() > deadline) {
        throw new CannotStart(
          "still listening",
          `Your server was killed, but something still listens at ${this.#url}. Does your server start another process?`,
        );
      }
      await setTimeout(LOOK_AGAIN_MILLISECONDS);
    }
  }

  /**
   * What its process does now, or did last.
   * @param mayBeEnding waits a moment for its end: a process that crashes closes its connections before it has ended.
   */
  async now(mayBeEnding = false): Promise<ServerProcess> {
    const child = this.#process ?? this.#last;
    const isRunning = () => child !== undefined && child.exitCode === null && child.signalCode === null;
    if (child !== undefined && mayBeEnding && isRunning()) {
      await Promise.race([once(child, "exit"), setTimeout(ENDING_MILLISECONDS, undefined, { ref: false })]);
    }
    const isOpen = await this.#listens();
    if (!isRunning()) await this.#lastLinesHaveCome();
    const lastLines = this.printed === "" ? [] : this.printed.split("\n").slice(-MAX_LAST_LINES);
    return {
      isRunning: isRunning(),
      ...(child === undefined ? {} : howItEnded(child)),
      lastLines,
      isListening: isOpen,
    };
  }

  /**
   * Kills it and starts it again. @param whileStopped is called in between. @returns why it did not start, or undefined.
   */
  async restart(whileStopped?: () => Promise<void>): Promise<NotRestarted | undefined> {
    try {
      await this.kill();
      await whileStopped?.();
      await this.start();
      return undefined;
    } catch (error) {
      if (!(error instanceof CannotStart)) throw error;
      const now = await this.now();
      return { why: error.why, sentence: this.#whyNotAgain(error.why, now), process: now };
    }
  }

  readonly #killNow = () => {
    if (this.#process?.pid !== undefined) killGroup(this.#process.pid);
  };

  /** Whether it listens, and notes where. */
  async #listens(): Promise<boolean> {
    for (const url of this.#urls) {
      if (!(await isListening(url))) continue;
      this.#url = url;
      return true;
    }
    return false;
  }

  /** The last lines may still be on their way. A process that has left the group would keep the pipes open for ever. */
  async #lastLinesHaveCome(): Promise<void> {
    await Promise.race([this.#hasPrinted, setTimeout(LAST_LINES_MILLISECONDS, undefined, { ref: false })]);
  }

  #cannotStart(why: NotRestarted["why"]): CannotStart {
    const child = this.#process;
    const how = child === undefined ? "" : endedInWords(howItEnded(child));
    const patience = this.#startMilliseconds === START_MILLISECONDS ? "a minute" : secondsOf(this.#startMilliseconds);
    const sentence = {
      "still listening": `Something still listens at ${this.#url}`,
      "port taken": `Your server ended${how} before it listened, because its port is taken`,
      ended: `Your server ended${how} before it listened`,
      "never listened": `Nothing listens at ${this.#url} after ${patience}`,
    }[why];
    return new CannotStart(why, `${sentence}: ${this.#command}${this.printed === "" ? "" : `\n${this.printed}`}`);
  }

  #whyNotAgain(why: NotRestarted["why"], now: ServerProcess): string {
    const { port, host } = new URL(this.#url);
    const line = now.lastLines.findLast(saysPortTaken) ?? "";
    return {
      "still listening": `the check killed your server, but ${STOP_MILLISECONDS / 1000} seconds later something still listens at ${host}`,
      "port taken": `the check killed your server and started it again, but port ${port} was still taken. Your server printed "${line.trim()}" and ended${endedInWords(now)}`,
      ended: `the check killed your server and started it again, but it ended${endedInWords(now)} before it listened`,
      "never listened": `the check killed your server and started it again, but a minute later nothing listens at ${host}`,
    }[why];
  }
}

/** In a shell, an exit code above 128 stands for a signal. */
const SIGNAL_BASE = 128;

function howItEnded({ exitCode, signalCode }: ChildProcess): Pick<ServerProcess, "exitCode" | "signal"> {
  if (signalCode !== null) return { signal: signalCode };
  if (exitCode === null) return {};
  const [signal] = Object.entries(constants.signals).find(([, number]) => number === exitCode - SIGNAL_BASE) ?? [];
  return signal === undefined ? { exitCode } : { signal };
}

/** Comes after "ended". */
export function endedInWords({ exitCode, signal }: Pick<ServerProcess, "exitCode" | "signal">): string {
  if (signal !== undefined) return ` by the signal ${signal}`;
  return exitCode === undefined ? "" : ` with exit code ${exitCode}`;
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
