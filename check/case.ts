/**
 * The types of a case: a few requests, and the answers of a server that follows the specification. The cases are JSON
 * files in cases/. case.schema.json must say the same as these types: editors use it.
 */

/** A JSON value. Its strings may have placeholders in them (fill.ts) and, in an expectation, marks (match.ts). */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

export interface Expectation {
  /** The status, or a list of which one must come. */
  status?: number | number[] | undefined;
  /** Replaces `status` in the profile seed, where the seed contradicts itself or says less. */
  seedStatus?: number | number[] | undefined;
  /** The JSON body; see match.ts. */
  body?: Json | undefined;
  /** Replaces `body` in the profile seed. */
  seedBody?: Json | undefined;
  /** The body must be empty. */
  isEmpty?: true | undefined;
  /**
   * Text that these headers must contain, or several of them. `<not PUT>` is text that must not be there, and with `""`
   * the header must only be there.
   */
  headers?: Record<string, string | string[]> | undefined;
  /** The reply must not come sooner or later than this. */
  atLeastMilliseconds?: number | undefined;
  atMostMilliseconds?: number | undefined;
}

export interface Send {
  /** Method, path and query: `GET /api/v1/chat?limit=5`. */
  send: string;
  /** Puts this user's myId and myAuth into the body, as the seed does. */
  as?: string | undefined;
  /** Sends this user's credentials in `Authorization: Basic`, or a text with a colon in it: `{ada.userId}:wrong`. */
  basic?: string | undefined;
  /** A JSON body. */
  body?: Json | undefined;
  /** A body that need not be JSON. Its placeholders are filled in, too. */
  text?: string | undefined;
  /** Sends the body in Latin-1, so that an é in it is not UTF-8. */
  encoding?: "latin1" | undefined;
  /** `<absent>` leaves out a header that would be sent. */
  headers?: Record<string, string> | undefined;
  expect?: Expectation | undefined;
  /** Keeps fields of the reply: `{"id": "messageId"}` makes a placeholder `{id}`. */
  keep?: Record<string, string> | undefined;
  /** Sends it this many times, one after the other; `{n}` counts from 1. */
  times?: number | undefined;
}

/**
 * Sends all of these at the same time. `expect` holds for each reply with status 200. `keep` keeps a field of each
 * reply: `{"id": "messageId"}` makes `{id.1}`, `{id.2}` and so on.
 */
export interface AtOnce {
  atOnce: Send[];
  /** How many times each is sent; `{n}` counts from 1. */
  times: number;
  /** How many replies must have each status. No other status may come. */
  statuses: Record<string, number | "some">;
}

/**
 * Sends all of these from several connections, and kills the server in the middle of that, without waiting for the
 * replies. Then it starts the server again and goes on. Each reply that comes must be a 200. A request with an
 * Idempotency-Key that got no reply is sent again, as clients do.
 */
export interface UnderFire {
  underFire: Send[];
  /** How many times each is sent at most; `{n}` counts from 1. */
  times: number;
  /** How many times the server is killed. */
  kills: number;
}

/**
 * Fetches the queues of these users, and compares each message with what the case has sent (ledger/). The boxes `sent` of
 * the senders named must have the same messages.
 */
export interface Queues {
  queues: string[];
  sentBy?: string[];
}

/** Everybody who got a 200 when the case registered them can log in, with the right id, and has the handle (ledger/). */
interface Known {
  known: true;
}

/** Sends a request, and goes on without its reply. With `times` in the request, it sends that many. */
interface Begin {
  begin: string;
  request: Send;
}

/** Waits for the reply to a request that was begun. If it was sent several times, all replies must be like this. */
export interface Finish {
  finish: string;
  /** Waits only for the reply that comes first. */
  first?: true | undefined;
  expect: Expectation;
}

/** Opens a stream. With `times` in the request, it opens that many: `name 1`, `name 2` and so on. */
interface Listen {
  listen: string;
  request: Send;
}

/** Waits for the next events of an open stream. Without events, it waits for a frame with an `id`. */
export interface Hear {
  hear: string;
  /** With `times`, an event must come that many times; `{n}` counts from 1. */
  events: { event: string; data: Json; times?: number | undefined }[];
  /** The ids of these events must go up. */
  idsGoUp?: true | undefined;
  /** The stream must have said by then that clients reconnect after this many milliseconds. */
  retry?: number | undefined;
  /** Keeps the id of the last event as a placeholder with this name. */
  keepId?: string | undefined;
}

/** Waits until a stream has ended. */
interface Ends {
  ends: string;
}

/** Runs the next cases of the stage until the reply to this request comes, which was begun. */
interface Meanwhile {
  meanwhile: string;
}

/**
 * Kills the server and starts it again. With `"shared"`, the next case may use the same restart: it runs before the kill
 * and after the start. That saves time, but the kill does not come right after the last request.
 */
interface Restart {
  restart: true | "shared";
}

/**
 * Sends a message, kills the server, writes half a line like that of the message at the end of the same file, and starts
 * the server again: so a power cut leaves the file, in the middle of the next write. If the server does not write one line
 * for each message at the end of a file, the case cannot be asked.
 */
export interface Tear {
  tear: Send;
}

/**
 * Sends a message several times, one after the other. Each time, it must be there at once: in the reply to a fetch that
 * waits for it, or on an open stream. `{n}` counts from 1.
 */
export interface Promptly {
  promptly: Send;
  /** Is begun before each message. */
  fetch?: Send | undefined;
  /** The stream, and the event. */
  listening?: Hear | undefined;
}

export type Action =
  | Send
  | AtOnce
  | UnderFire
  | Queues
  | Known
  | Begin
  | Finish
  | Meanwhile
  | Listen
  | Hear
  | Ends
  | Restart
  | Tear
  | Promptly;

export interface Case {
  id: string;
  title: string;
  /** The steps of docs/spec.md that it tests. */
  steps: string[];
  /** The case belongs to the profile seed: the seed itself says so. */
  seed?: true | undefined;
  /** What the seed leaves open or contradicts here, and which answers the check accepts. */
  seedNote?: string | undefined;
  /** Users to register first, each with a new handle. */
  users?: string[] | undefined;
  do: Action[];
  /** For a learner whose server fails here: what is probably wrong, and what to do. */
  hint: string;
}

/** Also a lesson, which has cases of several stages. */
export interface Stage {
  stage: number;
  /** Its number and its name are those of a lesson. */
  isLesson?: true | undefined;
  name: string;
  cases: Case[];
}
