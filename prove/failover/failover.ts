/**
 * The primary dies while clients send messages: it is killed, its cable is pulled out, or its disk loses its power. An
 * operator promotes the standby, the old primary comes back, and is made the next standby. Three servers run through all
 * of it. When only the cable is pulled out, one server is cut off together with the old primary in every second round:
 * nothing may be read there that is older than what others have been told.
 */
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { PROOF_MILLISECONDS } from "../../server/store/postgres/connection/primary.ts";
import type { Ending } from "../../testing/at-end.ts";
import { type Proof, Unproven } from "../proof.ts";
import { fetchThere, startChat } from "./chat-computer.ts";
import { Clients } from "./clients.ts";
import { DatabaseComputer } from "./database-computer.ts";
import { endOnSignal } from "./end-on-signal.ts";
import { type Computer, Network } from "./network.ts";

const ROUNDS = 30;
const SERVERS = 3;
const WAYS = ["killed", "cut off", "without power"] as const;
type Way = (typeof WAYS)[number];
/** How long an operator who sees that the old primary is dead takes to promote, at most. */
const MAX_REACTION_MILLISECONDS = 2000;
/** Who cannot be sure of that waits until no server reads from it any more. */
const WAIT_MILLISECONDS = PROOF_MILLISECONDS + 1000;
const AFTERWARDS_MILLISECONDS = 1000;
/** A commit that counts takes milliseconds. */
const NEVER_MILLISECONDS = 1500;

export const failover: Proof = {
  name: "failover",
  promise:
    "what got a 200 is there when the primary dies and the standby takes over; an old primary acknowledges nothing, and nobody reads from it",
  async prove({ size, ending, log }) {
    if (size === "quick") throw new Unproven("a round takes ten seconds: npm run prove -- failover");
    const rounds = Number(process.env.PLAINCHAT_PROVE_ROUNDS ?? ROUNDS);
    const scene = await begin(ending);
    const gaps = new Map<Way, number[]>(WAYS.map((way) => [way, []]));
    for (let round = 1; round <= rounds; round++) {
      const way = WAYS[round % WAYS.length] as Way;
      const begun = performance.now();
      const gap = await play(scene, way, round);
      gaps.get(way)?.push(gap);
      log(
        `${round} ${way}: nothing could be written for ${(gap / 1000).toFixed(1)} s (the round took ${((performance.now() - begun) / 1000).toFixed(0)} s)`,
      );
    }
    const { acknowledged, unknown, retried, streamed, fetched } = await scene.clients.tell({ do: "compare" });
    assert.ok(acknowledged > rounds * 100, `the clients got enough done: ${acknowledged}`);
    const times = [...gaps].map(([way, each]) => `${way} ${(median(each) / 1000).toFixed(1)} s`).join(", ");
    return `${rounds} rounds, ${acknowledged} acknowledged, 0 lost, 0 twice, 0 out of order; ${retried} sent again with their key, ${unknown} of unknown outcome; ${streamed} streamed and ${fetched} fetched without a gap; nothing could be written for (median): ${times}`;
  },
};

interface Scene {
  ending: Ending;
  network: Network;
  primary: DatabaseComputer;
  standby: DatabaseComputer;
  chats: Computer[];
  clients: Clients;
  /** What the servers have written to their logs. */
  logs: (() => string)[];
}

async function begin(test: Ending): Promise<Scene> {
  const ending = endOnSignal(test);
  const network = Network.make(ending);
  const primary = await DatabaseComputer.make(ending, network, "a", "ext4");
  const standby = await DatabaseComputer.make(ending, network, "b", "ext4");
  await primary.begin();
  await standby.follow(primary);
  const chats = Array.from({ length: SERVERS }, (_, i) => network.add(`chat${i + 1}`));
  const address = addressOf(primary, standby);
  const origins: string[] = [];
  const logs: (() => string)[] = [];
  for (const chat of chats) {
    const started = await startChat(ending, network, chat, address);
    if ("refused" in started) throw new Error(started.refused);
    origins.push(started.origin);
    logs.push(started.output);
  }
  const secret = await primary.ask("select text from secret");
  const clients = new Clients(ending, network, network.add("clients"));
  // The last server is the one that is cut off together with the old primary.
  await clients.tell({ do: "begin", origins, streamOrigins: origins.slice(0, -1), secret });
  return { ending, network, primary, standby, chats, clients, logs };
}

