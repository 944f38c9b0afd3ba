/**
 * What a case is: a few requests, and what a server that follows the specification answers. Cases are data, in cases/;
 * case.schema.json says the same as these types, for editors and for people who add one.
 */

/** A JSON value. Strings in it may hold placeholders, and what is expected may hold marks. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

export interface Expectation {
  /** The status, or those of which one must come. */
  status?: number | number[] | undefined;
  /** In the place of `status` where only the seed is asked for, and contradicts itself or says less. */
  seedStatus?: number | number[] | undefined;
  /** What the JSON body must be like; see match.ts. */
  body?: Json | undefined;
  seedBody?: Json | undefined;
  /** Nothing may be in the body. */
  isEmpty?: true | undefined;
  /** What these headers must have in them. */
  headers?: Record<string, string> | undefined;
  /** The reply may not come sooner, or must come in time. */
  atLeastMilliseconds?: number | undefined;
  atMostMilliseconds?: number | undefined;
}

export interface Send {
  /** Method, path and query: `GET /api/v1/chat?limit=5`. */
  send: string;
  /** Puts myId and myAuth of this user into the body, as the seed does. */
  as?: string | undefined;
  /** Sends them in `Authorization: Basic`. */
  basic?: string | undefined;
  /** A JSON body. */
  body?: Json | undefined;
  /** A body that is sent as it stands. */
  text?: string | undefined;
  headers?: Record<string, string> | undefined;
  expect?: Expectation | undefined;
  /** Keeps fields of the reply, each under a name. */
  keep?: Record<string, string> | undefined;
  /** Sends it so often, one after the other; `{n}` counts from 1. */
  times?: number | undefined;
}

/** All at the same time, each so often. What comes back is counted by status. */
export interface AtOnce {
  atOnce: Send[];
  times: number;
  /** How many replies of each status. A status that is not named must not come. */
  statuses: Record<string, number | "some">;
}

/** Sends a request whose reply is looked at later. */
export interface Begin {
  begin: string;
  request: Send;
}

export interface Finish {
  finish: string;
  expect: Expectation;
}

/** Opens the stream of a user. */
export interface Listen {
  listen: string;
  request: Send;
}

/** Waits for the next events of an open stream. */
export interface Hear {
  hear: string;
  events: { event: string; data: Json }[];
  /** Keeps the id of the last of them. */
  keepId?: string | undefined;
}

/** Waits until a stream has ended. */
export interface Ends {
  ends: string;
}

/** Stops the server hard, and starts it again. */
export interface Restart {
  restart: true;
}

export type Action = Send | AtOnce | Begin | Finish | Listen | Hear | Ends | Restart;

export interface Case {
  id: string;
  title: string;
  /** The steps of docs/spec.md that it tests. */
  steps: string[];
  /** Whether the seed itself says it. */
  seed?: true | undefined;
  /** What the seed leaves open here, and what is accepted for it. */
  seedNote?: string | undefined;
  /** Users that are registered before, each with a handle that nobody else has. */
  users?: string[] | undefined;
  do: Action[];
  /** What a server that fails here probably does. */
  hint: string;
}

export interface Stage {
  stage: number;
  name: string;
  cases: Case[];
}
