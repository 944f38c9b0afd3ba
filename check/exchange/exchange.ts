/**
 * What the check needs of the world: somebody who sends a request and gives back the reply, and somebody who kills the
 * server and starts it again. Everything else runs anywhere, also in a browser. node/http-exchange.ts sends requests
 * over sockets, and node/server-under-test.ts runs the server as a process.
 */

export interface SentRequest {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: string | undefined;
  /** How the body becomes bytes, if not in UTF-8. */
  encoding?: "latin1" | undefined;
}

export interface Reply {
  status: number;
  /** Header names are in lower case. */
  headers: Record<string, string>;
  text: string;
  /** From the start of the request to the end of the reply. */
  milliseconds: number;
  /** It does not say how long it is. Only the end of the connection showed where it ends. */
  saysNoEnd?: true;
}

/** A reply that does not end. */
export interface OpenReply {
  status: number;
  headers: Record<string, string>;
  /** Passes on the text as it comes, and says when there will be no more. Call it once. */
  read(onText: (text: string) => void, onEnd: () => void): void;
  close(): void;
}

export interface Exchange {
  /**
   * Sends a request on a new connection, unless it has the header `connection: keep-alive`. It follows no redirect, and
   * tries nothing twice, except when a connection that was kept open has been closed.
   * @returns the reply; for an event stream, which does not end, only its head. @throws {NoReply} when none comes in
   * time.
   */
  send(request: SentRequest, patienceMilliseconds: number): Promise<Reply>;
  /** Opens a reply that does not end. @throws {NoReply} when none begins in time. */
  open(request: SentRequest, patienceMilliseconds: number): Promise<OpenReply>;
  /**
   * Sends a request as curl does. @returns what the server does with the connection after its reply, or undefined if there
   * is no reply.
   */
  staysOpen?(request: SentRequest, patienceMilliseconds: number): Promise<AfterReply | undefined>;
  /** Closes the connection to this server that was kept open, if there is one. */
  endKept?(url: string): void;
}

/** "open after a length": the reply says how long it is, so the client knows where it ends. */
export type AfterReply = "closed" | "open" | "open after a length";

/** What the process of the server under test does or did. */
export interface ServerProcess {
  isRunning: boolean;
  /** Undefined while it runs, and if a signal ended it. */
  exitCode?: number;
  /** The signal that ended it, such as SIGSEGV. */
  signal?: string;
  /** What it printed last. */
  lastLines: string[];
  /** Whether something listens at its address. */
  isListening: boolean;
}

/** Why a server did not come back after it was killed. */
export interface NotRestarted {
  why: "still listening" | "port taken" | "ended" | "never listened";
  /** For the learner. */
  sentence: string;
  process: ServerProcess;
}

/**
 * Kills the server without a warning, and starts it again. The kill happens during the call, not later: under-fire.ts
 * picks the moment.
 * @param whileStopped is called after the kill and before the start. @returns why it does not come back, or undefined.
 */
export type Restart = (whileStopped?: () => Promise<void>) => Promise<NotRestarted | undefined>;

/** The file at whose end half a line was written, as the learner knows it. */
export interface Torn {
  name: string;
  /** Takes the half line away again, if the server has not changed the file since. */
  undo(): Promise<void>;
}

/** The files of the server under test. */
export interface DataFiles {
  /** Notes how they are now. */
  remember(): Promise<void>;
  /**
   * Writes half a line at the end of the one text file that has grown since then by exactly one line, with this text in
   * it. Call it while the server is stopped. @returns the file, or undefined if there is none or more than one.
   */
  tear(text: string): Promise<Torn | undefined>;
}

/**
 * Nothing listens there; no reply came in time; what came is not HTTP; the reply does not say where it ends; or something
 * else went wrong.
 */
export type WhyNoReply = "unreachable" | "too late" | "unreadable" | "no end" | "other";

/** There is no usable reply. The message is a sentence for the learner. */
export class NoReply extends Error {
  readonly why: WhyNoReply;

  constructor(sentence: string, why: WhyNoReply = "other") {
    super(sentence);
    this.name = "NoReply";
    this.why = why;
  }
}

/** A server that sends more than this in one reply does not stop. */
export const MAX_REPLY_BYTES = 1024 * 1024;

/** What is wrong with a reply that says no length, on a connection that stays open. */
export function saysNoLength(isEmpty: boolean): string {
  const send = isEmpty ? "Send Content-Length: 0." : "Send Content-Length with the number of bytes in the body.";
  return `Your reply does not say how long it is, so a client waits for more. ${send}`;
}

/** A duration in words. */
export function secondsOf(milliseconds: number): string {
  return milliseconds === 1000 ? "1 second" : `${milliseconds / 1000} seconds`;
}
