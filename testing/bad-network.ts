/**
 * A network as it can be: a proxy that cuts bytes into pieces, holds them back for a while, and breaks connections in
 * the middle of whatever they carry. What stands behind it can be exchanged, as when a server is started anew.
 */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { atEnd } from "./at-end.ts";

export interface BadNetwork {
  origin: string;
  /** Where the connections lead, such as `http://127.0.0.1:8080`. */
  target: string;
  /** How likely it is, for each piece, that the connection breaks there. */
  breaks: number;
  /** Milliseconds, at the most, that a piece is held back. */
  delay: number;
  /** Bytes, at the most, in a piece. */
  pieceBytes: number;
  /** So many replies are swallowed: the server did what it was asked, and nobody hears of it. */
  swallowReplies: number;
  /** How many connections were broken. */
  broken: number;
  /** Breaks all connections that there are. */
  breakAll: () => void;
}

export async function startBadNetwork(test: TestContext, target: string): Promise<BadNetwork> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  };
  const server = createServer((near) => {
    const { hostname, port } = new URL(network.target);
    const far = connect(Number(port), hostname);
    for (const socket of [near, far]) keep(socket);
    void carry(near, far, () => false);
    void carry(far, near, () => {
      if (network.swallowReplies === 0) return false;
      network.swallowReplies--;
      return true;
    });
  });
  const breakUp = (one: Socket, other: Socket) => {
    one.destroy();
    other.destroy();
  };
  async function carry(from: Socket, to: Socket, isSwallowed: () => boolean): Promise<void> {
    try {
      for await (const bytes of from) {
        if (isSwallowed()) {
          network.broken++;
          breakUp(from, to);
          return;
        }
        for (let start = 0; start < bytes.length; ) {
          if (Math.random() < network.breaks) {
            network.broken++;
            breakUp(from, to);
            return;
          }
          if (network.delay > 0) await setTimeout(Math.random() * network.delay);
          const end = start + 1 + Math.floor(Math.random() * network.pieceBytes);
          to.write(bytes.subarray(start, end));
          start = end;
        }
      }
      to.end();
    } catch {
      breakUp(from, to);
    }
  }
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The proxy has no port");
  const breakAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  const network: BadNetwork = {
    origin: `http://127.0.0.1:${address.port}`,
    target,
    breaks: 0,
    delay: 0,
    pieceBytes: 65_536,
    swallowReplies: 0,
    broken: 0,
    breakAll,
  };
  atEnd(test, async () => {
    server.close();
    breakAll();
    await once(server, "close");
  });
  return network;
}
