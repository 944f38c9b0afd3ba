/**
 * The trace of one explained request: every step of its operation, how each one ended, and what it did with which
 * files or rows. `GET /api/v1/explain/{id}` replies with it, and docs/guides/explain.md describes it.
 */
import type { FileTouch } from "../store/contract.ts";
import type { Step } from "./step-list.ts";

export type Outcome = "pass" | "stop" | "not reached";

export interface TracedStep extends Step {
  outcome: Outcome;
  /** How long it took. Null for a step that was not reached, and for one that compares something secret. */
  milliseconds: number | null;
  /** Set if the step compared a secret with what the client sent. The lengths are in characters. */
  compared?: { given: number; kept: number; equal: boolean };
  files: FileTouch[];
}

/** An input as the trace may show it: its value, or only its length. */
export interface TracedInput {
  name: string;
  value?: unknown;
  /** The length of a value that is not shown, because it is secret or the server does not know the input. */
  characters?: number;
}

/** Who a request says that it is from: a user, or the handle that it wants to register. */
export interface TracedSender {
  userId?: number;
  userHandle?: string;
  /** False until the token was right: anybody may claim to be somebody else. */
  proved: boolean;
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
    /** Set if a program sent the request by itself, without a person asking for it. */
    background?: true;
  };
  status: number;
  /** Why the request was refused: the `detail` of the problem reply. */
  reason?: string;
  /** Whether the data are in a database: `files` has rows then. */
  database: boolean;
  steps: TracedStep[];
}
