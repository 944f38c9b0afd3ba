/**
 * Measures how long it takes from publishing a message until all listeners have it, and how much memory an idle stream
 * costs. bench/run.ts calls it.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type ListenResult, PLACE_OF_NUMBER } from "../load/listeners.ts";
import { type MeasuredServer, residentKib, startMeasured, stopMeasured } from "../load/processes.ts";
import { atMost, type Figure, figureOfPairs } from "../report/figure.ts";

const LISTENERS = [1, 100, 1000];
/** How many messages all listeners together receive in each measurement. */
const RECEIVED = 20_000;
const MAX_MESSAGES = 500;
const IDLE_STREAMS = 5000;
const SETTLE_MILLISECONDS = 3000;
const LATENCY_GOAL = 2;
const MEMORY_GOAL = 1.25;

const generator = join(import.meta.dirname, "..", "load", "listeners.ts");

/** One side of a comparison: a server, and the file with the requests for it. */
interface Side {
  server: MeasuredServer;
  requestFile: string;
}

export async function compareLatencies(folder: string, pairs: number): Promise<Figure[]> {
  const our = await startOurs(join(folder, "live"));
  const relay = await startRelay(folder);
  const figures: Figure[] = [];
  for (const listeners of LISTENERS) {
    const measured: { our: ListenResult; relay: ListenResult }[] = [];
    for (let pair = 0; pair < pairs; pair++) {
      const ours = await listen(our, listeners);
      measured.push({ our: ours, relay: await listen(relay, listeners) });
    }
    for (const [name, figure] of [
      ["p50", "p50Milliseconds"],
      ["p99", "p99Milliseconds"],
    ] as const) {
      const about = {
        id: `stream-${listeners}-${name}`,
        what: `publish → received on a stream, ${listeners.toLocaleString("en")} listening, ${name}`,
        against: "a relay on the same stack, in memory",
        unit: "ms",
        goal: name === "p99" && listeners === Math.max(...LISTENERS) ? atMost(LATENCY_GOAL) : undefined,
      };
      const of = measured.map((each) => ({ ours: each.our[figure], theirs: each.relay[figure] }));
      figures.push(figureOfPairs(about, of));
    }
  }
  await stopMeasured(our.server);
  await stopMeasured(relay.server);
  return figures;
}

export async function compareMemory(folder: string, pairs: number): Promise<Figure[]> {
  const measured: { ours: number; theirs: number }[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const our = await startOurs(join(folder, `idle-${pair}`));
    const ours = await kibPerStream(our);
    const bare = await startMeasured("bare streams", ["bench/peers/bare-streams.ts"], /port (\d+)/);
    measured.push({ ours, theirs: await kibPerStream({ server: bare, requestFile: our.requestFile }) });
  }
  const what = `memory per idle stream, ${IDLE_STREAMS.toLocaleString("en")} open`;
  const about = { id: "idle-stream", what, against: "an idle stream of bare node:http", unit: "KiB" };
  return [figureOfPairs({ ...about, goal: atMost(MEMORY_GOAL) }, measured)];
}

/** Starts our server with one user, who listens and publishes to herself. */
async function startOurs(root: string): Promise<Side> {
  const main = ["server/main.ts", "--root", root, "--port", "0"];
  const server = await startMeasured("plainchat", main, /"address":"http:\/\/127.0.0.1:(\d+)"/, {
    PLAINCHAT_OPEN_FOR_EACH: String(IDLE_STREAMS),
    // All of them come from one address, which gets a quarter.
    PLAINCHAT_MAX_CONNECTIONS: String(5 * IDLE_STREAMS),
  });
  const secret = (await readFile(join(root, "users", "secret.dat"), "utf8")).trim();
  const body = JSON.stringify({ secret, userHandle: "ada" });
  const reply = await fetch(`http://127.0.0.1:${server.port}/api/v1/register`, { method: "POST", body });
  const { userId, authToken } = (await reply.json()) as { userId: number; authToken: string };
  return { server, requestFile: await writeRequests(root, { myId: userId, myAuth: authToken }) };
}

async function startRelay(folder: string): Promise<Side> {
  const server = await startMeasured("relay", ["bench/peers/relay.ts"], /port (\d+)/);
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

/**
 * Opens many streams, then stops the server: a process does not give its memory back, so it can be measured only once.
 */
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
