/**
 * The primary dies while clients send messages, and Patroni promotes a standby: nobody types anything. The computer of
 * the primary is killed, its cable is pulled out, or only Patroni dies and PostgreSQL goes on as if nothing had happened.
 * Then the computer comes back, and Patroni makes it a standby. In every fourth round, nobody dies: the operator wants
 * another primary (`patronictl switchover`).
 */
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import type { Ending } from "../../testing/at-end.ts";
import { type Proof, Unproven } from "../proof.ts";
import { startChat } from "./chat-computer.ts";
import { Clients } from "./clients.ts";
import { endOnSignal } from "./end-on-signal.ts";
import { Network } from "./network.ts";
import { PatroniComputer } from "./patroni-computer.ts";

const ROUNDS = 12;
const SERVERS = 2;
const WAYS = ["killed", "cut off", "without Patroni", "switched over"] as const;
type Way = (typeof WAYS)[number];
/** Patroni waits for 30 seconds before it promotes another one (`ttl`). */
const LONGEST_MILLISECONDS = 120_000;
const AFTERWARDS_MILLISECONDS = 2000;

export const patroni: Proof = {
  name: "patroni",
  promise: "with Patroni as docs/guides/deploy.md sets it up, what got a 200 is there when a primary dies",
  async prove({ size, ending, log }) {
    if (size === "quick") throw new Unproven("a round takes a minute: npm run prove -- patroni");
    const rounds = Number(process.env.PLAINCHAT_PROVE_ROUNDS ?? ROUNDS);
    const scene = await begin(ending);
    const gaps: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const way = WAYS[round % WAYS.length] as Way;
      const gap = await play(scene, way);
      gaps.push(gap);
      log(`${round + 1} ${way}: nothing could be written for ${(gap / 1000).toFixed(1)} s`);
    }
    const { acknowledged, unknown, retried, streamed, fetched } = await scene.clients.tell({ do: "compare" });
    assert.ok(acknowledged > rounds * 100, `the clients got enough done: ${acknowledged}`);
    return `${rounds} rounds, ${acknowledged} acknowledged, 0 lost, 0 twice, 0 out of order; ${retried} sent again with their key, ${unknown} of unknown outcome; ${streamed} streamed and ${fetched} fetched without a gap; nothing could be written for at most ${(Math.max(...gaps) / 1000).toFixed(0)} s`;
  },
};

interface Scene {
  network: Network;
  databases: PatroniComputer[];
  clients: Clients;
}

async function begin(test: Ending): Promise<Scene> {
  const ending = endOnSignal(test);
  const network = Network.make(ending);
  const databases: PatroniComputer[] = [];
  for (const name of ["a", "b", "c"]) databases.push(await PatroniComputer.make(ending, network, name));
  await Promise.all(databases.map((each) => each.start()));
  const primary = await primaryWithStandbys(databases, 2);
  await listShows(primary, ["Leader", "Sync Standby", "Replica"]);
  await primary.ask("create role plainchat login password 'chat'", "postgres");
  await primary.ask("create database plainchat owner plainchat encoding 'UTF8' template template0", "postgres");
  const hosts = databases.map(({ computer }) => computer.ip).join(",");
  const origins: string[] = [];
  for (let i = 1; i <= SERVERS; i++) {
    const address = `postgres://plainchat:chat@${hosts}/plainchat`;
    const started = await startChat(ending, network, network.add(`chat${i}`), address);
    if ("refused" in started) throw new Error(started.refused);
    origins.push(started.origin);
  }
  const secret = await primary.ask("select text from secret");
  const clients = new Clients(ending, network, network.add("clients"));
  await clients.tell({ do: "begin", origins, streamOrigins: origins, secret });
  return { network, databases, clients };
}

/** One round. @returns for how many milliseconds nothing could be written. */
async function play({ network, databases, clients }: Scene, way: Way): Promise<number> {
  const old = await primaryWithStandbys(databases, 2);
  await setTimeout(500 + Math.random() * 1000);
  const began = Date.now();
  if (way === "killed") old.kill();
  if (way === "cut off") network.connect(old.computer, "far");
  if (way === "without Patroni") old.killPatroni();
  if (way === "switched over") await old.tell("switchover", "--force");

  const others = databases.filter((each) => each !== old);
  const next = await primaryWithStandbys(others, 1);
  await clients.until(({ lastAt }) => lastAt > began);
  if (way === "without Patroni") await mustAcknowledgeNothing(old);
  await setTimeout(AFTERWARDS_MILLISECONDS);

  if (way === "cut off") network.connect(old.computer, "near");
  if (way === "killed") await old.start();
  if (way === "without Patroni") await old.startPatroni();
  assert.equal(await primaryWithStandbys(databases, 2), next, "the primary stays");
  const { mistakes, longestGap } = await clients.tell({ do: "compare" });
  assert.deepEqual(mistakes.slice(0, 20), [], way);
  return longestGap;
}

/** Waits until one of them is the primary and has at least this many standbys, one of them synchronous. */
async function primaryWithStandbys(databases: PatroniComputer[], standbys: number): Promise<PatroniComputer> {
  const deadline = Date.now() + LONGEST_MILLISECONDS;
  const question = `
    select count(*) filter (where state = 'streaming') || ' ' || count(*) filter (where sync_state = 'sync')
    from pg_stat_replication where application_name <> 'pg_basebackup' and not pg_is_in_recovery()`;
  while (Date.now() < deadline) {
    for (const each of databases) {
      const answer = await each.ask(question, "postgres", 5000).catch(() => "");
      const [streaming = 0, sync = 0] = answer.split(" ").map(Number);
      if (streaming >= standbys && sync === 1) return each;
    }
    await setTimeout(200);
  }
  const list = await (databases[0] as PatroniComputer).tell("list").catch(String);
  throw new Error(`no primary has ${standbys} standbys:\n${list}`);
}

/** The operator waits for that before the database is made. */
async function listShows(computer: PatroniComputer, roles: string[]): Promise<void> {
  const deadline = Date.now() + LONGEST_MILLISECONDS;
  for (;;) {
    const list = await computer.tell("list");
    if (roles.every((role) => list.includes(role))) return;
    assert.ok(Date.now() < deadline, list);
    await setTimeout(1000);
  }
}

/** It still takes itself for the primary. */
async function mustAcknowledgeNothing(old: PatroniComputer): Promise<void> {
  assert.equal(await old.ask("select pg_is_in_recovery()"), "f", "the old primary takes itself for one");
  const committing = old.ask("update head set seq = seq + 1000", "plainchat", AFTERWARDS_MILLISECONDS);
  await assert.rejects(committing, { killed: true }, "the old primary has committed something");
}
