/**
 * Asks a learner's program about all vectors: starts it, writes one line for each text, and compares the lines that come
 * back, up to the first wrong one. vectors-case.ts makes the report of it. Whatever the program does, this ends: there is
 * a limit for the time and for what it prints, and all its processes are killed.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { mistakesIn, question, type Vector } from "./vector.ts";

/** Until the first line comes. A language that compiles first needs longer. */
const FIRST_LINE_MILLISECONDS = 10_000;
const COMPILES_FIRST = /^(go|java)\b/;
const COMPILE_MILLISECONDS = 60_000;
/** Between two lines. */
const NEXT_LINE_MILLISECONDS = 5_000;
/** After the last line, when the input has ended. */
const END_MILLISECONDS = 3_000;
/** A program that prints a mistake may print more of it. */
const REST_MILLISECONDS = 500;
/** The right answers are less than 200 KiB, with every character escaped. */
const MAX_OUTPUT_CHARACTERS = 2 * 1024 * 1024;
const MAX_KEPT_CHARACTERS = 4000;

/** How it went. */
export interface VectorsResult {
  /** How many lines were right, before the first wrong one. */
  right: number;
  wrong?: WrongVector;
}

export interface WrongVector {
  /** The text that was asked. Undefined if all answers were right, and then something else went wrong. */
  vector?: Vector;
  /**
   * "answer": a wrong line. "ended": it ended before it had answered. "silent": no line came. "too much": it printed
   * without end. "more": it printed more lines than it got. "goes on": it did not end. "failed": it ended with a failure.
   */
  why: "answer" | "ended" | "silent" | "too much" | "more" | "goes on" | "failed";
  mistakes: string[];
  /** The line that came, if it looks like an answer. Otherwise it is a part of what was printed. */
  line?: string;
  exitCode?: number;
  /** The last lines that it printed. */
  printed: string;
  /** How long this waited. */
  milliseconds?: number;
}

export interface VectorsOptions {
  /** As you would type it into a terminal. */
  command: string;
  vectors: readonly Vector[];
  folder: string;
  environment?: NodeJS.ProcessEnv;
  /** Shorter times, for tests. */
  firstLineMilliseconds?: number;
  nextLineMilliseconds?: number;
}

export async function runVectors(options: VectorsOptions): Promise<VectorsResult> {
  const { command, folder, environment } = options;
  const child = spawn(command, {
    shell: true,
    detached: process.platform !== "win32",
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ["pipe", "pipe", "pipe"],
    windowsHide: true,
  });
  const killNow = () => killGroup(child);
  process.once("exit", killNow);
  try {
    return await asked(child, options);
  } finally {
    process.off("exit", killNow);
    killGroup(child);
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
  }
}

type Child = ReturnType<typeof spawn> & {
  stdin: NonNullable<ChildProcess["stdin"]>;
  stdout: NonNullable<ChildProcess["stdout"]>;
  stderr: NonNullable<ChildProcess["stderr"]>;
};

async function asked(child: Child, options: VectorsOptions): Promise<VectorsResult> {
  const { vectors, command } = options;
  const patience = COMPILES_FIRST.test(command) ? COMPILE_MILLISECONDS : FIRST_LINE_MILLISECONDS;
  const { firstLineMilliseconds = patience, nextLineMilliseconds = NEXT_LINE_MILLISECONDS } = options;
  const output = new Output(child);
  // A program that ends early does not read all of it.
  child.stdin.on("error", () => {});
  child.stdin.end(vectors.map((each) => `${question(each)}\n`).join(""));
  for (const [right, vector] of vectors.entries()) {
    const milliseconds = right === 0 ? firstLineMilliseconds : nextLineMilliseconds;
    const line = await output.line(milliseconds);
    if (typeof line === "object") {
      const end = { exitCode: child.exitCode ?? undefined, milliseconds };
      return { right, wrong: wrongBy(line.why, output, { vector, ...end }) };
    }
    const mistakes = mistakesIn(line, vector);
    if (mistakes.length > 0) {
      const isAnswer = line.trimStart().startsWith("{");
      if (!isAnswer) await output.rest();
      return { right, wrong: { ...wrongBy("answer", output, { vector }), mistakes, ...(isAnswer && { line }) } };
    }
  }
  const right = vectors.length;
  const more = await output.line(END_MILLISECONDS);
  if (typeof more === "string") return { right, wrong: { ...wrongBy("more", output), line: more } };
  if (more.why === "too much") return { right, wrong: wrongBy("too much", output) };
  const exitCode = await output.exitCode();
  if (exitCode === undefined) return { right, wrong: wrongBy("goes on", output, { milliseconds: END_MILLISECONDS }) };
  return exitCode === 0 ? { right } : { right, wrong: wrongBy("failed", output, { exitCode }) };
}

