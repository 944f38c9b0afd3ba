/**
 * What the server says about one explained request. docs/guides/explain.md describes it, with the same names.
 */
import type { ClassState } from "./types.ts";

/** A part of a file as it was at one moment, or a row of a database as a line of JSON. */
export interface Excerpt {
  /** The length of the whole file, or of the line. */
  bytes: number;
  /** The byte in the file where `text` starts. */
  from: number;
  /** At most 4 KiB of it. Null if it is a token or the class secret. */
  text: string | null;
}

/** What a step did with a file, or with a row of a database. */
export interface FileTouch {
  /** Inside the data folder, such as `users/1.dat`. In a database such as `users row 1`: rowIn() reads it. */
  path: string;
  did: "looked for" | "read" | "created" | "appended to" | "changed" | "removed";
  /** Null if there was no such file. */
  before: Excerpt | null;
  after: Excerpt | null;
}

/**
 * The row of a database that a path names: `users row 1`, or only `head` if the table has one row. Undefined if the path
 * names a file.
 */
export function rowIn(path: string): { table: string; row?: string } | undefined {
  const [, table, row] = /^(\w+)(?: row (.+))?$/.exec(path) ?? [];
  if (table === undefined) return undefined;
  return row === undefined ? { table } : { table, row };
}

export interface TracedStep {
  /** Such as "chat.post.1.3". */
  id: string;
  /** From docs/spec.md: "Is `myId` an integer? No: 400." */
  sentence: string;
  /** The lines of the server's code that do it. `line` is the number of the first. */
  source: { file: string; line: number; code: string };
  outcome: "pass" | "stop" | "not reached";
  /** Null if the step was not reached, and if it compares something secret. */
  milliseconds: number | null;
  /** Only if the step compared something secret: the lengths, in characters. */
  compared?: { given: number; kept: number; equal: boolean };
  files: FileTouch[];
}

/** Who a request says that it is from: a user, or the handle that it wants to register. */
export interface TracedSender {
  userId?: number;
  userHandle?: string;
  /** False until the token was right: anybody may claim to be somebody else. */
  proved: boolean;
}

/** An input: its value, or only its length if the value must not be shown. */
export interface TracedInput {
  name: string;
  value?: unknown;
  characters?: number;
}

export interface Trace {
  id: string;
  /** ISO 8601, in UTC. */
  at: string;
  /** Such as "chat.post". Empty if the request reached no call, because its address or its method is wrong. */
  operation: string;
  request: {
    /** Empty, like `path`, if the server could not read the request. */
    method: string;
    path: string;
    /** Missing if the request does not say it. */
    sender?: TracedSender;
    inputs: TracedInput[];
    /** True if the program that sent the request did so by itself, without anybody asking for it. */
    background?: true;
  };
  status: number;
  /** Why the request was refused. */
  reason?: string;
  /** Whether the server keeps its data in a database: `files` has rows then. */
  database?: boolean;
  steps: TracedStep[];
}

/** What a watcher of the class is told. */
export type ClassEvent =
  | { type: "trace"; trace: Trace }
  /** How many traces were left out because there was no time for them. */
  | { type: "missed"; count: number }
  /** The teacher has changed something: read again what you show. */
  | ({ type: "class" } & ClassState)
  | ({ type: "gone" } & Gone);

/** A message that is gone, or everything to a user: take it away wherever you show it. */
export interface Gone {
  messageId?: number;
  toId?: number;
}

/**
 * A sentence of the specification says when a step refuses, or which steps it leaves out. For a step that passed, this
 * gives the answer instead. @param steps all steps of the same trace.
 */
export function answered({ id, sentence }: TracedStep, steps: readonly TracedStep[]): string {
  const [, question, first] = /^(.*\?) No: .*, without steps? (\d+(?:\.\d+)*)/.exec(sentence) ?? [];
  if (question !== undefined) {
    const operation = id.split(".").slice(0, 2).join(".");
    const wentOn = steps.some((step) => step.id === `${operation}.${first}` && step.outcome !== "not reached");
    return wentOn ? `${question} Yes.` : sentence;
  }
  return sentence
    .replace(/\? No: \d+\.$/, "? Yes.")
    .replace(/([?.]) Yes: \d+\.$/, "$1 No.")
    .replace(/: \d+\.$/, "? No.");
}
