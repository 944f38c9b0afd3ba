/**
 * Two servers on one database are killed, stand still, or lose their PostgreSQL, while many clients make changes at both.
 * Whatever got a 200 must be there afterwards.
 */
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import postgres from "postgres";
import { send } from "../../testing/request.ts";
import type { RunningServer } from "../../testing/start-server.ts";
import { Actions, type Stopping } from "../load/actions.ts";
import { gather, work } from "../load/crowd.ts";
import { Ledger } from "../load/ledger.ts";
import type { Proof } from "../proof.ts";
import { Alternating, startCluster, startServerOn, startServers } from "./cluster.ts";

const ROUNDS = { quick: 1, whole: 40 };
const CLIENTS = { quick: 12, whole: 64 };
/** How many acknowledgements there must be in a round before the harm, however long that takes on a busy machine. */
const LEAST_BEFORE_HARM = 6;
const MORE_MILLISECONDS_UNDER_LOAD = 400;
/** Longer than a transaction may stand still. */
const STANDSTILL_MILLISECONDS = 6_000;

export const killedOnDatabase: Proof = {
  name: "killed-on-database",
  promise: "what two servers on PostgreSQL have acknowledged is there after kill -9 of a server or of PostgreSQL",
  async prove({ size, ending, log }) {
    const cluster = await startCluster(ending);
    const address = await cluster.create();
    const sql = postgres(address, { max: 1, onnotice: () => {} });
    const servers = await startServers(ending, address, 2);
    const [{ secret }] = servers as [RunningServer];
    const both = new Alternating(secret, () => servers.map(({ origin }) => origin));
    const ledger = new Ledger();
    await gather(new Actions(both, ledger, { now: false }), CLIENTS[size]);

    const replace = async (index: number) => {
      await servers[index]?.stop("SIGKILL");
      servers[index] = await startServerOn(ending, address);
    };
    const crash = async (signal: "SIGQUIT" | "SIGKILL") => {
      await cluster.stop(signal);
      await cluster.start();
    };
    const harms: [name: string, mayBeAway: boolean, harm: () => Promise<void>][] = [
      ["PostgreSQL by SIGQUIT", true, () => crash("SIGQUIT")],
      ["a server", false, () => replace(0)],
      ["a server", false, () => replace(1)],
      ["PostgreSQL by SIGKILL", true, () => crash("SIGKILL")],
      ["a server that stood still", true, () => standStill(servers[0] as RunningServer)],
    ];
    const counts = new Map<string, number>();
    for (let round = 0; round < ROUNDS[size]; round++) {
      const [name, mayBeAway, harm] = harms[round % harms.length] as (typeof harms)[number];
      counts.set(name, (counts.get(name) ?? 0) + 1);
      const stopping: Stopping = { now: false, mayBeAway };
      const actions = new Actions(both, ledger, stopping);
      const working = Promise.all(ledger.clients.map((client) => work(actions, ledger, client, stopping)));
      let hasFailed = false;
      // A wrong reply counts when it is awaited below, not while we wait for the harm.
      working.catch(() => {
        hasFailed = true;
      });
      const enough = ledger.acknowledged + LEAST_BEFORE_HARM;
      while (ledger.acknowledged < enough && !hasFailed) await setTimeout(5);
      await setTimeout(Math.random() * MORE_MILLISECONDS_UNDER_LOAD);
      await harm();
      stopping.now = true;
      await working;
      await Promise.all(servers.map(untilReady));
      await ledger.compare(both, async (userId) => {
        const [row] = await sql<{ auth_token: string }[]>`select auth_token from users where user_id = ${userId}`;
        return row?.auth_token ?? "";
      });
      if (round % 10 === 9) log(`${round + 1} rounds, ${ledger.acknowledged} acknowledged`);
    }
    await sql.end();
    assert.ok(ledger.acknowledged > CLIENTS[size] + ROUNDS[size] * 5, "the clients got enough done");
    await assertOrderly(address);
    for (const server of servers) assert.equal(await server.stop("SIGTERM"), 0);
    const kills = [...counts].map(([name, count]) => `${count} × ${name}`).join(", ");
    return `${kills}: ${ledger.acknowledged} acknowledged, 0 lost, 0 half, 0 doubled, 0 back`;
  },
};

/** The other server must not wait for it longer than some seconds. */
async function standStill({ process: { pid = 0 } }: RunningServer): Promise<void> {
  process.kill(pid, "SIGSTOP");
  await setTimeout(STANDSTILL_MILLISECONDS);
  process.kill(pid, "SIGCONT");
}

async function untilReady({ origin, process: { exitCode, signalCode }, output }: RunningServer): Promise<void> {
  for (const deadline = Date.now() + 20_000; ; await setTimeout(20)) {
    assert.equal(exitCode ?? signalCode, null, `A server has ended by itself:\n${output().slice(-3000)}`);
    const { status } = await send(origin, { path: "/readyz" });
    if (status === 200) return;
    assert.ok(status === 503 && Date.now() < deadline, `the server answers ${status}`);
  }
}

/** The tables agree with each other, and no id was used for two events. */
async function assertOrderly(address: string): Promise<void> {
  const sql = postgres(address, { max: 1, onnotice: () => {} });
  const count = async (rows: PromiseLike<readonly { count: number }[]>) => Number((await rows)[0]?.count);
  const gaps = sql<{ count: number }[]>`
    select count(*) from (select seq - lag(seq) over (order by seq) as step from events) as steps where step <> 1`;
  assert.equal(await count(gaps), 0, "the events are numbered without a gap");
  const beyond = sql<{ count: number }[]>`
    select count(*) from messages, head where messages.seq > head.seq or messages.message_id > head.message_id`;
  assert.equal(await count(beyond), 0, "no message has a number that is still to come");
  const orphans = sql<{ count: number }[]>`
    select count(*) from messages where not exists (select from users where user_id = to_id)`;
  assert.equal(await count(orphans), 0, "no message is to somebody who has left");
  const untold = sql<{ count: number }[]>`
    select count(*) from messages where not exists (select from events where events.seq = messages.seq)
      and seq > (select min(seq) from events)`;
  assert.equal(await count(untold), 0, "each message has its event");
  await sql.end();
}
