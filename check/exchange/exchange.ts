/**
 * One request and its reply, with nothing in between: a connection of its own, no redirects, nothing repeated. Servers
 * that are being written do strange things, so time and memory have bounds, and whatever goes wrong is said in a sentence.
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
  /** Names in small letters. */
  headers: Record<string, string>;
  text: string;
  /** From the request to the end of its reply. */
  milliseconds: number;
}

/** Nothing listens there at all; no reply came in time; the reply is none; or something else is wrong. */
export type WhyNoReply = "unreachable" | "too late" | "unreadable" | "other";

/** What came in the place of a reply. */
export class NoReply extends Error {
  readonly why: WhyNoReply;

  constructor(sentence: string, why: WhyNoReply = "other") {
    super(sentence);
    this.name = "NoReply";
    this.why = why;
  }
}

export const MAX_REPLY_BYTES = 1024 * 1024;

/** @returns the reply; of a stream, which does not end, only its head. @throws {NoReply} when none comes in time. */
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
          fail(`It sent more than ${MAX_REPLY_BYTES / 1024} KiB in one reply, and did not stop.`);
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
      if (reply === undefined) fail(`It took the request, and did not answer within ${time}.`, "too late");
      else fail(`It began to answer, and had not finished after ${time}: ${bytes} bytes of the body had come.`);
    }, patienceMilliseconds);
    request.once("error", (error) => fail(sentenceFor(error, sent.url, reply, bytes), whyOf(error, reply)));
    request.end(sent.body);
  });
}

/** Begins a request whose reply does not end. @throws {NoReply} when no reply begins. */
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

/** A header can hold no line break and nothing beyond Latin-1, and may be made of what the server has answered. */
const NO_HEADER = /[^\t\x20-\x7e\x80-\xff]/;

/** @throws {NoReply} when it cannot be sent at all. */
function mustBeSendable({ headers }: SentRequest): void {
  for (const [name, value] of Object.entries(headers)) {
    if (NO_HEADER.test(value)) {
      throw new NoReply(
        `What your server has given cannot be sent back in the header ${name}: only ASCII characters can.`,
      );
    }
  }
}

function open({ url, method, headers, body }: SentRequest, onReply: (reply: IncomingMessage) => void): ClientRequest {
  const send = url.startsWith("https:") ? httpsRequest : httpRequest;
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
  // A connection for each request: a server in its first week need not keep one open.
  return send(url, { method, agent: false, headers: { ...headers, ...length, connection: "close" } }, onReply);
}

function flat({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

function codeOf(error: Error): string {
  return "code" in error ? String(error.code) : "";
}

/** A time, in words. */
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
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `There is no machine called ${hostname}.`;
  if (code === "EHOSTUNREACH" || code === "ENETUNREACH") return `There is no way to ${hostname} from here.`;
  if (code === "HPE_HEADER_OVERFLOW") return "The headers of its reply are longer than 16 KiB.";
  if (code === "EPROTO" || code.startsWith("ERR_SSL")) return `${host} does not speak https. Try http://${host}.`;
  if (code === "HPE_CLOSED_CONNECTION" || (code.startsWith("HPE_") && reply?.complete === true)) {
    return "Its reply goes on behind the end that its Content-Length gives. Count bytes there, not characters.";
  }
  if (code.startsWith("HPE_")) return `What it sent is not HTTP${beginningOf(error)}.`;
  if (reply !== undefined) {
    const length = reply.headers["content-length"];
    const of = length === undefined ? "" : ` of ${length}`;
    return `It closed the connection in the middle of its reply: ${bytes}${of} bytes of the body had come.`;
  }
  if (["ECONNRESET", "EPIPE"].includes(code)) {
    return "It closed the connection without an answer. If it has crashed, it has printed why.";
  }
  return `No reply came: ${error.message}.`;
}

const SHOWN_BYTES = 40;

/** What came in the place of HTTP, where Node hands it on. */
function beginningOf(error: Error): string {
  if (!("rawPacket" in error) || !Buffer.isBuffer(error.rawPacket)) return "";
  return `. It begins with ${JSON.stringify(error.rawPacket.toString("latin1", 0, SHOWN_BYTES))}`;
}
