/**
 * Requests that two programs on the way could read differently. Each has another request hidden in it, a canary that
 * would publish a message. If a server carries out the hidden request, it does something for a stranger that the proxy
 * in front of it never saw. No canary may ever arrive.
 */
import type { Person } from "./calls.ts";
import type { Random } from "./random.ts";

export interface Breaker {
  name: string;
  bytes: Buffer;
}

/** The hidden request. A server that carries it out publishes to `to`, in the name of `from`. */
export function canary({ from, to, text }: { from: Person; to: Person; text: string }): string {
  const body = JSON.stringify({ myId: from.userId, myAuth: from.authToken, userHandle: to.userHandle, message: text });
  return `POST /api/v1/chat HTTP/1.1\r\nHost: a\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

const START = "POST /api/v1/users HTTP/1.1\r\nHost: a\r\n";
const CHUNKED = "Transfer-Encoding: chunked\r\n";

/** Spellings that some programs have taken for `chunked`, and others have not. */
const NEARLY_CHUNKED = [
  "Transfer-Encoding: xchunked",
  "Transfer-Encoding : chunked",
  " Transfer-Encoding: chunked",
  "Transfer-Encoding:\tchunked",
  "Transfer-Encoding: \x0bchunked",
  'Transfer-Encoding: "chunked"',
  "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
  "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
  "Transfer-Encoding: chunked, identity",
  "Transfer-Encoding: chunked, chunked",
  "Transfer-Encoding: chunked, gzip",
  "Transfer-Encoding:\r\n chunked",
  "X: a\nTransfer-Encoding: chunked",
  "X: a\rTransfer-Encoding: chunked",
  "Transfer-Encoding: chunKed",
  "Transfer\x00-Encoding: chunked",
  "Transfer_Encoding: chunked",
] as const;

/** Lengths that mean 0 to some programs, and something else or nothing to others. */
const NEARLY_ZERO = [
  "+0",
  "-0",
  "0x0",
  "0 0",
  "0,0",
  "00e0",
  "0.0",
  "٠",
  "",
  "18446744073709551616",
  "\x0b0",
  "0;",
] as const;

/** Wrong ways to write chunks. The hidden request comes where a careless reader would look for the next request. */
const NEARLY_CHUNKS: readonly [(inner: string) => string, ...((inner: string) => string)[]] = [
  (inner) => `0\n\r\n${inner}`,
  (inner) => `0\n\n${inner}`,
  (inner) => `0;a\n\r\n${inner}`,
  (inner) => `0;a=\n\r\n\r\n${inner}`,
  (inner) => `-0\r\n\r\n${inner}`,
  (inner) => `+0\r\n\r\n${inner}`,
  (inner) => `0x0\r\n\r\n${inner}`,
  (inner) => ` 0\r\n\r\n${inner}`,
  (inner) => `0 \r\n\r\n${inner}`,
  (inner) => `10000000000000000\r\n\r\n${inner}`,
  (inner) => `2\r\nabc\r\n0\r\n\r\n${inner}`,
  (inner) => `2\r\nab0\r\n\r\n${inner}`,
  (inner) => `2\r\nab\n0\r\n\r\n${inner}`,
  (inner) => `5\r\nab\r\n0\r\n\r\n${inner}`,
  (inner) => `\r\n0\r\n\r\n${inner}`,
  (inner) => `0\r\nContent-Length : 0\r\n\r\n${inner}`,
  (inner) => `0\r\n\x00\r\n\r\n${inner}`,
];

/** @param inner a whole request, in Latin-1, as canary() makes it. */
export function smuggled(random: Random, inner: string): Breaker {
  const length = Buffer.byteLength(inner);
  const hidden = inChunk(inner);
  const made: [string, string] = random.pick<[string, string]>([
    ["CL.TE", `${START}Content-Length: ${length + 5}\r\n${CHUNKED}\r\n0\r\n\r\n${inner}`],
    ["TE.CL", `${START}${CHUNKED}Content-Length: ${hidden.indexOf("\r\n") + 2}\r\n\r\n${hidden}`],
    ["TE.TE", nearlyChunked(random, inner)],
    ["TE.TE", nearlyChunked(random, inner)],
    ["two lengths", `${START}Content-Length: 0\r\nContent-Length: ${length}\r\n\r\n${inner}`],
    ["two lengths", `${START}Content-Length: ${length}\r\nContent-Length: 0\r\n\r\n${inner}`],
    ["odd length", `${START}Content-Length: ${random.pick(NEARLY_ZERO)}\r\n\r\n${inner}`],
    ["odd length", `${START}Content-Length: ${random.pick(NEARLY_ZERO)}\r\n\r\n${inner}`],
    ["length : 0", `${START}Content-Length : 0\r\n\r\n${inner}`],
    ["folded length", `${START}Content-Length: ${length}\r\n 0\r\n\r\n${inner}`],
    ["odd chunks", `${START}${CHUNKED}\r\n${random.pick(NEARLY_CHUNKS)(inner)}`],
    ["odd chunks", `${START}${CHUNKED}\r\n${random.pick(NEARLY_CHUNKS)(inner)}`],
    ["bare LF", `${START.replaceAll("\r\n", "\n")}Content-Length: 0\n\n${inner}`],
    ["bare LF at the end", `${START}Content-Length: 0\r\n\n${inner}`],
    ["bare CR", `${START}X: a\rContent-Length: 0\r\r${inner}`],
    ["length for a GET", `GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n${inner}`],
    ["length for a HEAD", `HEAD /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n${inner}`],
    ["in a chunk", `${START}${CHUNKED}\r\n${hidden}`],
    ["chunks in HTTP/1.0", `POST / HTTP/1.0\r\nConnection: keep-alive\r\n${CHUNKED}\r\n0\r\n\r\n${inner}`],
    ["HTTP/0.9", `GET /healthz\r\n${inner}`],
    ["HTTP/1.2", `GET /healthz HTTP/1.2\r\nHost: a\r\n\r\n${inner}`],
    ["no Host", `POST /healthz HTTP/1.1\r\n\r\n${inner}`],
    ["two Hosts", `GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n${inner}`],
    ["CONNECT", `CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n${inner}`],
    [
      "h2c",
      `GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: ${length}\r\n\r\n${inner}`,
    ],
    ["HTTP/2", `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${inner}`],
    ["too long", `${START}Content-Length: ${70_000 + length}\r\n\r\n${"x".repeat(random.below(100))}${inner}`],
    ["Expect", `${START}Expect: tea\r\nContent-Length: ${length}\r\n\r\n${inner}`],
    ["in a header", `GET /healthz HTTP/1.1\r\nHost: a\r\nX: ${inner.replaceAll("\r\n", " ")}\r\n\r\n`],
    ["a length as no header", `${START}Content-Length\r\n\r\n${inner}`],
    ["NUL in a header", `${START}X: \0\r\nContent-Length: 0\r\n\r\n${inner}`],
  ]);
  return { name: made[0], bytes: Buffer.from(made[1], "latin1") };
}

/** Bytes that are not a request at all. */
export function rubbish(random: Random): Breaker {
  const bytes = random.bytes(1 + random.below(300));
  switch (random.below(4)) {
    case 0:
      return {
        name: "rubbish after a request line",
        bytes: Buffer.concat([Buffer.from("GET / HTTP/1.1\r\n"), bytes]),
      };
    case 1:
      return { name: "rubbish in a chunk", bytes: Buffer.concat([Buffer.from(`${START}${CHUNKED}\r\n`), bytes]) };
    case 2:
      return {
        name: "an invented method",
        bytes: Buffer.from(
          `${random.pick(["get", "FROB", "GETT", "P\0ST", "A".repeat(20_000)])} / HTTP/1.1\r\nHost: a\r\n\r\n`,
        ),
      };
    default:
      return { name: "rubbish", bytes };
  }
}

const inChunk = (inner: string) => `${Buffer.byteLength(inner).toString(16)}\r\n${inner}\r\n0\r\n\r\n`;

/** Read by its length, all of it is the body. Read as chunks, the body ends at once, and the hidden request follows. */
function nearlyChunked(random: Random, inner: string): string {
  const header = random.pick(NEARLY_CHUNKED);
  const body = `0\r\n\r\n${inner}`;
  // Every program reads these as chunked. Without a length, a second request follows them that is not hidden at all.
  const isChunked = /^Transfer-Encoding:\s(?:chunked|chunKed)$|identity\r\n/.test(header);
  const length = random.oneIn(3) && !isChunked ? "" : `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  return random.oneIn(2) ? `${START}${length}${header}\r\n\r\n${body}` : `${START}${header}\r\n${length}\r\n${body}`;
}
