/**
 * How long it takes from publishing a message until those who listen have it, and what a stream on which nothing
 * happens costs in memory. bench/run.ts calls it.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type ListenResult, PLACE_OF_NUMBER } from "./listeners.ts";
import { type MeasuredServer, residentKib, startMeasured, stopMeasured } from "./processes.ts";
import { median, spread } from "./statistics.ts";

const LISTENERS = [1, 100, 1000];
/** So many times a message comes somewhere, in each measurement. */
const RECEIVED = 20_000;
const MAX_MESSAGES = 500;
const IDLE_STREAMS = 5000;
const SETTLE_MILLISECONDS = 3000;
const LATENCY_GOAL = 2;
const MEMORY_GOAL = 1.25;

const generator = join(import.meta.dirname, "listeners.ts");

/** What is measured: a server, and the file with the requests for it. */
interface Side {
  server: MeasuredServer;
  requestFile: string;
}

export async function compareLatencies(folder: string, pairs: number): Promise<void> {
  const our = await startOurs(join(folder, "live"));
  const relay = await startRelay(folder);
  console.log(
    "\n| listeners | received after, ms: plainchat p50, p99 | relay p50, p99 | ratio p50 | p99 (spread) | goal |",
  );
  console.log("|---|---|---|---|---|---|");
  for (const listeners of LISTENERS) {
    const measured: { our: ListenResult; relay: ListenResult }[] = [];
    for (let pair = 0; pair < pairs; pair++) {
      const ours = await listen(our, listeners);
      measured.push({ our: ours, relay: await listen(relay, listeners) });
    }
    const of = (side: "our" | "relay", figure: keyof ListenResult) =>
      median(measured.map((each) => each[side][figure])).toFixed(2);
    const ratios = (figure: keyof ListenResult) => measured.map((each) => each.our[figure] / each.relay[figure]);
    const columns = [
      listeners,
      `${of("our", "p50Milliseconds")}, ${of("our", "p99Milliseconds")}`,
      `${of("relay", "p50Milliseconds")}, ${of("relay", "p99Milliseconds")}`,
      median(ratios("p50Milliseconds")).toFixed(2),
      `${median(ratios("p99Milliseconds")).toFixed(2)} (${spread(ratios("p99Milliseconds"))})`,
      `≤ ${LATENCY_GOAL}`,
    ];
    console.log(`| ${columns.join(" | ")} |`);
  }
  await stopMeasured(our.server);
  await stopMeasured(relay.server);
}

export async function compareMemory(folder: string, pairs: number): Promise<void> {
  const measured: { our: number; bare: number }[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const our = await startOurs(join(folder, `idle-${pair}`));
    const ours = await kibPerStream(our);
    const bare = await startMeasured("bare streams", ["bench/bare-streams.ts"], /port (\d+)/);
    measured.push({ our: ours, bare: await kibPerStream({ server: bare, requestFile: our.requestFile }) });
  }
  const ratios = measured.map(({ our, bare }) => our / bare);
  const our = median(measured.map((each) => each.our)).toFixed(1);
  const bare = median(measured.map((each) => each.bare)).toFixed(1);
  console.log(
    `\nmemory per idle stream, at ${IDLE_STREAMS}: ${our} KiB, bare node:http ${bare} KiB, ` +
      `ratio ${median(ratios).toFixed(2)} (${spread(ratios)}), goal ≤ ${MEMORY_GOAL}`,
  );
}

/** Starts our server with one user, who publishes to herself and listens. */
async function startOurs(root: string): Promise<Side> {
  const main = ["server/main.ts", "--root", root, "--port", "0"];
  const server = await startMeasured("plainchat", main, /"address":"http:\/\/127.0.0.1:(\d+)"/, {
    PLAINCHAT_OPEN_FOR_EACH: String(IDLE_STREAMS),
  });
  const secret = (await readFile(join(root, "users", "secret.dat"), "utf8")).trim();
  const body = JSON.stringify({ secret, userHandle: "ada" });
  const reply = await fetch(`http://127.0.0.1:${server.port}/api/v1/register`, { method: "POST", body });
  const { userId, authToken } = (await reply.json()) as { userId: number; authToken: string };
  return { server, requestFile: await writeRequests(root, { myId: userId, myAuth: authToken }) };
}

async function startRelay(folder: string): Promise<Side> {
  const server = await startMeasured("relay", ["bench/relay.ts"], /port (\d+)/);
  return { server, requestFile: await writeRequests(join(folder, "relay"), { myId: 1, myAuth: "x".repeat(32) }) };
}

async function writeRequests(name: string, credentials: { myId: number; myAuth: string }): Promise<string> {
  const message = `A message of a usual length, number ${PLACE_OF_NUMBER}: about as much as somebody types.`;
  const body = JSON.stringify({ ...credentials, userHandle: "ada", message });
  const head = "HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  const basic = Buffer.from(`${credentials.myId}:${credentials.myAuth}`).toString("base64");
  const requests = {
    stream: `GET /api/v1/chat/stream ${head}Authorization: Basic ${basic}\r\n\r\n`,
    publish: `POST /api/v1/chat ${head}Content-Length: ${body.length}\r\nContent-Type: application/json\r\n\r\n${body}`,
  };
  const file = `${name}-requests.json`;
  await writeFile(file, JSON.stringify(requests));
  return file;
}

async function listen({ server, requestFile }: Side, listeners: number): Promise<ListenResult> {
  const messages = Math.min(MAX_MESSAGES, RECEIVED / listeners);
  const child = spawn(
    process.execPath,
    [generator, String(server.port), String(listeners), String(messages), requestFile],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let output = "";
  for await (const piece of child.stdout) output += piece;
  return JSON.parse(output);
}

/** Opens many streams, and stops the server afterwards: memory that was in use once stays with a process. */
async function kibPerStream({ server, requestFile }: Side): Promise<number> {
  await setTimeout(SETTLE_MILLISECONDS);
  const before = residentKib(server);
  const child = spawn(process.execPath, [generator, String(server.port), String(IDLE_STREAMS), "0", requestFile], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  await setTimeout(SETTLE_MILLISECONDS);
  const after = residentKib(server);
  const ended = once(child, "exit");
  child.stdin.end();
  await ended;
  await stopMeasured(server);
  return (after - before) / IDLE_STREAMS;
}
