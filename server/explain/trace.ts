/**
 * What is told of one explained request: every step of its operation, how each ended, and what it did with which files.
 * `GET /api/v1/explain/{id}` answers with it, and docs/explain.md describes it.
 */
import type { FileTouch } from "../store/contract.ts";
import type { Step } from "./step-list.ts";

export type Outcome = "pass" | "stop" | "not reached";

export interface TracedStep extends Step {
  outcome: Outcome;
  /** How long it took. Null for a step that was not reached, and for one that compares something secret. */
  milliseconds: number | null;
  /** Set where something secret was compared with what the client sent: lengths in characters. */
  compared?: { given: number; kept: number; equal: boolean };
  files: FileTouch[];
}

/** An input as it may be shown: its value, or only its length. */
export interface TracedInput {
  name: string;
  value?: unknown;
  /** In place of a value that is secret, or that the server does not know. */
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
  /** Why the request was refused: the `detail` of the problem reply. */
  reason?: string;
  steps: TracedStep[];
}
