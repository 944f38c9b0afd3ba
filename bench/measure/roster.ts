/**
 * Measures a class of forty that works while the teacher's page is open: what the page costs the server, and how long it
 * takes until all pupils hear of what the teacher does. It prints its figures and saves none: they have no peer to be
 * compared with. bench/run.ts calls it.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import { TeacherClient } from "../../client/teacher-client.ts";
import type { ChatEvent } from "../../client/types.ts";
import { type MeasuredServer, processorSeconds, startMeasured, stopMeasured } from "../load/processes.ts";
import { median, quantile } from "../report/statistics.ts";

const PUPILS = 40;
const WORK_MILLISECONDS = 2_000;
/** As the teacher's page does while it is seen. */
const REFRESH_MILLISECONDS = 1_000;
const SECONDS = 10;
const ROUNDS = 3;
const ACTS = 240;

type Hearing = (event: ChatEvent) => boolean;

interface Pupil {
  client: PlainchatClient;
  userId: number;
  /** Called with each event of the stream, until it returns true. */
  hearing: { isIt: Hearing; done: () => void } | undefined;
}

export async function measureRoster(folder: string): Promise<void> {
  const root = join(folder, "roster");
  const server = await startMeasured(
    "plainchat",
    ["server/main.ts", "--root", root, "--port", "0"],
    /"address":"http:\/\/127.0.0.1:(\d+)"/,
    { PLAINCHAT_CLASS: "1", PLAINCHAT_HOST: "127.0.0.1" },
  );
  const stopping = new AbortController();
  try {
    const url = `http://127.0.0.1:${server.port}`;
    const { teacher: teacherKey } = JSON.parse(await readFile(join(root, "class", "keys.json"), "utf8"));
    const teacher = new TeacherClient(url, { teacherKey });
    await teacher.becomeTeacher({ userHandle: "ms-hopper" });
    const pupils = await gather(
      url,
      (await readFile(join(root, "users", "secret.dat"), "utf8")).trim(),
      stopping.signal,
    );
    await compareCost(server, url, teacherKey, pupils);
    await measureActs(teacher, pupils);
  } finally {
    stopping.abort();
    await stopMeasured(server);
  }
}

/** All of them listen, and each sends a request every two seconds. */
async function gather(url: string, secret: string, signal: AbortSignal): Promise<Pupil[]> {
  const pupils: Pupil[] = [];
  for (let i = 0; i < PUPILS; i++) {
    const client = new PlainchatClient(url);
    const { userId } = await client.registerUser({ secret, userHandle: `pupil-${i}` });
    const pupil: Pupil = { client, userId, hearing: undefined };
    pupils.push(pupil);
    await new Promise<void>((resolve) => {
      void listen(pupil, signal, resolve);
    });
    void work(client, `pupil-${i === 0 ? 0 : i - 1}`, signal);
  }
  return pupils;
}

async function listen(pupil: Pupil, signal: AbortSignal, onOpen: () => void): Promise<void> {
  for await (const event of pupil.client.listen({ signal, onConnection: onOpen })) {
    if (pupil.hearing?.isIt(event) === true) pupil.hearing.done();
  }
}

async function work(client: PlainchatClient, userHandle: string, signal: AbortSignal): Promise<void> {
  await setTimeout(Math.random() * WORK_MILLISECONDS);
  while (!signal.aborted) {
    // While the teacher has paused the class, the server refuses it: that is work for it, too.
    await client.publishMessage({ userHandle, message: "I am working" }, { signal }).catch(() => {});
    await setTimeout(WORK_MILLISECONDS, undefined, { signal }).catch(() => {});
  }
}

async function compareCost(server: MeasuredServer, url: string, teacherKey: string, pupils: Pupil[]): Promise<void> {
  const more: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const without = await coresOf(server);
    const page = new AbortController();
    openPage(url, teacherKey, page.signal);
    const withPage = await coresOf(server);
    page.abort();
    more.push(withPage - without);
    console.log(`${percent(without)} of a core without the teacher's page, ${percent(withPage)} with it`);
  }
  console.log(
    `${pupils.length} pupils: the teacher's page costs ${percent(median(more))} of a core more (wanted: 5 %)`,
  );
}

function openPage(url: string, teacherKey: string, signal: AbortSignal): void {
  const teacher = new TeacherClient(url, { teacherKey });
  const everybody = new PlainchatClient(url);
  const watch = async () => {
    for await (const _ of everybody.watchRequests({ signal, teacherKey }));
  };
  const refresh = async () => {
    while (!signal.aborted) {
      await Promise.all([teacher.listPupils(), everybody.readClass()]);
      await setTimeout(REFRESH_MILLISECONDS, undefined, { signal }).catch(() => {});
    }
  };
  void watch();
  void refresh();
}

async function coresOf(server: MeasuredServer): Promise<number> {
  await setTimeout(1000);
  const before = processorSeconds(server) ?? Number.NaN;
  await setTimeout(SECONDS * 1000);
  return ((processorSeconds(server) ?? Number.NaN) - before) / SECONDS;
}

/** What the teacher does in turn: who must hear of it, and how they see that it is this. */
async function measureActs(teacher: TeacherClient, pupils: Pupil[]): Promise<void> {
  const milliseconds: number[] = [];
  const time = async (concerned: Pupil[], isIt: Hearing, act: () => Promise<unknown>) => {
    const heard = Promise.all(
      concerned.map(
        (pupil) =>
          new Promise<void>((done) => {
            pupil.hearing = { isIt, done };
          }),
      ),
    );
    const began = performance.now();
    await Promise.all([heard, act()]);
    milliseconds.push(performance.now() - began);
  };
  for (let i = 0; milliseconds.length < ACTS; i++) {
    const isPaused = i % 2 === 0;
    await time(
      pupils,
      (event) => event.type === "class" && event.isPaused === isPaused,
      () => teacher.changeClass({ isPaused }),
    );
    const text = `Look at the wall: ${i}`;
    const ids: number[] = [];
    const isText: Hearing = (event) => {
      if (event.type !== "message" || event.message.message !== text) return false;
      ids.push(event.message.messageId);
      return true;
    };
    await time(pupils, isText, () => teacher.writeToAll({ message: text }));
    const one = pupils.slice(i % PUPILS, (i % PUPILS) + 1);
    const userId = one[0]?.userId ?? 0;
    const isMuted = Math.floor(i / PUPILS) % 2 === 0;
    await time(
      one,
      (event) => event.type === "class" && event.isMuted === isMuted,
      () => teacher.changePupil({ userId, isMuted }),
    );
    const [messageId = 0] = ids;
    // Only its recipient listens for it, whoever that is: the others hear nothing.
    const gone = Promise.withResolvers<void>();
    const isGone: Hearing = (event) => event.type === "delete" && event.messageId === messageId;
    for (const pupil of pupils) pupil.hearing = { isIt: isGone, done: gone.resolve };
    const began = performance.now();
    await Promise.all([gone.promise, teacher.takeDownMessage({ messageId })]);
    milliseconds.push(performance.now() - began);
  }
  const at = (part: number) => `${quantile(milliseconds, part).toFixed(1)} ms`;
  console.log(
    `${milliseconds.length} acts until everybody concerned has heard: p50 ${at(0.5)}, p99 ${at(0.99)} (wanted: 500 ms)`,
  );
}

function percent(cores: number): string {
  return `${(cores * 100).toFixed(1)} %`;
}