/** One round. @returns for how many milliseconds nothing could be written. */
async function play(scene: Scene, way: Way, round: number): Promise<number> {
  const { network, primary: old, standby: next, chats, clients } = scene;
  const companion = way === "cut off" && round % 2 === 0 ? (chats.at(-1) as Computer) : undefined;
  if (companion !== undefined) {
    await clients.tell({ do: "use", origins: originsOf(chats.slice(0, -1)) });
  }
  await setTimeout(500 + Math.random() * 1000);
  if (way === "killed") old.kill();
  if (way === "without power") old.cutThePower();
  if (way === "cut off") for (const each of [old.computer, companion]) if (each) network.connect(each, "far");
  await setTimeout(companion === undefined ? Math.random() * MAX_REACTION_MILLISECONDS : WAIT_MILLISECONDS);
  // On a computer without power, everything has ended.
  if (way === "without power") old.kill();

  const promotedAt = Date.now();
  await next.set("synchronous_standby_names", "");
  await next.promote();
  await clients.until(({ lastAt }) => lastAt > promotedAt);
  await setTimeout(AFTERWARDS_MILLISECONDS);
  if (companion !== undefined) await mustNotReadThere(scene, companion);

  if (way === "cut off") for (const each of [old.computer, companion]) if (each) network.connect(each, "near");
  if (way !== "cut off") await old.startAgain();
  await mustAcknowledgeNothing(scene);
  if (companion !== undefined) {
    await comesBack(scene, companion);
    await clients.tell({ do: "use", origins: originsOf(chats) });
  }
  await setTimeout(AFTERWARDS_MILLISECONDS);

  await old.follow(next);
  Object.assign(scene, { primary: next, standby: old });
  const { mistakes, longestGap } = await clients.tell({ do: "compare" });
  assert.deepEqual(mistakes.slice(0, 20), [], `round ${round}, ${way}\n${errorsIn(scene.logs)}`);
  return longestGap;
}

/** A server that was cut off together with the old primary. */
async function mustNotReadThere({ network, clients }: Scene, companion: Computer): Promise<void> {
  const { reader, lastMessageId } = await clients.tell({ do: "last" });
  const { status, ids } = await fetchThere(network, companion, reader, lastMessageId - 1);
  assert.equal(status, 503, `a server that is cut off has answered ${status} with ${ids}`);
}

/** The old primary is back on the network, and believes that it still is the primary. */
async function mustAcknowledgeNothing({ ending, network, primary: old, standby: next, chats, clients }: Scene) {
  assert.equal(await old.ask("select pg_is_in_recovery()"), "f", "the old primary takes itself for one");
  const since = await old.ask("select clock_timestamp()");
  const [chat] = chats as [Computer];
  const committing = old.ask("update head set seq = seq + 1000", "plainchat", NEVER_MILLISECONDS);
  // Two servers that start now and have seen nothing yet. One knows only the old primary.
  const [, onlyOld, both] = await Promise.all([
    assert.rejects(committing, { killed: true }, "the old primary has committed something"),
    startChat(ending, network, chat, addressOf(old), 8081),
    startChat(ending, network, chat, addressOf(old, next), 8082),
  ]);
  assert.ok("refused" in onlyOld, "a server has started on the old primary");
  assert.match(onlyOld.refused, /cannot start: the database cannot be used/);
  if ("refused" in both) throw new Error(both.refused);
  const { reader, lastMessageId } = await clients.tell({ do: "last" });
  const { status, ids } = await fetchThere(network, chat, reader, lastMessageId - 1, 8082);
  assert.ok(status === 200 && ids.includes(lastMessageId), `a new server has answered ${status} with ${ids}`);
  both.stop();
  // What was cut off in the middle still seems to be connected. But nobody has come back.
  const connected = await old.ask(
    `select count(*) from pg_stat_activity where application_name = 'plainchat' and backend_start > '${since}'`,
  );
  assert.equal(connected, "0", "a server has connected to the old primary");
}

async function comesBack({ network, clients }: Scene, companion: Computer): Promise<void> {
  const { reader, lastMessageId } = await clients.tell({ do: "last" });
  const deadline = Date.now() + 2 * PROOF_MILLISECONDS;
  for (;;) {
    const { status, ids } = await fetchThere(network, companion, reader, lastMessageId - 1);
    if (status === 200) {
      assert.ok(ids.includes(lastMessageId), `it answered with ${ids}, without ${lastMessageId}`);
      return;
    }
    assert.ok(status === 503 && Date.now() < deadline, `the server that was cut off answers ${status}`);
    await setTimeout(100);
  }
}

/** The last errors in the servers' logs, and what is no line of a log: a server that crashes says so in plain text. */
function errorsIn(logs: (() => string)[]): string {
  const isTelling = (line: string) => line.includes('"error":{') || !line.startsWith("{");
  return logs.map((log) => log().split("\n").filter(isTelling).slice(-12).join("\n")).join("\n");
}

function originsOf(chats: Computer[]): string[] {
  return chats.map(({ ip }) => `http://${ip}:8080`);
}

function addressOf(...databases: DatabaseComputer[]): string {
  return `postgres://plainchat@${databases.map(({ computer }) => computer.ip).join(",")}/plainchat`;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