function wrongBy(
  why: WrongVector["why"],
  { printed }: Output,
  { vector, exitCode, milliseconds }: { vector?: Vector; exitCode?: number | undefined; milliseconds?: number } = {},
): WrongVector {
  return {
    why,
    mistakes: [],
    printed,
    ...(vector !== undefined && { vector }),
    ...(exitCode !== undefined && { exitCode }),
    ...(milliseconds !== undefined && { milliseconds }),
  };
}

/** What a program prints: its lines of standard output one after the other, and the last of everything. */
class Output {
  readonly #child: Child;
  readonly #lines: string[] = [];
  #unfinished = "";
  #characters = 0;
  #printed = "";
  #isClosed = false;
  #wake: () => void = () => {};

  constructor(child: Child) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text: string) => {
        this.#characters += text.length;
        this.#printed = (this.#printed + text).slice(-MAX_KEPT_CHARACTERS);
        if (this.isTooMuch) stream.pause();
        else if (stream === child.stdout) this.#take(text);
        this.#wake();
      });
    }
    const close = () => {
      if (this.#unfinished !== "") this.#lines.push(this.#unfinished);
      this.#unfinished = "";
      this.#isClosed = true;
      this.#wake();
    };
    child.once("close", close);
    child.once("error", close);
  }

  get printed(): string {
    return this.#printed.trim();
  }

  get isTooMuch(): boolean {
    return this.#characters > MAX_OUTPUT_CHARACTERS;
  }

  /** The next line, or why there is none. */
  async line(milliseconds: number): Promise<string | { why: "silent" | "ended" | "too much" }> {
    const deadline = performance.now() + milliseconds;
    for (;;) {
      const line = this.#lines.shift();
      if (line !== undefined) return line;
      if (this.isTooMuch) return { why: "too much" };
      if (this.#isClosed) return { why: "ended" };
      const left = deadline - performance.now();
      if (left <= 0) return { why: "silent" };
      await this.#change(left);
    }
  }

  /** Waits until it has printed everything, or a moment. */
  async rest(): Promise<void> {
    const deadline = performance.now() + REST_MILLISECONDS;
    while (!this.#isClosed && !this.isTooMuch && performance.now() < deadline) {
      await this.#change(deadline - performance.now());
    }
  }

  /** Undefined if it has not ended. */
  async exitCode(): Promise<number | undefined> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return exitCode ?? -1;
    await Promise.race([once(this.#child, "exit"), setTimeout(REST_MILLISECONDS, undefined, { ref: false })]);
    return this.#child.exitCode ?? undefined;
  }

  #take(text: string): void {
    const [first = "", ...more] = text.split("\n");
    this.#unfinished += first;
    for (const each of more) {
      this.#lines.push(this.#unfinished.replace(/\r$/, ""));
      this.#unfinished = each;
    }
  }

  async #change(milliseconds: number): Promise<void> {
    const enough = new AbortController();
    const changed = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    await Promise.race([changed, setTimeout(milliseconds, undefined, { signal: enough.signal }).catch(() => {})]);
    enough.abort();
  }
}

/** With all that it has started. Nothing happens if it has ended. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  if (process.platform === "win32") {
    spawnSync("taskkill", ["/pid", String(pid), "/t", "/f"]);
    return;
  }
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}
