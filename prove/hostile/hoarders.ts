/**
 * Clients that make the server hold something and leave it there: each a little, on many connections at once. Taken
 * together it is far more than the memory that a container has.
 */
import { connect, type Socket } from "node:net";
import { setTimeout } from "node:timers/promises";

interface Hoarder {
  /** On how many connections. */
  connections: number;
  /** @param basic `myId:myAuth` in base64, of a user who has a queue of long messages. */
  begin: (socket: Socket, basic: string) => void;
}

const CHAT = "/api/v1/chat";
const get = (path: string, headers = "") => `GET ${path} HTTP/1.1\r\nHost: a\r\n${headers}\r\n`;
const post = (length: number) => `POST ${CHAT} HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`;
const as = (basic: string) => `Authorization: Basic ${basic}\r\n`;
/** As bytes, so that what waits to be sent is in memory once. */
const LONG_REQUEST = Buffer.from(`${post(65_000)}${"x".repeat(65_000)}`);
const UNFINISHED_BODY = Buffer.from(`${post(65_536)}${"x".repeat(65_000)}`);
const UNFINISHED_HEAD = Buffer.from(`GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(15_000)}`);

function writeUnread(socket: Socket, text: string): void {
  socket.pause();
  socket.write(text);
}

const HOARDERS: Record<string, Hoarder> = {
  "the largest file, not read": {
    connections: 50,
    begin: (socket) => writeUnread(socket, get("/docs/reference.js").repeat(20)),
  },
  "the longest pages, not read": {
    connections: 200,
    begin: (socket, basic) => writeUnread(socket, get(`${CHAT}?limit=200`, as(basic)).repeat(3)),
  },
  "long queues as streams, not read": {
    connections: 30,
    begin: (socket, basic) => writeUnread(socket, get(`${CHAT}/stream?after=0`, as(basic))),
  },
  "long requests after one that waits": {
    connections: 20,
    begin(socket, basic) {
      socket.write(get(`${CHAT}?wait=60&before=1`, as(basic)));
      for (let i = 0; i < 250; i++) socket.write(LONG_REQUEST);
    },
  },
  "bodies that are not finished": {
    connections: 2800,
    begin: (socket) => socket.write(UNFINISHED_BODY),
  },
  "heads that are not finished": {
    connections: 2800,
    begin: (socket) => socket.write(UNFINISHED_HEAD),
  },
};

/** On Linux every address in 127.0.0.0/8 is this machine. One address may not have all connections. */
const ADDRESSES = process.platform === "linux" ? 3 : 0;
const AT_ONCE = 100;
const BETWEEN_MILLISECONDS = 20;

/**
 * Connects all of them, and leaves them alone until the signal is aborted. They do not come back when they are let go:
 * that would keep the server busy, which is a different attack.
 */
export async function hoard(port: number, basics: string[], until: AbortSignal): Promise<void> {
  let count = 0;
  for (const { connections, begin } of Object.values(HOARDERS)) {
    for (let i = 0; i < connections && !until.aborted; i++) {
      const from = ADDRESSES === 0 ? {} : { localAddress: `127.0.0.${2 + (i % ADDRESSES)}` };
      const socket = connect({ port, host: "127.0.0.1", ...from });
      socket.on("error", () => {});
      socket.once("connect", () => begin(socket, basics[i % basics.length] ?? ""));
      until.addEventListener("abort", () => socket.destroy(), { once: true });
      if (++count % AT_ONCE === 0) await setTimeout(BETWEEN_MILLISECONDS);
    }
  }
}
