/**
 * Measures the same server on files and on PostgreSQL, in turn, on the same machine: one server on files, one on the
 * database, and two that share it. The processor time of the servers and that of the database are counted apart. It
 * prints its figures and draws docs/images/database.svg. bench/run.ts calls it.
 */
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import postgres from "postgres";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import { databasePrograms, startDatabase, type TestDatabase } from "../../testing/database.ts";
import { type MeasuredServer, measure, processorSeconds, startMeasured, stopMeasured } from "../load/processes.ts";
import { registerUsers } from "../load/requests.ts";
import { CASES, type CaseName } from "../peers/peer.ts";
import { fillQueues, requestsOf } from "../peers/seed-speakers.ts";
import { plotRatios } from "../report/plot-ratios.ts";
import { median, quantile } from "../report/statistics.ts";
import { newFolder, type Settings } from "../settings.ts";

const PLOT = join(import.meta.dirname, "..", "..", "docs", "images", "database.svg");
const WORDS: Record<CaseName, string> = { publish: "publish", lookup: "lookup", page: "page of 50" };
const ADDRESS = /"address":"http:\/\/127.0.0.1:(\d+)"/;
const MESSAGES = 300;
/** How many messages a second one server on PostgreSQL should publish, compared with one on files. */
const PUBLISH_GOAL = 0.7;

interface Side {
  name: string;
  servers: MeasuredServer[];
  /** The class secret. */
  secret: string;
  requestFile: string;
  database?: TestDatabase;
}

/** Of one turn. Processor times are in microseconds per request. */
interface Turn {
  rate: number;
  p99: number;
  ofServers: number;
  ofDatabase: number;
}

