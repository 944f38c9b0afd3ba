/**
 * One check, in a process of its own. A hostile server can make that process slow or big, but not this one: it has its
 * own memory, its own sockets, a low priority, and no right to write files or to start programs. checks.ts makes a run.
 * Whatever happens, the run ends, and says how.
 */
import { type ChildProcess, fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import { setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import type { CheckOrder, CheckResult, CheckState, WhyStopped } from "./contract.ts";
import type { News } from "./process/messages.ts";

const PROGRAM = new URL("process/check-process.ts", import.meta.url);
const REPOSITORY = fileURLToPath(new URL("../../", import.meta.url));
/** A report is less than 32 KiB. */
const MAX_NEWS_CHARACTERS = 128 * 1024;
const MAX_HEAP_MEBIBYTES = 64;
const LOW_PRIORITY = 10;
/** The process is on time by itself. It gets this much longer, in case it no longer gets its turn. */
const GRACE_MILLISECONDS = 5_000;

export interface Limits {
  /** How long the check may take, without the time in which it waits for the pupil. */
  runMilliseconds: number;
  /** How long a pupil may take to restart the server. */
  restartMilliseconds: number;
  /** How many bytes the server under test may send in all. */
  bytes: number;
}

export class CheckRun {
  readonly order: CheckOrder;
  readonly state: CheckState;
  readonly #limits: Limits;
  readonly #process: ChildProcess;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;
  /** How long it may still take. */
  #left: number;
  #goesSince = performance.now();

  /**
   * @param onEnd called once, when the process has gone, and must not reject. Undefined if the process could say nothing
   * any more.
   */
  constructor(order: CheckOrder, limits: Limits, onEnd: (result: CheckResult | undefined) => Promise<void>) {
    this.order = order;
    this.#limits = limits;
    this.#left = limits.runMilliseconds + GRACE_MILLISECONDS;
    const { port, lesson } = order;
    this.state = { port, lesson, isRunning: true, done: 0, total: 0, mustRestart: false };
    this.#process = fork(PROGRAM, [], {
      execArgv: [
        "--permission",
        `--allow-fs-read=${REPOSITORY}`,
        `--max-old-space-size=${MAX_HEAP_MEBIBYTES}`,
        "--disable-warning=ExperimentalWarning",
        "--disable-warning=SecurityWarning",
      ],
      // No NODE_OPTIONS and no proxy: the check goes to the address itself. Without SystemRoot, Windows has no sockets.
      env: process.env.SystemRoot === undefined ? {} : { SystemRoot: process.env.SystemRoot },
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      serialization: "json",
    });
    let result: CheckResult | undefined;
    const over = async () => {
      if (this.#isOver) return;
      this.#isOver = true;
      clearTimeout(this.#timer);
      this.state.mustRestart = false;
      if (result === undefined) this.state.stopped ??= "fault";
      await onEnd(result);
      if (result !== undefined) {
        this.state.passed = result.passed;
        this.state.leftOut = result.leftOut;
        if (result.failure !== undefined) this.state.failure = result.failure;
      }
      // Only now: whoever sees the end may ask for the progress at once.
      this.state.isRunning = false;
    };
    this.#process.on("message", (news: News) => {
      if (this.#isOver || JSON.stringify(news).length > MAX_NEWS_CHARACTERS) return;
      if (news.type === "end") {
        if ("result" in news) result = news.result;
        else this.state.stopped = news.stopped;
        this.kill();
      } else this.#hear(news);
    });
    this.#process.once("error", () => void over());
    this.#process.once("exit", () => void over());
    this.#lowerPriority();
    this.#go();
    const { userId, ...what } = order;
    this.#process.send({ order: what, limits }, () => {});
  }

  /** Ends it now. */
  kill(why?: WhyStopped): void {
    if (why !== undefined) this.state.stopped = why;
    this.#process.kill("SIGKILL");
  }

  #hear(news: Exclude<News, { type: "end" }>): void {
    if (news.type === "progress") {
      this.state.done = news.done;
      this.state.total = news.total;
      return;
    }
    if (news.isWaiting === this.state.mustRestart) return;
    this.state.mustRestart = news.isWaiting;
    if (news.isWaiting) this.#wait();
    else this.#go();
  }

  #go(): void {
    this.#goesSince = performance.now();
    this.#killAfter(this.#left, "time");
  }

  #wait(): void {
    this.#left = Math.max(0, this.#left - (performance.now() - this.#goesSince));
    this.#killAfter(this.#limits.restartMilliseconds + GRACE_MILLISECONDS, "restart");
  }

  #killAfter(milliseconds: number, why: WhyStopped): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.kill(why), milliseconds);
  }

  /** The chat comes first. If memory runs out, Linux ends the check and not the server. */
  #lowerPriority(): void {
    const { pid } = this.#process;
    if (pid === undefined) return;
    try {
      setPriority(pid, LOW_PRIORITY);
      if (process.platform === "linux") writeFileSync(`/proc/${pid}/oom_score_adj`, "1000");
    } catch {
      // It has ended already, or the system does not allow it.
    }
  }
}
