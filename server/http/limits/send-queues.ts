/**
 * Asks the system how many bytes it still has to deliver on each connection. Node tells only how many the system has
 * taken, and on a fast network it takes megabytes at once. So a client that takes them slowly would look as if it took
 * nothing. Only Linux answers this; elsewhere the watch goes by what Node tells.
 */
import { readFile } from "node:fs/promises";

const TABLES = ["/proc/net/tcp", "/proc/net/tcp6"];
/** The number of a line, the server's port, the client's port, the state, and the length of the queue, in hexadecimal. */
const LINE = /^ *\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]{2} ([0-9A-F]{8}):/gm;

/** By the client's port: how many bytes the system has not delivered to it. */
export type SendQueues = ReadonlyMap<number, number>;

/** @param port of the server. @returns an empty map if the system does not tell. */
export async function readSendQueues(port: number): Promise<SendQueues> {
  const queues = new Map<number, number>();
  for (const table of TABLES) {
    const text = await readFile(table, "utf8").catch(() => "");
    for (const [, local = "", remote = "", queue = ""] of text.matchAll(LINE)) {
      if (Number.parseInt(local, 16) !== port) continue;
      const clientPort = Number.parseInt(remote, 16);
      // Clients at different addresses may have the same port. Their bytes are added up.
      queues.set(clientPort, (queues.get(clientPort) ?? 0) + Number.parseInt(queue, 16));
    }
  }
  return queues;
}
