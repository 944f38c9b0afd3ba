/**
 * A network between a server and its PostgreSQL, which a test can cut. A link that is "silent" is a cable that was pulled
 * out: nothing arrives any more, and nobody is told. A link that is "refused" is a database that was killed. And one
 * answer can get lost on its way, when what was asked is done.
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
  /**
   * Throws away the next answer with this tag, such as `COMMIT` or `INSERT 0 1`, and breaks its connection. PostgreSQL
   * sends a tag when the statement is done, so from then on it is certain that it counts, and the server cannot know.
   * @param skip how many answers with this tag come through before.
   * @returns when it has happened.
   */
  loseAnswer: (tag: string, skip?: number) => Promise<void>;
}

/** An answer that is to get lost. */
interface ToLose {
  tag: string;
  skip: number;
  done: () => void;
}

/** @param address such as `postgres://plainchat@127.0.0.1:5432/name`. */
export async function linkTo(test: Ending, address: string): Promise<DatabaseLink> {
  const { hostname, port } = new URL(address);
  const pairs = new Set<readonly [Socket, Socket]>();
  let toLose: ToLose | undefined;
  const isLost = (bytes: Buffer): boolean => {
    // The text of a tag ends with a zero byte.
    if (toLose === undefined || !bytes.includes(`${toLose.tag}\0`)) return false;
    toLose.skip--;
    if (toLose.skip >= 0) return false;
    toLose.done();
    toLose = undefined;
    return true;
  };
  const server = createServer((near) => {
    if (link.state === "refused") {
      near.destroy();
      return;
    }
    const far = connect(Number(port), hostname);
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on("data", (bytes) => {
        if (from === far && isLost(bytes)) for (const socket of pair) socket.destroy();
        else to.write(bytes);
      });
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
  const loseAnswer = (tag: string, skip = 0) => {
    return new Promise<void>((done) => {
      toLose = { tag, skip, done };
    });
  };
  const link: DatabaseLink = { address: here.href, state: "open", set, loseAnswer };
  atEnd(test, async () => {
    set("refused");
    await new Promise((resolve) => server.close(resolve));
  });
  return link;
}

function hush(pair: readonly [Socket, Socket]): void {
  for (const socket of pair) socket.pause();
}
