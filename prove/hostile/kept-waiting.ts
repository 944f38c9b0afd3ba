/**
 * For how long the processor was busy with other programs while one of ours wanted to run. On a busy machine a reply
 * takes longer, and the server is not to blame for that part. good-clients.ts adds it to the patience of a client.
 */
import { readFileSync } from "node:fs";

/**
 * @param processIds of the server and of its clients.
 * @returns milliseconds since these processes started, for all of them together. 0 where the system does not say it.
 */
export function millisecondsKeptWaiting(processIds: readonly number[]): number {
  return processIds.reduce((sum, id) => sum + keptWaiting(id), 0);
}

function keptWaiting(processId: number): number {
  try {
    // Its main thread: nanoseconds in which it ran, nanoseconds in which it waited for a processor, and a count.
    const [, waited] = readFileSync(`/proc/${processId}/schedstat`, "utf8").split(" ");
    return Number(waited) / 1e6;
  } catch {
    // Not Linux, or the server has ended: then its clients get no reply, and that counts.
    return 0;
  }
}
