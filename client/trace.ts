/**
 * What a server tells of one explained request, as docs/explain.md describes it, under the same names.
 */

/** A piece of a file as it was at one moment. */
export interface Excerpt {
  /** How long the file was. */
  bytes: number;
  /** Where in the file `text` begins. */
  from: number;
  /** At most 4 KiB of it. Null where it is a token or the class secret. */
  text: string | null;
}

/** What a step has done with a file. */
export interface FileTouch {
  /** Below the data folder: `users/1.dat`. */
  path: string;
  did: "looked for" | "read" | "created" | "appended to" | "changed" | "removed";
  /** Null where there was no such file. */
  before: Excerpt | null;
  after: Excerpt | null;
}

export interface TracedStep {
  /** Such as "chat.post.1.3". */
  id: string;
  /** From docs/spec.md: "Is `myId` an integer? No: 400." */
  sentence: string;
  /** The lines of the server that do it. */
  source: { file: string; line: number; code: string };
  outcome: "pass" | "stop" | "not reached";
  /** Null for a step that was not reached, and for one that compares something secret. */
  milliseconds: number | null;
  /** Where something secret was compared: lengths in characters. */
  compared?: { given: number; kept: number; equal: boolean };
  files: FileTouch[];
}

/** An input as it may be shown: its value, or only how many characters it has. */
export interface TracedInput {
  name: string;
  value?: unknown;
  characters?: number;
}

export interface Trace {
  id: string;
  /** ISO 8601, in UTC. */
  at: string;
  /** Such as "chat.post". */
  operation: string;
  request: {
    method: string;
    path: string;
    inputs: TracedInput[];
    /** Set where a program says that nobody has asked for this request. */
    background?: true;
  };
  status: number;
  /** Why the request was refused. */
  reason?: string;
  steps: TracedStep[];
}

/** Something that is told to those who watch the class: a request, or how many were left out for want of time. */
export type ClassEvent = { type: "trace"; trace: Trace } | { type: "missed"; count: number };

/** The specification says when a step refuses. Of one that was passed, the answer is said in its place. */
export function answered(sentence: string): string {
  return sentence
    .replace(/\? No: \d+\.$/, "? Yes.")
    .replace(/([?.]) Yes: \d+\.$/, "$1 No.")
    .replace(/: \d+\.$/, "? No.");
}
