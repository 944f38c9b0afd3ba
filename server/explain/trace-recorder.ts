/**
 * Records one request while it runs: which steps it reached, how long each took, what it compared and which files it
 * touched. ExplainedCall reports the steps, and the observed store reports the files to it as its witness.
 */

import { Concealed } from "../secrecy/concealed.ts";
import type { Inputs } from "../steps/call.ts";
import { EXCERPT_BYTES, type FileTouch, type Witness } from "../store/contract.ts";
import { coverTexts, isAboutProgress, messagesIn } from "./class-cover.ts";
import type { KeptTrace } from "./class-view.ts";
import { cutText } from "./cut-text.ts";
import { senderOf } from "./sender.ts";
import { shownInputs } from "./shown-inputs.ts";
import type { Step } from "./step-list.ts";
import type { Outcome, Trace, TracedSender, TracedStep } from "./trace.ts";

/** The trace shows at most this many files for one step. */
const MAX_FILES_OF_A_STEP = 8;
/** An address may be as long as all headers. */
const MAX_PATH_BYTES = 256;
/** The server wrote what is in these fields of a trace. All others may hold what a client sent. */
const OWN_FIELDS = new Set(["id", "at", "operation", "method", "sentence", "file", "code", "outcome", "did"]);

/** What the recorder cannot see itself. */
interface TracedRequest {
  id: string;
  at: string;
  operation: string;
  method: string;
  path: string;
  isBackground: boolean;
  /** The user who is the teacher of the class. */
  teacherId: number | undefined;
  /** Whether the store shows rows of a database in place of files. */
  showsRows: boolean;
}

interface RequestEnd {
  status: number;
  /** Why the request was refused, if it was. */
  reason: string | undefined;
}

interface Reached {
  milliseconds: number;
  compared: TracedStep["compared"];
  files: FileTouch[];
}

export class TraceRecorder implements Witness {
  /** The id of the current step. */
  step = "";
  readonly #steps = new Map<string, Reached>();
  readonly #concealed = new Concealed();
  #inputs: Inputs = {};
  /** Whether a token was compared and was right. */
  #hasProved = false;
  /** When the current step began, or when its time was last counted. */
  #since: number;
  #isPaused = false;
  readonly #now: () => number;

  /** @param now the time in milliseconds, with fractions. */
  constructor(now: () => number) {
    this.#now = now;
    this.#since = now();
  }

  reach(step: string): void {
    this.#countTime();
    this.step = step;
    if (!this.#steps.has(step)) this.#steps.set(step, { milliseconds: 0, compared: undefined, files: [] });
  }

  read(inputs: Inputs): void {
    const { secret, myAuth } = inputs;
    for (const given of [secret, myAuth]) if (typeof given === "string") this.conceal(given);
    this.#inputs = inputs;
  }

  touched(touch: FileTouch): void {
    const files = this.#steps.get(this.step)?.files;
    if (files !== undefined && files.length < MAX_FILES_OF_A_STEP) files.push(touch);
  }

  compared(comparison: { given: number; kept: number; equal: boolean }): void {
    const reached = this.#steps.get(this.step);
    if (reached !== undefined) reached.compared = comparison;
    // A registration compares the class secret, which everybody has.
    if (comparison.equal && !this.step.startsWith("register.post.")) this.#hasProved = true;
  }

  conceal(text: string): void {
    this.#concealed.add(text);
  }

  made(text: string, from: string): void {
    this.#concealed.addMade(text, from);
  }

  pause(): void {
    this.#countTime();
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#since = this.#now();
  }

  /**
   * The `Server-Timing` header, with an entry for each step that was reached. Browsers draw it, and the conformance
   * check reads from its last entry how far a server came. It must not show how long a comparison took.
   */
  serverTiming(): string {
    this.#countTime();
    const rows = [...this.#steps].map(([id, { milliseconds, compared }]) => {
      return compared === undefined ? `${id};dur=${rounded(milliseconds)}` : id;
    });
    return rows.join(", ");
  }

  /** Who sent the request, as far as it says so. */
  #sender({ operation, teacherId }: TracedRequest, status: number): TracedSender | undefined {
    return senderOf(this.#inputs, { operation, status, hasProved: this.#hasProved, teacherId });
  }

  /** The whole trace. @param steps all steps of the operation, in order. @param isClass whether a class may see it. */
  toKeep(request: TracedRequest, steps: readonly Step[], end: RequestEnd, isClass: boolean): KeptTrace {
    const { id, at, operation, method, path, isBackground, showsRows } = request;
    const sender = this.#sender(request, end.status);
    const inputs = shownInputs(this.#inputs);
    const trace: Trace = {
      id,
      at,
      operation,
      request: { method, path, ...(sender && { sender }), inputs, ...(isBackground && { background: true }) },
      status: end.status,
      ...(end.reason !== undefined && { reason: end.reason }),
      database: showsRows,
      steps: steps.map((step) => this.#traced(step, end.reason !== undefined)),
    };
    const json = this.#toJson(trace);
    if (!isClass) return { json, messageIds: [], sender };
    const covered = coverTexts(trace);
    // Most requests have no text in them. Then both are one, which saves time and room.
    const isSame = JSON.stringify(covered) === JSON.stringify(trace);
    return {
      json,
      covered: isSame ? json : this.#toJson(covered),
      messageIds: messagesIn(trace),
      isForTeacher: isAboutProgress(trace),
      sender,
    };
  }

  #toJson(trace: Trace): string {
    return JSON.stringify(trace, (name, each: unknown) => {
      return typeof each === "string" && !OWN_FIELDS.has(name) ? this.#shown(name, each) : each;
    });
  }

  /** Covers first and cuts then. */
  #shown(name: string, text: string): string {
    if (name === "text") return cutText(this.#concealed.coverFile(text), EXCERPT_BYTES);
    return cutText(this.#concealed.cover(text), name === "path" ? MAX_PATH_BYTES : Number.POSITIVE_INFINITY);
  }

  #traced(step: Step, isRefused: boolean): TracedStep {
    const reached = this.#steps.get(step.id);
    if (reached === undefined) return { ...step, outcome: "not reached", milliseconds: null, files: [] };
    const outcome: Outcome = isRefused && step.id === this.step ? "stop" : "pass";
    const { milliseconds, compared, files } = reached;
    if (compared === undefined) return { ...step, outcome, milliseconds: rounded(milliseconds), files };
    return { ...step, outcome, milliseconds: null, compared, files };
  }

  /** Adds the time since the last count to the current step. */
  #countTime(): void {
    if (this.#isPaused) return;
    const now = this.#now();
    const reached = this.#steps.get(this.step);
    if (reached !== undefined) reached.milliseconds += now - this.#since;
    this.#since = now;
  }
}

/** Rounds to a microsecond, because the clock is not more precise. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
