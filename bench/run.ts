/**
 * `npm run bench`: how fast this server is, against bare node:http, which parses and answers the same and keeps nothing.
 * The two are measured in turn, several times, and what counts is the median of the ratios: on a machine that others
 * use too, a single figure says little.
 *
 *     npm run bench -- [--pairs N] [--seconds N] [--connections N] [publish] [lookup] [page] [explain] [live] [idle] [ways]
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compareExplain } from "./explain.ts";
import { compareLatencies, compareMemory } from "./live.ts";
import { type MeasuredServer, type Measurement, measure, startMeasured, stopMeasured } from "./processes.ts";
import { messagesInTurn, rawRequest, registerUsers, type User } from "./requests.ts";
import { median, spread } from "./statistics.ts";
import { compareWays } from "./ways.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pairs: { type: "string", default: "5" },
    seconds: { type: "string", default: "3" },
    connections: { type: "string", default: "64" },
  },
});
const PAIRS = Number(values.pairs);
const SECONDS = Number(values.seconds);
const CONNECTIONS = Number(values.connections);
const WARM_UP_SECONDS = 2;
const MESSAGES_ON_A_PAGE = 50;
/** What each ratio should reach. */
const GOALS: Record<string, number> = { publish: 1, lookup: 0.85, page: 0.6 };

/** What is sent in a case, and the body that the bare server answers with: what ours answered once. */
interface Case {
  name: string;
  requests: string[];
  replyBody: string;
}

const results = join(import.meta.dirname, "results");
await mkdir(results, { recursive: true });
// Beside the results and not in /tmp, which on many systems is memory, where nothing has to be made durable.
const folder = await mkdtemp(join(results, "run-"));
try {
  await run();
} finally {
  await rm(folder, { recursive: true });
}

async function run(): Promise<void> {
  const isWanted = (name: string) => positionals.length === 0 || positionals.includes(name);
  console.log(`${cpus()[0]?.model ?? "?"}, ${availableParallelism()} cores, Node ${process.version}`);
  if (["publish", "lookup", "page"].some(isWanted)) await compareRequests();
  if (isWanted("explain")) await compareExplain(folder, { pairs: PAIRS, seconds: SECONDS, connections: CONNECTIONS });
  if (isWanted("live")) await compareLatencies(folder, PAIRS);
  if (isWanted("idle")) await compareMemory(folder, PAIRS);
  if (isWanted("ways")) await compareWays(folder);
}

async function compareRequests(): Promise<void> {
  const main = ["server/main.ts", "--root", join(folder, "data"), "--port", "0"];
  const ours = await startMeasured("plainchat", main, /"address":"http:\/\/127.0.0.1:(\d+)"/);
  const users = await registerUsers(ours, join(folder, "data"));
  const cases = await makeCases(ours, users);
  const wanted = positionals.length === 0 ? cases : cases.filter(({ name }) => positionals.includes(name));
  console.log(`${CONNECTIONS} connections, ${PAIRS} pairs of ${SECONDS} s in turn, medians\n`);
  console.log(
    "| what | plainchat/s | bare/s | ratio (spread) | goal | µs CPU a request: plainchat | bare | ratio | p99 ms |",
  );
  console.log("|---|---|---|---|---|---|---|---|---|");
  for (const each of wanted) console.log(await compare(ours, each));
  await reportSyncs(ours);
  await stopMeasured(ours);
}

async function compare(ours: MeasuredServer, { name, requests, replyBody }: Case): Promise<string> {
  const requestFile = join(folder, `${name}.json`);
  const replyFile = join(folder, `${name}.reply`);
  await writeFile(requestFile, JSON.stringify(requests));
  await writeFile(replyFile, replyBody);
  const bare = await startMeasured("bare node:http", ["bench/bare-server.ts", replyFile], /port (\d+)/);
  const load = { connections: CONNECTIONS, requestFile };
  for (const server of [ours, bare]) await measure(server, { ...load, seconds: WARM_UP_SECONDS });
  const pairs: { our: Measurement; bare: Measurement }[] = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    const our = await measure(ours, { ...load, seconds: SECONDS });
    pairs.push({ our, bare: await measure(bare, { ...load, seconds: SECONDS }) });
  }
  await stopMeasured(bare);
  const ratios = pairs.map((pair) => pair.our.requestsPerSecond / pair.bare.requestsPerSecond);
  const our = (read: (measurement: Measurement) => number) => median(pairs.map((pair) => read(pair.our)));
  const theirs = (read: (measurement: Measurement) => number) => median(pairs.map((pair) => read(pair.bare)));
  const cpu = (measurement: Measurement) => measurement.microsecondsPerRequest ?? Number.NaN;
  const rate = (measurement: Measurement) => measurement.requestsPerSecond;
  const columns = [
    name,
    our(rate).toFixed(0),
    theirs(rate).toFixed(0),
    `${median(ratios).toFixed(2)} (${spread(ratios)})`,
    GOALS[name]?.toFixed(2),
    our(cpu).toFixed(0),
    theirs(cpu).toFixed(0),
    median(pairs.map((pair) => cpu(pair.bare) / cpu(pair.our))).toFixed(2),
    our((measurement) => measurement.p99Milliseconds).toFixed(1),
  ];
  return `| ${columns.join(" | ")} |`;
}

/** The requests are what the seed shows: JSON bodies, also with GET. */
async function makeCases(ours: MeasuredServer, users: User[]): Promise<Case[]> {
  const chat = { name: "publish", method: "POST", path: "/api/v1/chat" };
  const partner = (i: number) => users[(i + 1) % users.length]?.userHandle;
  const bodies = messagesInTurn(users);
  const lookups = users.map(({ myId, myAuth }, i) => ({ myId, myAuth, userHandle: partner(i) }));
  const pages = users.map(({ myId, myAuth }) => ({ myId, myAuth, limit: MESSAGES_ON_A_PAGE }));
  const cases: Case[] = [];
  for (const { name, method, path, inputs } of [
    { ...chat, inputs: bodies },
    { name: "lookup", method: "GET", path: "/api/v1/register", inputs: lookups },
    { name: "page", method: "GET", path: "/api/v1/chat", inputs: pages },
  ]) {
    const requests = inputs.map((input) => rawRequest(method, path, JSON.stringify(input)));
    if (name === "page") await fillQueues(ours, bodies);
    const [first, second] = inputs;
    const reply = await fetch(`http://127.0.0.1:${ours.port}${path}`, {
      method: method === "GET" ? "QUERY" : method,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(second ?? first),
    });
    cases.push({ name, requests, replyBody: await reply.text() });
  }
  return cases;
}

/** Gives every user a page of messages, sent in turn, as in a class where everybody talks at once. */
async function fillQueues({ port }: MeasuredServer, bodies: object[]): Promise<void> {
  for (let i = 0; i < MESSAGES_ON_A_PAGE; i++) {
    const send = (body: object) =>
      fetch(`http://127.0.0.1:${port}/api/v1/chat`, { method: "POST", body: JSON.stringify(body) });
    await Promise.all(bodies.map(async (body) => (await send(body)).arrayBuffer()));
  }
}

async function reportSyncs({ port }: MeasuredServer): Promise<void> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const read = (name: string) => Number(new RegExp(`^${name} (\\d+)`, "m").exec(text)?.[1]);
  const events = read("plainchat_journal_events");
  console.log(
    `\nfsyncs per acknowledged message: ${(read("plainchat_journal_syncs") / events).toFixed(3)} (goal: 0.1)`,
  );
}
