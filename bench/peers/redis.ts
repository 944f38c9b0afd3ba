/**
 * Redis Streams as a peer: a compiled store that does nothing else. A queue is a stream; XADD publishes, and XRANGE
 * reads a page. Durable: with `appendfsync always` Redis syncs its log before it replies, once for all commands of a
 * turn. There is no HTTP, no JSON and no check of credentials, so this peer shows how far a server in Node is from such
 * a store.
 */
import { spawnSync } from "node:child_process";
import { connect } from "node:net";
import { freePort } from "../../check/node/free-port.ts";
import { startCommand } from "../load/processes.ts";
import { MESSAGE, USERS } from "../load/requests.ts";
import { MESSAGES_ON_A_PAGE, type Peer, underLoad } from "./peer.ts";

export const redis: Peer = {
  id: "redis",
  name: "Redis Streams without HTTP",
  durable: true,
  cases: ["publish", "page"],
  whyMissing: () =>
    spawnSync("redis-server", ["--version"]).status === 0
      ? undefined
      : "Redis is not installed (Debian: apt-get install redis-server)",
  async start(caseName, folder) {
    const port = await freePort();
    const place = ["--bind", "127.0.0.1", "--port", String(port), "--dir", folder];
    const durability = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""];
    const server = await startCommand("Redis", ["redis-server", ...place, ...durability], /(Ready) to accept/);
    server.port = port;
    const publishes = Array.from({ length: USERS }, (_, i) => publishTo(i));
    if (caseName === "page") await fill(port, publishes);
    const pages = publishes.map((_, i) => command("XRANGE", queue(i), "-", "+", "COUNT", String(MESSAGES_ON_A_PAGE)));
    return underLoad(server, caseName === "page" ? pages : publishes, folder);
  },
};

function queue(user: number): string {
  return `chat:${(user + 1) % USERS}`;
}

function publishTo(from: number): string {
  const fields = { fromId: String(from), fromHandle: `user-${from}`, message: MESSAGE };
  return command("XADD", queue(from), "*", ...Object.entries(fields).flat());
}

/** A command in the format of Redis: the number of words, then each word with its length in front. */
function command(...words: string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`;
}

/** Sends all commands without waiting for replies: Redis works through them in order. */
async function fill(port: number, publishes: string[]): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  socket.write(publishes.join("").repeat(MESSAGES_ON_A_PAGE));
  socket.write(command("QUIT"));
  for await (const piece of socket) if (String(piece).includes("-ERR")) throw new Error("Redis refused a message");
}
