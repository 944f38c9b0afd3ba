/**
 * Sends requests over HTTP, each on a new connection unless it says `connection: keep-alive`. A half-finished server does
 * strange things, so time and memory are limited, and every error becomes a sentence. The check and `plainchat explain`
 * use it.
 */
import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import {
  type AfterReply,
  type Exchange,
  MAX_REPLY_BYTES,
  NoReply,
  type OpenReply,
  type Reply,
  type SentRequest,
  saysNoLength,
  secondsOf,
  type WhyNoReply,
} from "../exchange/exchange.ts";

/** After this long without another byte, the server has answered and leaves the connection open. */
const QUIET_MILLISECONDS = 1000;

export const httpExchange: Exchange = { send, open, staysOpen, endKept };

async function send(sent: SentRequest, patienceMilliseconds: number): Promise<Reply> {
  mustBeSendable(sent);
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const chunks: Buffer[] = [];
    let bytes = 0;
    let reply: IncomingMessage | undefined;
    const request = begin(sent, (incoming) => {
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
      incoming.once("error", (error) => fail(sentenceFor(error, sent, incoming, bytes)));
      incoming.once("end", () => {
        clearTimeout(timer);
        const text = Buffer.concat(chunks).toString();
        const milliseconds = performance.now() - began;
        resolve({ ...head, text, milliseconds, ...(saysNoEnd(incoming, sent) && { saysNoEnd: true }) });
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
      else if (saysNoEnd(reply, sent)) fail(saysNoLength(bytes === 0), "no end");
      else fail(`The server began to answer, but did not finish within ${time}: ${bytes} bytes of the body arrived.`);
    }, patienceMilliseconds);
    request.once("error", (error) => {
      // A server may close a connection that is kept open at any time. Then every client tries again on a new one.
      if (request.reusedSocket && reply === undefined && ["ECONNRESET", "EPIPE"].includes(codeOf(error))) {
        clearTimeout(timer);
        resolve(send(onNewConnection(sent), patienceMilliseconds));
        return;
      }
      fail(sentenceFor(error, sent, reply, bytes), whyOf(error, reply));
    });
    request.end(sent.body, sent.encoding ?? "utf8");
  });
}

async function open(sent: SentRequest, patienceMilliseconds: number): Promise<OpenReply> {
  mustBeSendable(sent);
  return new Promise((resolve, reject) => {
    const request = begin(sent, (reply) => {
      clearTimeout(timer);
      resolve(openReply(reply));
    });
    const fail = (sentence: string) => {
      clearTimeout(timer);
      reject(new NoReply(sentence));
      request.destroy();
    };
    const sentence = `The stream did not begin within ${secondsOf(patienceMilliseconds)}.`;
    const timer = setTimeout(() => fail(sentence), patienceMilliseconds);
    request.once("error", (error) => fail(sentenceFor(error, sent, undefined, 0)));
    request.end(sent.body, sent.encoding ?? "utf8");
  });
}

/** Whether only the end of the connection shows where it ends. In HTTP/1.0 that is the rule. */
function saysNoEnd({ headers, httpVersion, statusCode = 0 }: IncomingMessage, { method }: SentRequest): boolean {
  if (method === "HEAD" || statusCode === 204 || statusCode === 304) return false;
  if (headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined) return false;
  return httpVersion !== "1.0" || headers.connection?.toLowerCase() === KEPT;
}

/** In the head of a reply, up to the empty line. */
const HAS_LENGTH = /^(?:(?!\r\n\r\n)[\s\S])*\r\n(?:content-length|transfer-encoding):/i;

