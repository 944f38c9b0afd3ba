/**
 * Connects hundreds of clients that keep their connections open and hardly use them, then clients whose requests never
 * end, then thousands that leave something lying in the server. Clients that behave well must be served all the while,
 * by a server that has no more memory than a container.
 */
import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { atEnd } from "../../testing/at-end.ts";
import { send } from "../../testing/request.ts";
import type { RunningServer } from "../../testing/start-server.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";
import { type Proof, Unproven } from "../proof.ts";
import { type Served, serveGoodClients } from "./good-clients.ts";
import { hoard } from "./hoarders.ts";
import { startLimited } from "./limited-server.ts";
import { ENDLESS_KINDS, type EndlessKind, FLOODS, keepGoing, SLOW_KINDS } from "./slow-kinds.ts";

const GOOD = 64;
const OF_EACH_SLOW_KIND = { quick: 24, whole: 48 };
const OF_EACH_ENDLESS_KIND = 4;
const SLOW_SECONDS = { quick: 3, whole: 25 };
const ENDLESS_SECONDS = { quick: 2, whole: 20 };
/** Longer than a client may take nothing. */
const HOARDING_SECONDS = { quick: 4, whole: 25 };
/** How many people have a queue of the longest messages. */
const LONG_QUEUES = 4;
const LEAST_SERVED = 0.999;
/** What all clients together may hold, and as much again for connections, and for what is in the cache by then. */
const MAX_LIVE_GROWTH_MEBIBYTES = 112;

export const slowClients: Proof = {
  name: "slow-clients",
  promise:
    "slow clients, requests that never end and replies that nobody takes keep nobody else waiting and do not fill the memory",
  async prove({ size, ending, log }) {
    const server = await startLimited(ending, await temporaryFolder(ending));
    const port = Number(new URL(server.origin).port);
    const good = await register(server, "good", GOOD);
    const slow = await register(server, "slow", OF_EACH_SLOW_KIND[size]);
    await fillQueues(server, slow);
    // The server loads some things when they are first asked for. Ask now, so that slow clients are not blamed for it.
    for (const path of ["/docs/reference.js", "/openapi.json"]) await send(server.origin, { path });

    /** Serves the good clients for a while, during which `begin` starts what others do until its signal is aborted. */
    const servedDuring = async (what: string, seconds: number, begin: (until: AbortSignal) => void) => {
      const end = new AbortController();
      atEnd(ending, () => end.abort());
      begin(end.signal);
      const served = await serveFor(server, good, seconds);
      const live = await server.live();
      end.abort();
      log(`${what}: slowest good request ${Math.round(served.slowestMilliseconds)} ms, memory in use ${live} MiB`);
      assertServed(what, served);
      return { served, growth: live - before };
    };

    const before = await server.live();
    let slowCount = 0;
    const { served } = await servedDuring("slow clients", SLOW_SECONDS[size], (until) => {
      for (const kind of Object.values(SLOW_KINDS)) {
        for (const { user } of slow) {
          keepGoing(port, until, (socket) => kind(socket, basicOf(user)));
          slowCount++;
        }
      }
    });
    for (const [what, kinds] of Object.entries({ "endless requests": ENDLESS_KINDS, floods: FLOODS })) {
      await servedDuring(what, ENDLESS_SECONDS[size], (until) => beginEndless(port, kinds, until));
    }
    const { growth } = await servedDuring("hoarders", HOARDING_SECONDS[size], (until) => {
      const basics = slow.slice(0, LONG_QUEUES).map(({ user }) => basicOf(user));
      void hoard(port, basics, until);
    });
    assert.ok(growth <= MAX_LIVE_GROWTH_MEBIBYTES, `hoarders: memory in use has grown by ${growth} MiB`);

    const part = ((100 * served.served) / served.asked).toFixed(2);
    const figure =
      `${slowCount} slow clients, ${GOOD} good ones: ${part} % of ${served.asked.toLocaleString("en")} requests served; ` +
      `hoarders keep ${growth} MiB in use, ${server.peak()}`;
    if (server.lacks !== undefined) throw new Unproven(`${figure}; but ${server.lacks}`);
    return figure;
  },
};

function beginEndless(port: number, kinds: Record<string, EndlessKind>, until: AbortSignal): void {
  for (const { begin, more } of Object.values(kinds)) {
    for (let i = 0; i < OF_EACH_ENDLESS_KIND; i++) {
      keepGoing(port, until, (socket) => writeWithoutEnd(socket, begin, more));
    }
  }
}

function basicOf(user: string): string {
  return Buffer.from(user).toString("base64");
}

interface Someone {
  user: string;
  userHandle: string;
}

async function register({ origin, secret }: RunningServer, name: string, count: number): Promise<Someone[]> {
  const each = async (userHandle: string) => {
    const { status, json, text } = await send(origin, {
      method: "POST",
      path: "/api/v1/register",
      body: { secret, userHandle },
    });
    assert.equal(status, 200, text);
    return { user: `${json.userId}:${json.authToken}`, userHandle };
  };
  return Promise.all(Array.from({ length: count }, (_, i) => each(`${name}-${i}`)));
}

/** Makes pages of some length, so that there is something that clients can leave unread. A few are as long as can be. */
async function fillQueues({ origin }: RunningServer, people: Someone[]): Promise<void> {
  const fill = async ({ user, userHandle }: Someone, i: number) => {
    const [message, count] = i < LONG_QUEUES ? ["\u{1f600}".repeat(4096), 200] : ["x".repeat(4000), 20];
    const body = { userHandle, message };
    for (let sent = 0; sent < count; sent++) await send(origin, { method: "POST", path: "/api/v1/chat", user, body });
  };
  await Promise.all(people.map(fill));
}

function serveFor(server: RunningServer, good: Someone[], seconds: number): Promise<Served> {
  const end = performance.now() + seconds * 1000;
  return serveGoodClients(server, good, () => performance.now() > end);
}

function assertServed(what: string, { asked, served, troubles }: Served): void {
  const figure = `${what}: ${served} of ${asked} good requests were served: ${troubles.join("; ")}`;
  assert.ok(served / asked >= LEAST_SERVED, figure);
}

/** Writes as fast as the server reads, and reads nothing. */
function writeWithoutEnd(socket: Socket, begin: string, more: string): undefined {
  socket.pause();
  const write = () => {
    while (socket.writable && socket.write(more)) {}
  };
  socket.on("drain", write);
  socket.write(begin);
  write();
}
