/**
 * Measures what grows with the number of messages or users, and what does not: requests, the start, memory and
 * compaction, at powers of ten. bench/run.ts calls it, and the plots show the results.
 */
import { rm } from "node:fs/promises";
import { writeDataFolder } from "../folders/data-folder.ts";
import { residentKib, stopMeasured } from "../load/processes.ts";
import { USERS, type User } from "../load/requests.ts";
import { type CaseName, MESSAGES_ON_A_PAGE, underLoad } from "../peers/peer.ts";
import { requestsOf } from "../peers/seed-speakers.ts";
import { median } from "../report/statistics.ts";
import { newFolder, type Settings } from "../settings.ts";
import { openedFolder, startIn } from "./big-folders.ts";

/** The results at one size: requests per second for each case, seconds, and MiB of the whole process. */
type GrowthPoint = { count: number; start: number; memory: number; compaction?: number } & Record<CaseName, number>;

export interface Growth {
  messages: GrowthPoint[];
  users: GrowthPoint[];
}

/**
 * What a folder contains. `count` is the size that grows; the rest is chosen so that every page that is read is full.
 */
interface Size {
  count: number;
  users: number;
  messages: number;
  queues: number;
}

const USER_COUNTS = [10, 1000, 100_000];
const MESSAGES_WITH_USERS = 50_000;
const MOST_QUEUES = MESSAGES_WITH_USERS / MESSAGES_ON_A_PAGE;

export async function measureGrowth(settings: Settings): Promise<Growth> {
  const messages: GrowthPoint[] = [];
  for (let count = 100; count <= settings.messages; count *= 10) {
    const queues = Math.min(USERS, count / MESSAGES_ON_A_PAGE);
    const size = { count, users: USERS, messages: count, queues };
    messages.push({ ...(await medianPoint(settings, size)), compaction: await compactionSeconds(settings, size) });
    console.log(shown("messages", messages.at(-1)));
  }
  const users: GrowthPoint[] = [];
  // A trial with few messages also has few users.
  for (const count of USER_COUNTS.filter((each) => each <= settings.messages)) {
    const size = { count, users: count, messages: MESSAGES_WITH_USERS, queues: Math.min(count, MOST_QUEUES) };
    users.push(await medianPoint(settings, size));
    console.log(shown("users", users.at(-1)));
  }
  return { messages, users };
}

function shown(what: string, point: GrowthPoint | undefined): string {
  if (point === undefined) return "";
  const { count, ...rest } = point;
  const figures = Object.entries(rest).map(([name, value]) => `${name} ${value.toPrecision(3)}`);
  return `${count.toLocaleString("en")} ${what}: ${figures.join(", ")}`;
}

async function medianPoint(settings: Settings, size: Size): Promise<GrowthPoint> {
  const points: GrowthPoint[] = [];
  for (let round = 0; round < settings.rounds; round++) {
    const root = await newFolder(settings, `growth-${size.count}`);
    const owners = writeDataFolder(root, size);
    points.push(await measurePoint(settings, size.count, root, owners));
    await rm(root, { recursive: true });
  }
  const of = (name: "start" | "memory" | CaseName) => median(points.map((point) => point[name]));
  const cases = { publish: of("publish"), page: of("page"), lookup: of("lookup") };
  return { count: size.count, ...cases, start: of("start"), memory: of("memory") };
}

async function measurePoint(settings: Settings, count: number, root: string, owners: User[]): Promise<GrowthPoint> {
  const { connections, seconds, warmUpSeconds } = settings;
  // The first start reads the files from the disk, later ones from memory. Only a later start is measured.
  await stopMeasured(await startIn(root));
  const begin = performance.now();
  const server = await startIn(root);
  const start = (performance.now() - begin) / 1000;
  const point: GrowthPoint = { count, start, memory: residentKib(server) / 1024, publish: 0, page: 0, lookup: 0 };
  // Publishing comes last, because it makes the queues longer.
  for (const caseName of ["page", "lookup", "publish"] as const) {
    const running = await underLoad(server, requestsOf(caseName, owners), root);
    await running.measure({ connections, seconds: warmUpSeconds });
    point[caseName] = (await running.measure({ connections, seconds })).requestsPerSecond;
  }
  await stopMeasured(server);
  return point;
}

/** How long compaction takes to rewrite a folder in which half of the messages are deleted. */
async function compactionSeconds(settings: Settings, size: Size): Promise<number> {
  const seconds: number[] = [];
  for (let round = 0; round < settings.rounds; round++) {
    const root = await newFolder(settings, `compaction-${size.count}`);
    writeDataFolder(root, { ...size, halfDeleted: true });
    seconds.push((await openedFolder(root, "compact")).compactionSeconds ?? Number.NaN);
    await rm(root, { recursive: true });
  }
  return median(seconds);
}
