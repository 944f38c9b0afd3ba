/**
 * Sends one request on a new connection and returns its reply. It never follows a redirect and never retries. A
 * half-finished server does strange things, so time and memory are limited, and every error becomes a sentence. The
 * check and `plainchat explain` use it.
 */
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";

export interface SentRequest {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: string | undefined;
}

export interface Reply {
  status: number;
  /** Header names are in lower case. */
  headers: Record<string, string>;
  text: string;
  /** From the start of the request to the end of the reply. */
  milliseconds: number;
}

/** Nothing listens there; no reply came in time; what came is not HTTP; or something else went wrong. */
export type WhyNoReply = "unreachable" | "too late" | "unreadable" | "other";

/** There is no usable reply. The message is a sentence for the learner. */
export class NoReply extends Error {
  readonly why: WhyNoReply;

  constructor(sentence: string, why: WhyNoReply = "other") {
    super(sentence);
    this.name = "NoReply";
    this.why = why;
  }
}

export const MAX_REPLY_BYTES = 1024 * 1024;

/**
 * @returns the reply; for an event stream, which does not end, only its head. @throws {NoReply} when none comes in
 * time.
 */
export async function exchange(sent: SentRequest, patienceMilliseconds: number): Promise<Reply> {
  mustBeSendable(sent);
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const chunks: Buffer[] = [];
    let bytes = 0;
    let reply: IncomingMessage | undefined;
    const request = open(sent, (incoming) => {
      reply = incoming;
      const head = { status: incoming.statusCode ?? 0, headers: flat(incoming) };
      if (head.headers["content-type"]?.startsWith("text/event-stream")) {
        clearTimeout(timer);
        resolve({ ...head, text: "", milliseconds: performance.now() - began });
        request.destroy();
        return;
      }
      incoming.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_REPLY_BYTES)
          fail(`The server sent more than ${MAX_REPLY_BYTES / 1024} KiB in one reply and did not stop.`);
        else chunks.push(chunk);
      });
      incoming.once("error", (error) => fail(sentenceFor(error, sent.url, incoming, bytes)));
      incoming.once("end", () => {
        clearTimeout(timer);
        const text = Buffer.concat(chunks).toString();
        resolve({ ...head, text, milliseconds: performance.now() - began });
      });
    });
    const fail = (sentence: string, why?: WhyNoReply) => {
      clearTimeout(timer);
      reject(new NoReply(sentence, why));
      request.destroy();
    };
    const timer = setTimeout(() => {
      const time = secondsOf(patienceMilliseconds);
      if (reply === undefined) fail(`The server accepted the request, but did not answer within ${time}.`, "too late");
      else fail(`The server began to answer, but did not finish within ${time}: ${bytes} bytes of the body arrived.`);
    }, patienceMilliseconds);
    request.once("error", (error) => fail(sentenceFor(error, sent.url, reply, bytes), whyOf(error, reply)));
    request.end(sent.body);
  });
}

/** Opens a stream: a reply that does not end. @throws {NoReply} when no reply begins. */
export async function openReply(sent: SentRequest, patienceMilliseconds: number): Promise<IncomingMessage> {
  mustBeSendable(sent);
  return new Promise((resolve, reject) => {
    const request = open(sent, (reply) => {
      clearTimeout(timer);
      resolve(reply);
    });
    const fail = (sentence: string) => {
      clearTimeout(timer);
      reject(new NoReply(sentence));
      request.destroy();
    };
    const sentence = `The stream did not begin within ${secondsOf(patienceMilliseconds)}.`;
    const timer = setTimeout(() => fail(sentence), patienceMilliseconds);
    request.once("error", (error) => fail(sentenceFor(error, sent.url, undefined, 0)));
    request.end(sent.body);
  });
}

/** Headers cannot hold line breaks or characters beyond Latin-1. Their values may come from the server's replies. */
const NO_HEADER = /[^\t\x20-\x7e\x80-\xff]/;

/** @throws {NoReply} when a header cannot be sent. */
function mustBeSendable({ headers }: SentRequest): void {
  for (const [name, value] of Object.entries(headers)) {
    if (NO_HEADER.test(value)) {
      throw new NoReply(
        `A value from your server cannot be sent back in the header ${name}. Use only ASCII characters in it.`,
      );
    }
  }
}

function open({ url, method, headers, body }: SentRequest, onReply: (reply: IncomingMessage) => void): ClientRequest {
  const send = url.startsWith("https:") ? httpsRequest : httpRequest;
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
  // Each request has its own connection: a beginner's server need not keep one open.
  return send(url, { method, agent: false, headers: { ...headers, ...length, connection: "close" } }, onReply);
}

function flat({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

function codeOf(error: Error): string {
  return "code" in error ? String(error.code) : "";
}

/** A duration in words. */
export function secondsOf(milliseconds: number): string {
  return milliseconds === 1000 ? "1 second" : `${milliseconds / 1000} seconds`;
}

function whyOf(error: Error, reply: IncomingMessage | undefined): WhyNoReply {
  const code = codeOf(error);
  if (["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"].includes(code)) return "unreachable";
  return code.startsWith("HPE_") && reply === undefined ? "unreadable" : "other";
}

function sentenceFor(error: Error, url: string, reply: IncomingMessage | undefined, bytes: number): string {
  const { host, hostname } = new URL(url);
  const code = codeOf(error);
  if (code === "ECONNREFUSED") return `Nothing listens at ${host}. Is your server running, and on this port?`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `There is no computer called ${hostname}.`;
  if (code === "EHOSTUNREACH" || code === "ENETUNREACH") return `${hostname} cannot be reached from here.`;
  if (code === "HPE_HEADER_OVERFLOW") return "The headers of the reply are longer than 16 KiB.";
  if (code === "EPROTO" || code.startsWith("ERR_SSL")) return `${host} does not speak https. Try http://${host}.`;
  if (code === "HPE_CLOSED_CONNECTION" || (code.startsWith("HPE_") && reply?.complete === true)) {
    return "The reply is longer than its Content-Length says. Count bytes there, not characters.";
  }
  if (code.startsWith("HPE_")) return `The server sent something that is not HTTP${beginningOf(error)}.`;
  if (reply !== undefined) {
    const length = reply.headers["content-length"];
    const of = length === undefined ? "" : ` of ${length}`;
    return `The server closed the connection in the middle of its reply: ${bytes}${of} bytes of the body arrived.`;
  }
  if (["ECONNRESET", "EPIPE"].includes(code)) {
    return "The server closed the connection without an answer. If it crashed, it printed why.";
  }
  return `No reply came: ${error.message}.`;
}

const SHOWN_BYTES = 40;

/** The beginning of what came, if Node passes it on. */
function beginningOf(error: Error): string {
  if (!("rawPacket" in error) || !Buffer.isBuffer(error.rawPacket)) return "";
  return `. It begins with ${JSON.stringify(error.rawPacket.toString("latin1", 0, SHOWN_BYTES))}`;
}