export async function measureDatabase(settings: Settings): Promise<void> {
  if (databasePrograms() === undefined) {
    console.log("left out: PostgreSQL is missing (Debian: apt-get install postgresql)");
    return;
  }
  const ends: (() => Promise<void>)[] = [];
  try {
    const end = { after: (work: () => Promise<void>) => ends.push(work) };
    // The user of PostgreSQL must reach its folder. Not in /tmp: on many systems that is in memory.
    await chmod(settings.folder, 0o755);
    const database = await startDatabase(end, { isDurable: true, parent: settings.folder });
    const bars: Parameters<typeof plotRatios>[1] = [];
    for (const caseName of CASES) bars.push(...(await compareCase(caseName, settings, database)));
    await compareLatency(settings, database);
    if (settings.writes)
      await writeFile(PLOT, plotRatios("PostgreSQL compared with files, on the same two cores", bars));
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

async function compareCase(caseName: CaseName, settings: Settings, database: TestDatabase) {
  const sides = await startSides(caseName, settings, database);
  const { connections, seconds, warmUpSeconds, pairs } = settings;
  for (const side of sides) await measureSide(side, connections, warmUpSeconds);
  const turns = sides.map((): Turn[] => []);
  for (let i = 0; i < pairs; i++) {
    // Each of them comes first as often as the others: the one before leaves the machine warm, or the disk busy.
    for (let j = 0; j < sides.length; j++) {
      const at = (i + j) % sides.length;
      turns[at]?.push(await measureSide(sides[at] as Side, connections, seconds));
    }
  }
  await stopAll(sides);
  return sides
    .map(({ name, servers }, i) => {
      const of = (read: (turn: Turn) => number) => median((turns[i] ?? []).map(read));
      const ratio = median((turns[i] ?? []).map(({ rate }, turn) => rate / (turns[0]?.[turn]?.rate ?? Number.NaN)));
      console.log(
        `${WORDS[caseName]}, ${name}: ${Math.round(of(({ rate }) => rate)).toLocaleString("en")} a second, ` +
          `${ratio.toFixed(2)} of files, p99 ${of(({ p99 }) => p99).toFixed(1)} ms, processor time for each: ` +
          `${of(({ ofServers }) => ofServers).toFixed(0)} µs in the servers, ${of(({ ofDatabase }) => ofDatabase).toFixed(0)} µs in the database`,
      );
      const isGoal = caseName === "publish" && servers.length === 1;
      const goal = isGoal ? { goal: PUBLISH_GOAL } : {};
      return { label: `${WORDS[caseName]}, ${name}`, against: "one server on files", ratio, ...goal };
    })
    .slice(1);
}

async function startSides(caseName: CaseName, settings: Settings, database: TestDatabase): Promise<Side[]> {
  const start = (options: string[]) =>
    startMeasured("plainchat", ["server/main.ts", "--port", "0", ...options], ADDRESS);
  const root = join(await newFolder(settings, "files"), "root");
  const files = await start(["--root", root]);
  const address = await database.create();
  const one = await start(["--store", address]);
  const two = await start(["--store", address]);
  // The users of both sides register with what is in a folder.
  const copy = join(await newFolder(settings, "secret"), "root");
  await mkdir(join(copy, "users"), { recursive: true });
  const secret = await secretIn(address);
  await writeFile(join(copy, "users", "secret.dat"), secret);
  const requests = async (server: MeasuredServer, folder: string) => {
    const users = await registerUsers(server, folder);
    if (caseName === "page") await fillQueues(server, users);
    const requestFile = join(folder, "requests.json");
    await writeFile(requestFile, JSON.stringify(requestsOf(caseName, users)));
    return requestFile;
  };
  const requestFile = await requests(one, copy);
  return [
    { name: "files", servers: [files], secret: await secretOf(root), requestFile: await requests(files, root) },
    { name: "one server on PostgreSQL", servers: [one], secret, requestFile, database },
    { name: "two servers on PostgreSQL", servers: [one, two], secret, requestFile, database },
  ];
}

async function secretOf(root: string): Promise<string> {
  return (await readFile(join(root, "users", "secret.dat"), "utf8")).trim();
}

async function secretIn(address: string): Promise<string> {
  const sql = postgres(address, { max: 1 });
  const [row] = await sql<{ text: string }[]>`select text from secret`;
  await sql.end();
  return row?.text ?? "";
}

async function measureSide(
  { servers, requestFile, database }: Side,
  connections: number,
  seconds: number,
): Promise<Turn> {
  const databaseSeconds = () =>
    database === undefined ? 0 : (processorSeconds({ name: "", port: 0, process: database.process }) ?? 0);
  const before = databaseSeconds();
  const load = { connections: Math.round(connections / servers.length), seconds, requestFile };
  const measured = await Promise.all(servers.map((server) => measure(server, load)));
  const requests = measured.reduce((sum, each) => sum + each.requests, 0);
  const ofServers = measured.reduce((sum, each) => sum + (each.microsecondsPerRequest ?? 0) * each.requests, 0);
  return {
    rate: measured.reduce((sum, { requestsPerSecond }) => sum + requestsPerSecond, 0),
    p99: Math.max(...measured.map(({ p99Milliseconds }) => p99Milliseconds)),
    ofServers: ofServers / requests,
    ofDatabase: ((databaseSeconds() - before) / requests) * 1e6,
  };
}

/** How long it takes from sending a message until a stream has it, at the same server and at the other one. */
async function compareLatency(settings: Settings, database: TestDatabase): Promise<void> {
  const sides = await startSides("lookup", settings, database);
  const [files, , both] = sides as [Side, Side, Side];
  const [one, two] = both.servers as [MeasuredServer, MeasuredServer];
  const [inFile] = files.servers as [MeasuredServer];
  for (const [name, from, to, key] of [
    ["files", inFile, inFile, files.secret],
    ["PostgreSQL, at the same server", one, one, both.secret],
    ["PostgreSQL, from one server to the other", one, two, both.secret],
  ] as const) {
    const times = await latencies(from, to, key, name);
    const at = (part: number) => `${quantile(times, part).toFixed(1)} ms`;
    console.log(`stream, ${name}: p50 ${at(0.5)}, p99 ${at(0.99)}`);
  }
  await stopAll(sides);
}

async function latencies(from: MeasuredServer, to: MeasuredServer, secret: string, name: string): Promise<number[]> {
  const writer = new PlainchatClient(`http://127.0.0.1:${from.port}`);
  const userHandle = `listener-${name.length}`;
  const { userId, authToken } = await writer.registerUser({ secret, userHandle });
  const listener = new PlainchatClient(`http://127.0.0.1:${to.port}`, {
    credentials: { myId: userId, myAuth: authToken },
  });
  const stopping = new AbortController();
  const times: number[] = [];
  const opened = Promise.withResolvers<void>();
  let heard = () => {};
  const listening = (async () => {
    for await (const _ of listener.listen({ signal: stopping.signal, onConnection: () => opened.resolve() })) heard();
  })();
  await opened.promise;
  for (let i = 0; i < MESSAGES; i++) {
    const arrived = new Promise<void>((resolve) => {
      heard = resolve;
    });
    const began = performance.now();
    await Promise.all([arrived, writer.publishMessage({ userHandle, message: `message ${i}` })]);
    times.push(performance.now() - began);
  }
  stopping.abort();
  await listening;
  return times;
}

async function stopAll(sides: Side[]): Promise<void> {
  for (const server of new Set(sides.flatMap(({ servers }) => servers))) await stopMeasured(server);
}
