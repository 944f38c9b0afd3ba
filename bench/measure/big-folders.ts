/**
 * Measures what a large number of messages costs: reading a page of a long queue, starting, and memory. bench/run.ts
 * calls it. data-folder.ts writes the folders directly, and each is removed as soon as it is no longer needed: a
 * million messages take 270 MB.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { writeDataFolder } from "../folders/data-folder.ts";
import type { OpenedFolder } from "../folders/open-folder.ts";
import { runScript } from "../folders/run-script.ts";
import { startMeasured, stopMeasured } from "../load/processes.ts";
import { rawRequest, USERS, type User } from "../load/requests.ts";
import { MESSAGES_ON_A_PAGE, underLoad } from "../peers/peer.ts";
import { atLeast, atMost, type Figure, figureAlone, figureOfPairs } from "../report/figure.ts";
import { newFolder, type Settings } from "../settings.ts";
import { measureInTurn } from "./compare-requests.ts";

const SHORT_QUEUE = 100;
/** How many different places of a queue are read. */
const PLACES = 1000;
const PAGE_GOAL = 0.9;
const START_GOAL = 2;
const MEMORY_GOAL_BYTES = 100;

export const startIn = (root: string) =>
  startMeasured("plainchat", ["server/main.ts", "--root", root, "--port", "0"], /"address":"http:\/\/127.0.0.1:(\d+)"/);

/**
 * Reads the first page of a queue, which every client asks for, and pages from random places. The second figure has no
 * goal: a queue of a million messages does not fit into the cache of blocks, so these pages are read from the files.
 */
export async function compareQueues(settings: Settings): Promise<Figure[]> {
  const long = await queueOf(settings, settings.messages);
  const short = await queueOf(settings, SHORT_QUEUE);
  const figures: Figure[] = [];
  for (const [id, where, requests, goal] of [
    ["queue-first", "first page of", firstPage, atLeast(PAGE_GOAL)],
    ["queue-anywhere", "page from anywhere in", pagesAnywhere, undefined],
  ] as const) {
    const [ours, theirs] = await Promise.all(
      [long, short].map(({ server, user, messages, root }) => underLoad(server, requests(user, messages), root)),
    );
    if (ours === undefined || theirs === undefined) continue;
    const pairs = await measureInTurn(ours, theirs, settings);
    const rates = pairs.map((pair) => ({ ours: pair.ours.requestsPerSecond, theirs: pair.theirs.requestsPerSecond }));
    const what = `${where} a queue of ${settings.messages.toLocaleString("en")}`;
    const against = `the same from a queue of ${SHORT_QUEUE}`;
    figures.push(figureOfPairs({ id, what, against, unit: "/s", ...(goal && { goal }) }, rates));
  }
  for (const { server, root } of [long, short]) {
    await stopMeasured(server);
    await rm(root, { recursive: true });
  }
  return figures;
}

async function queueOf(settings: Settings, messages: number) {
  const root = await newFolder(settings, `queue-${messages}`);
  const [user] = writeDataFolder(root, { users: 2, messages, queues: 1 });
  if (user === undefined) throw new Error("The folder has no users");
  return { server: await startIn(root), user, messages, root };
}

function firstPage({ myId, myAuth }: User): string[] {
  return [rawRequest("GET", "/api/v1/chat", JSON.stringify({ myId, myAuth, limit: MESSAGES_ON_A_PAGE }))];
}

function pagesAnywhere({ myId, myAuth }: User, messages: number): string[] {
  return Array.from({ length: PLACES }, () => {
    const after = Math.floor(Math.random() * (messages - MESSAGES_ON_A_PAGE));
    return rawRequest("GET", "/api/v1/chat", JSON.stringify({ myId, myAuth, after, limit: MESSAGES_ON_A_PAGE }));
  });
}

/** Compares the time from the command until the server can answer a request with just reading and parsing the files. */
export async function compareStart(settings: Settings): Promise<Figure[]> {
  const { messages } = settings;
  const root = await newFolder(settings, "start");
  writeDataFolder(root, { users: USERS, messages, queues: USERS });
  const pairs: { ours: number; theirs: number }[] = [];
  // The first pair does not count: it reads the files from the disk, the others read them from memory.
  for (let i = 0; i <= settings.pairs; i++) {
    const ours = await secondsOf(async () => stopMeasured(await startIn(root)));
    const theirs = await secondsOf(() => runScript("parse-folder.ts", [join(root, "messages")]));
    if (i > 0) pairs.push({ ours, theirs });
  }
  const figures = [
    figureOfPairs(
      {
        id: "start",
        what: `start with ${messages.toLocaleString("en")} messages`,
        against: "reading the files and calling JSON.parse on each line",
        unit: "s",
        goal: atMost(START_GOAL),
      },
      pairs,
    ),
    await memoryPerMessage(root, settings),
  ];
  await rm(root, { recursive: true });
  return figures;
}

async function memoryPerMessage(root: string, settings: Settings): Promise<Figure> {
  const empty = await newFolder(settings, "empty");
  writeDataFolder(empty, { users: USERS, messages: 0, queues: USERS });
  const measured: number[] = [];
  for (let i = 0; i < settings.rounds; i++) {
    const held = await openedFolder(root);
    measured.push((held.heldBytes - (await openedFolder(empty)).heldBytes) / held.messages);
  }
  const goal = atMost(MEMORY_GOAL_BYTES);
  return figureAlone({ id: "memory", what: "memory per stored message", unit: "bytes", goal }, measured);
}

export async function openedFolder(root: string, task?: "compact"): Promise<OpenedFolder> {
  return JSON.parse(await runScript("open-folder.ts", [root, ...(task === undefined ? [] : [task])], ["--expose-gc"]));
}

export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return (performance.now() - begin) / 1000;
}
