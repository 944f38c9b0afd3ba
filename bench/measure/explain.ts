/**
 * Measures what the steps and explain cost. It publishes to three servers: one as it is, a copy with the steps taken
 * out of its source, and one that gets `Explain: 1` with every request. bench/run.ts calls it.
 */
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type MeasuredServer, type Measurement, measure, startMeasured, stopMeasured } from "../load/processes.ts";
import { messagesInTurn, rawRequest, registerUsers } from "../load/requests.ts";
import { atLeast, type Figure, figureOfPairs } from "../report/figure.ts";

const WARM_UP_SECONDS = 2;
const GOAL = 0.98;
const repository = join(import.meta.dirname, "..", "..");

export async function compareExplain(
  folder: string,
  { pairs, seconds, connections }: { pairs: number; seconds: number; connections: number },
): Promise<Figure[]> {
  const withoutSteps = await compileStepsAway(join(folder, "without-steps"));
  const sides = [
    await startSide("without steps", withoutSteps, folder),
    await startSide("as it is", join(repository, "server/main.ts"), folder),
    await startSide("with Explain: 1", join(repository, "server/main.ts"), folder, "Explain: 1\r\n"),
  ];
  const run = ({ server, requestFile }: Side, duration: number) =>
    measure(server, { seconds: duration, connections, requestFile });
  for (const side of sides) await run(side, WARM_UP_SECONDS);
  const rounds: Measurement[][] = [];
  for (let round = 0; round < pairs; round++) {
    const measured: Measurement[] = [];
    // Each server comes first, second and last equally often: the previous one leaves the machine warm, or the disk
    // busy.
    for (let turn = 0; turn < sides.length; turn++) {
      const number = (round + turn) % sides.length;
      const side = sides[number];
      if (side !== undefined) measured[number] = await run(side, seconds);
    }
    rounds.push(measured);
  }
  for (const { server } of sides) await stopMeasured(server);

  const [, asItIs, explained] = sides.map((_, side) => {
    const of = (read: (measurement: Measurement) => number) =>
      rounds.map((round) => ({ ours: readOf(round[side], read), theirs: readOf(round[0], read) }));
    return { rate: of((each) => each.requestsPerSecond), cpu: of((each) => each.microsecondsPerRequest ?? Number.NaN) };
  });
  if (asItIs === undefined || explained === undefined) return [];
  const against = "the same server without steps";
  const rate = { against, unit: "/s" };
  const cpu = { against, unit: "µs" };
  const goal = atLeast(GOAL);
  return [
    figureOfPairs({ id: "steps", what: "publish with steps, requests a second", ...rate, goal }, asItIs.rate),
    figureOfPairs({ id: "steps-cpu", what: "publish with steps, processor time", ...cpu }, asItIs.cpu, "theirs / ours"),
    figureOfPairs({ id: "explain", what: "publish with `Explain: 1`, requests a second", ...rate }, explained.rate),
    figureOfPairs(
      { id: "explain-cpu", what: "publish with `Explain: 1`, processor time", ...cpu },
      explained.cpu,
      "theirs / ours",
    ),
  ];
}

function readOf(measurement: Measurement | undefined, read: (measurement: Measurement) => number): number {
  return measurement === undefined ? Number.NaN : read(measurement);
}

interface Side {
  server: MeasuredServer;
  requestFile: string;
}

async function startSide(name: string, main: string, folder: string, headers = ""): Promise<Side> {
  const data = join(folder, `explain-${name.replace(/\W+/g, "-")}`);
  const server = await startMeasured(
    name,
    [main, "--root", data, "--port", "0"],
    /"address":"http:\/\/127.0.0.1:(\d+)"/,
  );
  const bodies = messagesInTurn(await registerUsers(server, data));
  const requests = bodies.map((body) => rawRequest("POST", "/api/v1/chat", JSON.stringify(body), headers));
  const requestFile = `${data}.json`;
  await writeFile(requestFile, JSON.stringify(requests));
  return { server, requestFile };
}

/** Makes a copy of the server that does not record its steps and cannot explain. @returns the path of its main.ts. */
async function compileStepsAway(target: string): Promise<string> {
  await cp(join(repository, "server"), join(target, "server"), { recursive: true });
  await cp(join(repository, "package.json"), join(target, "package.json"));
  await replaceIn(join(target, "server/operations/publish-message.ts"), /call\.step = "[^"]+";/g, "");
  await replaceIn(
    join(target, "server/http/answer.ts"),
    /isToExplain\(request, explain\) \?[^:]*: undefined/g,
    "undefined",
  );
  return join(target, "server/main.ts");
}

async function replaceIn(path: string, found: RegExp, replacement: string): Promise<void> {
  const source = await readFile(path, "utf8");
  const changed = source.replace(found, replacement);
  if (changed === source) throw new Error(`There is nothing to replace in ${path}`);
  await writeFile(path, changed);
}
