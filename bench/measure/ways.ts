/**
 * Compares polling, waiting and streaming: how soon a message arrives, and what it costs the server. bench/run.ts calls
 * it, and docs/guides/live.md shows the results. The listeners run in this process and use the ordinary client.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import type { Message } from "../../client/types.ts";
import { type MeasuredServer, processorSeconds, startMeasured, stopMeasured } from "../load/processes.ts";
import { median, quantile } from "../report/statistics.ts";

const LISTENERS = 100;
const SECONDS = 10;
const MESSAGES_A_SECOND = 100;
const POLL_MILLISECONDS = 1000;
const LONGEST_WAIT_SECONDS = 60;
const SETTLE_MILLISECONDS = 2000;

type Hear = (message: Message) => void;
/** Listens until the signal stops it. Calls `ask` for each request. */
type Way = (client: PlainchatClient, signal: AbortSignal, hear: Hear, ask: () => void) => Promise<void>;

const nobody: Way = async () => {};

const polling: Way = (client, signal, hear, ask) =>
  fetchAgainAndAgain(client, signal, hear, ask, { wait: 0, pauseMilliseconds: POLL_MILLISECONDS });

const waiting: Way = (client, signal, hear, ask) =>
  fetchAgainAndAgain(client, signal, hear, ask, { wait: LONGEST_WAIT_SECONDS, pauseMilliseconds: 0 });

const streaming: Way = async (client, signal, hear, ask) => {
  ask();
  for await (const event of client.listen({ after: 0, signal })) {
    if (event.type === "message") hear(event.message);
  }
};

export async function compareWays(folder: string): Promise<void> {
  console.log(
    `\n${LISTENERS} listeners; ${SECONDS} s without messages, then ${SECONDS} s with ${MESSAGES_A_SECOND} messages a second; polling every ${POLL_MILLISECONDS / 1000} s\n`,
  );
  console.log(
    "| way | ms until a message arrives: median, 99 % | requests per message | µs CPU per message | ms CPU per listener in a quiet minute |",
  );
  console.log("|---|---|---|---|---|");
  let alone: WayMeasured | undefined;
  for (const [name, way] of Object.entries({ nobody, polling, waiting, streaming })) {
    const measured = await measureWay(join(folder, `ways-${name}`), way);
    // With no listeners the server still needs time for itself and for publishing. The other rows subtract that.
    if (alone === undefined) alone = measured;
    else console.log(row(name, measured, alone));
  }
}

interface WayMeasured {
  milliseconds: number[];
  requests: number;
  busySeconds: number;
  quietSeconds: number;
}

function row(name: string, { milliseconds, requests, busySeconds, quietSeconds }: WayMeasured, alone: WayMeasured) {
  const messages = milliseconds.length;
  const columns = [
    name,
    `${median(milliseconds).toFixed(1)}, ${quantile(milliseconds, 0.99).toFixed(1)}`,
    (requests / messages).toFixed(2),
    (((busySeconds - alone.busySeconds) / messages) * 1e6).toFixed(0),
    (((quietSeconds - alone.quietSeconds) / LISTENERS / SECONDS) * 60 * 1000).toFixed(1),
  ];
  return `| ${columns.join(" | ")} |`;
}

async function measureWay(root: string, way: Way): Promise<WayMeasured> {
  const main = ["server/main.ts", "--root", root, "--port", "0"];
  const server = await startMeasured("plainchat", main, /"address":"http:\/\/127.0.0.1:(\d+)"/);
  const clients = await registerListeners(server, root);
  const sentAt = new Map<string, number>();
  const milliseconds: number[] = [];
  const stop = new AbortController();
  const hear: Hear = ({ message }) => milliseconds.push(performance.now() - (sentAt.get(message) ?? 0));
  let requests = 0;
  const listening = clients.map((client) => way(client, stop.signal, hear, () => requests++));
  await setTimeout(SETTLE_MILLISECONDS);
  const quietSeconds = await processorTimeOf(server, () => setTimeout(SECONDS * 1000));
  requests = 0;
  const busySeconds = await processorTimeOf(server, () => publish(clients, sentAt));
  await setTimeout(SETTLE_MILLISECONDS);
  const expected = way === nobody ? 0 : sentAt.size;
  if (milliseconds.length !== expected) throw new Error(`${milliseconds.length} of ${expected} messages arrived`);
  stop.abort();
  await Promise.all(listening);
  await stopMeasured(server);
  return { milliseconds, requests, busySeconds, quietSeconds };
}

async function registerListeners({ port }: MeasuredServer, root: string): Promise<PlainchatClient[]> {
  const secret = (await readFile(join(root, "users", "secret.dat"), "utf8")).trim();
  const url = `http://127.0.0.1:${port}`;
  return Promise.all(
    Array.from({ length: LISTENERS }, async (_, i) => {
      const client = new PlainchatClient(url, { timeoutSeconds: LONGEST_WAIT_SECONDS + 10 });
      await client.registerUser({ secret, userHandle: `listener-${i}` });
      return client;
    }),
  );
}

/** Publishes at a steady rate, to one listener after the other. */
async function publish(clients: PlainchatClient[], sentAt: Map<string, number>): Promise<void> {
  const begin = performance.now();
  const sending: Promise<unknown>[] = [];
  for (let i = 0; i < SECONDS * MESSAGES_A_SECOND; i++) {
    await setTimeout(Math.max(0, begin + (i * 1000) / MESSAGES_A_SECOND - performance.now()));
    const message = `message ${i}`;
    sentAt.set(message, performance.now());
    const client = clients[i % LISTENERS];
    if (client !== undefined) sending.push(client.publishMessage({ userHandle: `listener-${i % LISTENERS}`, message }));
  }
  await Promise.all(sending);
}

async function fetchAgainAndAgain(
  client: PlainchatClient,
  signal: AbortSignal,
  hear: Hear,
  ask: () => void,
  { wait, pauseMilliseconds }: { wait: number; pauseMilliseconds: number },
): Promise<void> {
  let after = 0;
  try {
    // Clients of real people do not all start at the same moment either.
    await setTimeout(Math.random() * pauseMilliseconds, undefined, { signal });
    for (;;) {
      ask();
      const { messages } = await client.fetchQueue({ after, wait }, { signal });
      for (const message of messages) hear(message);
      after = messages.at(-1)?.messageId ?? after;
      if (pauseMilliseconds > 0) await setTimeout(pauseMilliseconds, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** How many seconds of processor time a server uses while `work` runs. */
async function processorTimeOf(server: MeasuredServer, work: () => Promise<void>): Promise<number> {
  const before = processorSeconds(server) ?? Number.NaN;
  await work();
  return (processorSeconds(server) ?? Number.NaN) - before;
}
