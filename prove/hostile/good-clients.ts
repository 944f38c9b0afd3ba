/**
 * Clients that behave well: each publishes and fetches in turns over one kept connection, and counts how often the
 * reply came in time. If the connection breaks, they open a new one, as programs do.
 */
import { Agent } from "node:http";
import { setTimeout } from "node:timers/promises";
import { send } from "../../testing/request.ts";
import type { RunningServer } from "../../testing/start-server.ts";
import { millisecondsKeptWaiting } from "./kept-waiting.ts";

const PATIENCE_MILLISECONDS = 5000;
/** A client that behaves well pauses between requests. We measure whether it is served, not how many requests fit. */
const PAUSE_MILLISECONDS = 20;

export interface Served {
  asked: number;
  served: number;
  /** How long the slowest request took. */
  slowestMilliseconds: number;
  startedAt: number;
  /** The first few failures. */
  troubles: string[];
}

/** @param users `myId:myAuth` and handle of each. @param isOver asked before each request. */
export async function serveGoodClients(
  server: Pick<RunningServer, "origin" | "process">,
  users: { user: string; userHandle: string }[],
  isOver: () => boolean,
): Promise<Served> {
  const served: Served = { asked: 0, served: 0, slowestMilliseconds: 0, startedAt: performance.now(), troubles: [] };
  await Promise.all(users.map((each) => behave(server, each, isOver, served)));
  return served;
}

async function behave(
  { origin, process: { pid = 0 } }: Pick<RunningServer, "origin" | "process">,
  { user, userHandle }: { user: string; userHandle: string },
  isOver: () => boolean,
  served: Served,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let turn = 0; !isOver(); turn++) {
    const request =
      turn % 2 === 0
        ? { method: "POST", path: "/api/v1/chat", user, agent, body: { userHandle, message: `message ${turn}` } }
        : { path: "/api/v1/chat?before=9007199254740991&limit=5", user, agent };
    const started = performance.now();
    served.asked++;
    const late = new AbortController();
    const trouble = await Promise.race([
      send(origin, request).then(
        ({ status, text }) => (status === 200 ? undefined : `${status} ${text.slice(0, 200)}`),
        (error: Error) => error.message,
      ),
      tooLate([pid, process.pid], late.signal).catch(() => undefined),
    ]);
    late.abort();
    served.slowestMilliseconds = Math.max(served.slowestMilliseconds, performance.now() - started);
    if (trouble === undefined) served.served++;
    else if (served.troubles.length < 5)
      served.troubles.push(`${trouble} (${request.path}, begun after ${Math.round(started - served.startedAt)} ms)`);
    await setTimeout(PAUSE_MILLISECONDS);
  }
  agent.destroy();
}

/** Ends after five seconds, not counting those in which other programs had the processor. */
async function tooLate(processIds: number[], signal: AbortSignal): Promise<string> {
  const before = millisecondsKeptWaiting(processIds);
  const started = performance.now();
  for (let left = PATIENCE_MILLISECONDS; left > 0; ) {
    await setTimeout(left, undefined, { signal });
    const keptWaiting = millisecondsKeptWaiting(processIds) - before;
    left = PATIENCE_MILLISECONDS + keptWaiting - (performance.now() - started);
  }
  return "not within five seconds";
}
