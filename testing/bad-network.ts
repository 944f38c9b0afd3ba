/**
 * A bad network: a proxy that cuts bytes into pieces, delays them, and breaks connections in the middle of a request or
 * reply. A test can change the server behind it, for example after a restart.
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
  /** How likely the connection breaks at each piece, from 0 to 1. */
  breaks: number;
  /** The longest delay of a piece, in milliseconds. */
  delay: number;
  /** The largest size of a piece, in bytes. */
  pieceBytes: number;
  /** How many of the next replies get lost. The server has done the work, but the client does not learn it. */
  swallowReplies: number;
  /** How many connections the network has broken. */
  broken: number;
  /** Breaks all open connections. */
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
