/**
 * Connects hundreds of clients that keep their connections open and hardly use them, and checks that well-behaved
 * clients are still served. Then come clients whose requests never end, and it checks the memory.
 */
import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { atEnd } from "../../testing/at-end.ts";
import { send } from "../../testing/request.ts";
import { type RunningServer, startServer } from "../../testing/start-server.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";
import type { Proof } from "../proof.ts";
import { type Served, serveGoodClients } from "./good-clients.ts";
import { residentMebibytes } from "./memory-watch.ts";
import { ENDLESS_KINDS, type EndlessKind, FLOODS, keepGoing, SLOW_KINDS } from "./slow-kinds.ts";

const GOOD = 64;
const OF_EACH_SLOW_KIND = { quick: 24, whole: 48 };
const OF_EACH_ENDLESS_KIND = 4;
const SLOW_SECONDS = { quick: 3, whole: 25 };
const ENDLESS_SECONDS = { quick: 2, whole: 20 };
const LEAST_SERVED = 0.999;
const MAX_GROWTH_MEBIBYTES = 64;
/**
 * Node turns whole requests into objects, a thousand at a time, before it can be told to stop. They are garbage at
 * once. The faster garbage comes, the more of it V8 lets pile up. The memory in use stays at 15 MiB.
 */
const MAX_GROWTH_IN_FLOODS_MEBIBYTES = 192;
/** The time between two readings of the memory. */
const READING_MILLISECONDS = 100;

export const slowClients: Proof = {
  name: "slow-clients",
  promise: "slow clients, and requests that never end, keep nobody else waiting and do not fill the memory",
  async prove({ size, ending, log }) {
    const server = await startServer(ending, await temporaryFolder(ending));
    const port = Number(new URL(server.origin).port);
    const good = await register(server, "good", GOOD);
    const slow = await register(server, "slow", OF_EACH_SLOW_KIND[size]);
    await fillQueues(server, slow);
    // The server loads some things when they are first asked for. Ask now, so that slow clients are not blamed for it.
    for (const path of ["/docs/reference.js", "/openapi.json"]) await send(server.origin, { path });

    const slowEnd = new AbortController();
    atEnd(ending, () => slowEnd.abort());
    let slowCount = 0;
    for (const kind of Object.values(SLOW_KINDS)) {
      for (const { user } of slow) {
        const basic = Buffer.from(user).toString("base64");
        keepGoing(port, slowEnd.signal, (socket) => kind(socket, basic));
        slowCount++;
      }
    }
    const served = await serveFor(server, good, SLOW_SECONDS[size]);
    slowEnd.abort();
    log(`slowest of the good requests: ${Math.round(served.slowestMilliseconds)} ms`);
    assertServed(served);

    // The well-behaved clients go on, so that the memory is that of a busy server, before and after.
    const before = await highestMemory(server, serveFor(server, good, 1));
    const growthUnder = async (kinds: Record<string, EndlessKind>) => {
      const end = new AbortController();
      atEnd(ending, () => end.abort());
      for (const { begin, more } of Object.values(kinds)) {
        for (let i = 0; i < OF_EACH_ENDLESS_KIND; i++) {
          keepGoing(port, end.signal, (socket) => writeWithoutEnd(socket, begin, more));
        }
      }
      const meanwhile = serveFor(server, good, ENDLESS_SECONDS[size]);
      const growth = Math.round((await highestMemory(server, meanwhile)) - before);
      end.abort();
      assertServed(await meanwhile);
      assert.equal(server.process.exitCode, null, `The server has ended:\n${server.output().slice(-3000)}`);
      return growth;
    };
    const growth = await growthUnder(ENDLESS_KINDS);
    assert.ok(growth <= MAX_GROWTH_MEBIBYTES, `endless requests: memory has grown by ${growth} MiB`);
    const inFloods = await growthUnder(FLOODS);
    assert.ok(inFloods <= MAX_GROWTH_IN_FLOODS_MEBIBYTES, `floods: memory has grown by ${inFloods} MiB`);
    const part = ((100 * served.served) / served.asked).toFixed(2);
    return (
      `${slowCount} slow clients, ${GOOD} good ones: ${part} % of ${served.asked.toLocaleString("en")} requests served; ` +
      `memory under endless requests ${signed(growth)} MiB, under floods ${signed(inFloods)} MiB`
    );
  },
};

function signed(growth: number): string {
  return growth < 0 ? String(growth) : `+${growth}`;
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

/** Makes pages of some length, so that there is something that clients can leave unread. */
async function fillQueues({ origin }: RunningServer, people: Someone[]): Promise<void> {
  const fill = async ({ user, userHandle }: Someone) => {
    const body = { userHandle, message: "x".repeat(4000) };
    await Promise.all(
      Array.from({ length: 20 }, () => send(origin, { method: "POST", path: "/api/v1/chat", user, body })),
    );
  };
  await Promise.all(people.map(fill));
}

function serveFor({ origin }: RunningServer, good: Someone[], seconds: number): Promise<Served> {
  const end = performance.now() + seconds * 1000;
  return serveGoodClients(origin, good, () => performance.now() > end);
}

function assertServed({ asked, served, troubles }: Served): void {
  assert.ok(served / asked >= LEAST_SERVED, `${served} of ${asked} good requests were served: ${troubles.join("; ")}`);
}

/** The most memory that the server had while something went on, in MiB. */
async function highestMemory({ process: { pid } }: RunningServer, work: Promise<unknown>): Promise<number> {
  let highest = 0;
  let isOver = false;
  const over = work.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    highest = Math.max(highest, residentMebibytes(pid));
    await Promise.race([over, setTimeout(READING_MILLISECONDS)]);
  }
  return highest;
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
