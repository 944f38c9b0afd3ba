/**
 * Clients that keep a server busy by doing almost nothing, each kind in its own way. Each holds its connection for as
 * long as the server allows, and then opens another one.
 */
import { connect, type Socket } from "node:net";

/** `myId:myAuth` in base64: some of them have valid credentials, and are slow after the server has accepted those. */
type SlowKind = (socket: Socket, basic: string) => (() => void) | undefined;

const CHAT = "/api/v1/chat";
const head = (request: string, basic: string) => `${request} HTTP/1.1\r\nHost: a\r\nAuthorization: Basic ${basic}\r\n`;

/** What each kind does once it is connected. It may return what to do at each drip. */
export const SLOW_KINDS: Record<string, SlowKind> = {
  "nothing at all": () => undefined,
  "headers, byte by byte"(socket) {
    socket.write("GET /healthz HTTP/1.1\r\nHost: a\r\nX: ");
    return () => socket.write("x");
  },
  "a body, byte by byte"(socket, basic) {
    socket.write(`${head(`POST ${CHAT}`, basic)}Content-Length: 60000\r\n\r\n{"message":"`);
    return () => socket.write("x");
  },
  "chunks, byte by byte"(socket, basic) {
    socket.write(`${head(`POST ${CHAT}`, basic)}Transfer-Encoding: chunked\r\n\r\n`);
    return () => socket.write("1\r\nx\r\n");
  },
  "a stream that is not read"(socket, basic) {
    socket.pause();
    socket.write(`${head(`GET ${CHAT}/stream?after=0&box=both`, basic)}\r\n`);
    return undefined;
  },
  "pages that are not read"(socket, basic) {
    socket.pause();
    socket.write(`${head(`GET ${CHAT}?limit=200`, basic)}\r\n`.repeat(200));
    return undefined;
  },
  "the largest file, not read"(socket) {
    socket.pause();
    socket.write("GET /docs/reference.js HTTP/1.1\r\nHost: a\r\n\r\n".repeat(5));
    return undefined;
  },
  "half a connection"(socket, basic) {
    socket.write(head(`GET ${CHAT}?wait=60`, basic));
    socket.end();
    return undefined;
  },
  "a fetch that waits"(socket, basic) {
    socket.write(`${head(`GET ${CHAT}?wait=60&before=1`, basic)}\r\n`);
    return undefined;
  },
};

/** What to write first, and what to write whenever the socket has room. */
export interface EndlessKind {
  begin: string;
  more: string;
}

/** Clients that never finish what they have begun. */
export const ENDLESS_KINDS: Record<string, EndlessKind> = {
  "a body with a huge length": {
    begin: `POST ${CHAT} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000000\r\n\r\n{"message":"`,
    more: "x".repeat(65_536),
  },
  "chunks without end": {
    begin: `POST ${CHAT} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`,
    more: `10000\r\n${"x".repeat(65_536)}\r\n`,
  },
  "a header without end": { begin: "GET /healthz HTTP/1.1\r\nHost: a\r\nX: ", more: "x".repeat(65_536) },
  "headers without end": { begin: "GET /healthz HTTP/1.1\r\nHost: a\r\n", more: "X: y\r\n".repeat(10_000) },
  "an address without end": { begin: "GET /", more: "x".repeat(65_536) },
  "a chunk extension without end": {
    begin: `POST ${CHAT} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a=`,
    more: "x".repeat(65_536),
  },
  "trailers without end": {
    begin: `POST ${CHAT} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n`,
    more: "X: y\r\n".repeat(10_000),
  },
};

/** Clients that send whole requests, one after the other, and read no reply. */
export const FLOODS: Record<string, EndlessKind> = {
  "requests without end, no reply read": {
    begin: "",
    more: "GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n".repeat(500),
  },
  "refusals without end, none read": { begin: "", more: `POST ${CHAT} HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(1000) },
};

/** Keeps one client of a kind going, connection after connection, until the signal is aborted. */
export function keepGoing(port: number, until: AbortSignal, begin: (socket: Socket) => (() => void) | undefined): void {
  if (until.aborted) return;
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  let drip: NodeJS.Timeout | undefined;
  const stop = () => socket.destroy();
  until.addEventListener("abort", stop, { once: true });
  socket.on("error", () => {});
  socket.on("end", () => socket.destroy());
  socket.on("close", () => {
    clearInterval(drip);
    until.removeEventListener("abort", stop);
    // Coming back at once would be a different attack. This one is patient.
    setTimeout(() => keepGoing(port, until, begin), RETURN_MILLISECONDS).unref();
  });
  socket.once("connect", () => {
    socket.resume();
    const more = begin(socket);
    if (more !== undefined) drip = setInterval(() => socket.writable && more(), DRIP_MILLISECONDS);
  });
}

const DRIP_MILLISECONDS = 1000;
const RETURN_MILLISECONDS = 200;