async function staysOpen(
  { url, method, body }: SentRequest,
  patienceMilliseconds: number,
): Promise<AfterReply | undefined> {
  const { protocol, hostname, host, port, pathname } = new URL(url);
  if (protocol !== "http:") return "closed";
  const length = body === undefined ? "" : `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  return new Promise((resolve) => {
    let answer = "";
    let quiet: NodeJS.Timeout | undefined;
    const socket = connect(Number(port || 80), hostname.replace(/^\[|\]$/g, ""));
    const end = (isOpen: boolean) => {
      clearTimeout(quiet);
      clearTimeout(patience);
      socket.destroy();
      if (answer === "") resolve(undefined);
      else if (!isOpen) resolve("closed");
      else resolve(HAS_LENGTH.test(answer) ? "open after a length" : "open");
    };
    const patience = setTimeout(() => end(true), patienceMilliseconds);
    socket.on("data", (piece: Buffer) => {
      answer += piece.toString("latin1");
      clearTimeout(quiet);
      quiet = setTimeout(() => end(true), QUIET_MILLISECONDS);
    });
    for (const event of ["end", "error", "close"]) socket.once(event, () => end(false));
    socket.write(`${method} ${pathname} HTTP/1.1\r\nHost: ${host}\r\n${length}\r\n${body ?? ""}`);
  });
}

function openReply(reply: IncomingMessage): OpenReply {
  return {
    status: reply.statusCode ?? 0,
    headers: flat(reply),
    read(onText, onEnd) {
      reply.setEncoding("utf8");
      reply.on("data", onText);
      reply.on("error", () => {});
      reply.once("close", onEnd);
    },
    close: () => reply.destroy(),
  };
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

function begin(
  { url, method, headers, body, encoding }: SentRequest,
  onReply: (reply: IncomingMessage) => void,
): ClientRequest {
  const request = url.startsWith("https:") ? httpsRequest : httpRequest;
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body, encoding)) };
  if (headers.host !== undefined) {
    const lines = Object.entries({ ...headers, ...length, connection: "close" }).flatMap(linesOf);
    return request(url, { method, agent: false, setHost: false, headers: lines }, onReply);
  }
  if (headers.connection === KEPT && request === httpRequest) {
    return request(url, { method, agent: keptFor(url), headers: { ...headers, ...length } }, onReply);
  }
  // Each request has its own connection: a beginner's server need not keep one open.
  return request(url, { method, agent: false, headers: { ...headers, ...length, connection: "close" } }, onReply);
}

/** @returns names and values in turn. A `host` may be several headers, with a comma between their values, or none. */
function linesOf([name, value]: [string, string]): string[] {
  if (name !== "host") return [name, value];
  return value === "" ? [] : value.split(", ").flatMap((each) => [name, each]);
}

const KEPT = "keep-alive";

/** One connection to each server, for the requests that ask for it. Several checks may run in this program. */
const keptConnections = new Map<string, Agent>();

function keptFor(url: string): Agent {
  const { origin } = new URL(url);
  const agent = keptConnections.get(origin) ?? new Agent({ keepAlive: true, maxSockets: 1 });
  keptConnections.set(origin, agent);
  return agent;
}

function endKept(url: string): void {
  const { origin } = new URL(url);
  keptConnections.get(origin)?.destroy();
  keptConnections.delete(origin);
}

function onNewConnection(sent: SentRequest): SentRequest {
  return { ...sent, headers: { ...sent.headers, connection: "close" } };
}

function flat({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

function codeOf(error: Error): string {
  return "code" in error ? String(error.code) : "";
}

function whyOf(error: Error, reply: IncomingMessage | undefined): WhyNoReply {
  const code = codeOf(error);
  if (["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"].includes(code)) return "unreachable";
  // These two come from a reply that begins as it should.
  if (["HPE_HEADER_OVERFLOW", "HPE_CLOSED_CONNECTION"].includes(code)) return "other";
  return code.startsWith("HPE_") && reply === undefined ? "unreadable" : "other";
}

function sentenceFor(
  error: Error,
  { url, method }: SentRequest,
  reply: IncomingMessage | undefined,
  bytes: number,
): string {
  const { host, hostname } = new URL(url);
  const code = codeOf(error);
  if (code === "ECONNREFUSED") return `Nothing listens at ${host}. Is your server running, and on this port?`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `There is no computer called ${hostname}.`;
  if (code === "EHOSTUNREACH" || code === "ENETUNREACH") return `${hostname} cannot be reached from here.`;
  if (code === "HPE_HEADER_OVERFLOW") return "The headers of the reply are longer than 16 KiB.";
  if (code === "EPROTO" || code.startsWith("ERR_SSL")) return `${host} does not speak https. Try http://${host}.`;
  if (code === "HPE_CLOSED_CONNECTION" || (code.startsWith("HPE_") && reply?.complete === true)) {
    return method === "HEAD"
      ? "The reply to HEAD has a body. Send only the headers."
      : "The reply is longer than its Content-Length says. Count bytes there, not characters.";
  }
  if (code.startsWith("HPE_")) return `The server sent something that is not HTTP${beginningOf(error)}.`;
  if (reply !== undefined) {
    const length = reply.headers["content-length"];
    const of = length === undefined ? "" : ` of ${length}`;
    return `The server closed the connection in the middle of its reply: ${bytes}${of} bytes of the body arrived.`;
  }
  if (["ECONNRESET", "EPIPE"].includes(code)) {
    return "The server closed the connection without an answer. If it crashed, it printed why. If not, it sent no reply: returning from a function sends nothing.";
  }
  return `No reply came: ${error.message}.`;
}

const SHOWN_BYTES = 40;

/** The beginning of what came, if Node passes it on. */
function beginningOf(error: Error): string {
  if (!("rawPacket" in error) || !Buffer.isBuffer(error.rawPacket)) return "";
  return `. It begins with ${JSON.stringify(error.rawPacket.toString("latin1", 0, SHOWN_BYTES))}`;
}
