/**
 * A network between a server and its PostgreSQL, which a test can cut. A link that is "silent" is a cable that was pulled
 * out: nothing arrives any more, and nobody is told. A link that is "refused" is a database that was killed.
 */

import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";
import { atEnd, type Ending } from "./at-end.ts";

export interface DatabaseLink {
  /** The address of the same database, through this link. */
  address: string;
  /** Also for connections that are open. */
  state: "open" | "silent" | "refused";
  set: (state: DatabaseLink["state"]) => void;
}

/** @param address such as `postgres://plainchat@127.0.0.1:5432/name`. */
export async function linkTo(test: Ending, address: string): Promise<DatabaseLink> {
  const { hostname, port } = new URL(address);
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((near) => {
    if (link.state === "refused") {
      near.destroy();
      return;
    }
    const far = connect(Number(port), hostname);
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on("data", (bytes) => to.write(bytes));
      from.on("close", () => to.destroy());
      from.on("error", () => {});
    }
    near.on("close", () => pairs.delete(pair));
    if (link.state === "silent") hush(pair);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const here = new URL(address);
  here.port = String((server.address() as AddressInfo).port);
  const set = (state: DatabaseLink["state"]) => {
    link.state = state;
    for (const pair of pairs) {
      if (state === "silent") hush(pair);
      else for (const socket of pair) state === "open" ? socket.resume() : socket.destroy();
    }
  };
  const link: DatabaseLink = { address: here.href, state: "open", set };
  atEnd(test, async () => {
    set("refused");
    await new Promise((resolve) => server.close(resolve));
  });
  return link;
}

function hush(pair: readonly [Socket, Socket]): void {
  for (const socket of pair) socket.pause();
}
