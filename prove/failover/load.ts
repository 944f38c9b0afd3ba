/**
 * The clients of the proof, as a program on a computer of its own: failover.ts starts it, tells it what to do, and gets
 * its figures. It sends requests to all servers, notes each reply, and compares afterwards.
 */
import { setTimeout } from "node:timers/promises";
import { comparePages } from "./compare.ts";
import { Publisher } from "./publishers.ts";
import { anyOf, type Mistakes, type Person, Reader, register, Waiter } from "./readers.ts";

const PUBLISHERS = 12;
const READERS = 4;

/** What failover.ts says. */
export type Order =
  | { do: "begin"; origins: string[]; streamOrigins: string[]; secret: string }
  | { do: "use"; origins: string[] }
  | { do: "compare" }
  | { do: "last" }
  | { do: "end" };

/** What it gets back. */
export interface LoadFigures {
  acknowledged: number;
  retried: number;
  unknown: number;
  refused: number;
  streamed: number;
  fetched: number;
  /** Milliseconds since 1970 of the last acknowledged message. */
  lastAt: number;
  /** The longest time without an acknowledged message since the last "compare", in milliseconds. */
  longestGap: number;
  mistakes: string[];
  /** Somebody whose queue is not empty, and the last message in it. */
  reader: Person;
  lastMessageId: number;
}

const mistakes: Mistakes = [];
let publishers: Publisher[] = [];
let readers: Person[] = [];
let streams: Reader[] = [];
let waiters: Waiter[] = [];
/** Which servers requests go to. */
const servers = { origins: [] as string[] };

process.on("message", async (order: Order) => {
  try {
    await obey(order);
  } catch (error) {
    mistakes.push(`the clients failed: ${error instanceof Error ? error.stack : error}`);
  }
  process.send?.(figures());
  if (order.do === "compare") for (const each of publishers) each.forgetGaps();
});
process.once("disconnect", () => process.exit());

async function obey(order: Order): Promise<void> {
  if (order.do === "begin") await begin(order);
  if (order.do === "use") servers.origins = order.origins;
  if (order.do === "compare") await compare();
  if (order.do === "end") process.exit();
}

async function begin({ origins, streamOrigins, secret }: Extract<Order, { do: "begin" }>): Promise<void> {
  servers.origins = origins;
  const people = (kind: string, count: number) =>
    Promise.all(Array.from({ length: count }, (_, i) => register(origins[0] ?? "", secret, `${kind}-${i}`)));
  readers = await people("reader", READERS);
  const senders = await people("sender", PUBLISHERS);
  streams = readers.map((reader, i) => new Reader(streamOrigins[i % streamOrigins.length] ?? "", reader, mistakes));
  waiters = readers.map((reader) => new Waiter(servers, reader, mistakes));
  publishers = senders.map((sender, i) => new Publisher(servers, sender, readers[i % READERS] as Person, mistakes));
  for (const each of [...streams, ...waiters, ...publishers]) each.begin();
}

/** Everybody stops sending, everything that was acknowledged must be there, and then it goes on. */
async function compare(): Promise<void> {
  await Promise.all(publishers.map((each) => each.pause()));
  for (const [i, reader] of readers.entries()) {
    const mine = publishers.filter(({ reader: to }) => to === reader);
    const ids = await comparePages(anyOf(servers), reader, mine, mistakes);
    await (streams[i] as Reader).mustHave(ids, "stream");
    await (waiters[i] as Waiter).mustHave(ids, "waiting fetch");
  }
  for (const each of publishers) each.resume();
  await setTimeout(0);
}

function figures(): LoadFigures {
  const sum = (read: (publisher: Publisher) => number) => publishers.reduce((all, each) => all + read(each), 0);
  const times = publishers.flatMap(({ times: own }) => own).sort((a, b) => a - b);
  const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
  return {
    acknowledged: sum(({ acknowledged }) => acknowledged.size),
    retried: sum(({ retried }) => retried),
    unknown: sum(({ unknown }) => unknown.size),
    refused: sum(({ refused }) => refused),
    streamed: streams.reduce((all, { ids }) => all + ids.length, 0),
    fetched: waiters.reduce((all, { ids }) => all + ids.length, 0),
    lastAt: times.at(-1) ?? 0,
    longestGap: Math.max(0, ...gaps),
    mistakes: [...mistakes],
    reader: readers[0] as Person,
    lastMessageId: Math.max(0, ...publishers.filter(({ reader }) => reader === readers[0]).map(({ lastId }) => lastId)),
  };
}
