/**
 * What the steps and explain cost: publishing with a server as it is, with the same one whose steps are compiled away,
 * and with `Explain: 1` on every request. bench/run.ts calls it.
 */
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type MeasuredServer, type Measurement, measure, startMeasured, stopMeasured } from "./processes.ts";
import { messagesInTurn, rawRequest, registerUsers } from "./requests.ts";
import { median, spread } from "./statistics.ts";

const WARM_UP_SECONDS = 2;
const GOAL = 0.98;
const repository = join(import.meta.dirname, "..");

export async function compareExplain(
  folder: string,
  { pairs, seconds, connections }: { pairs: number; seconds: number; connections: number },
): Promise<void> {
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
    // Each of them is first, second and last equally often: what went before leaves the machine warm, or the disk busy.
    for (let turn = 0; turn < sides.length; turn++) {
      const number = (round + turn) % sides.length;
      const side = sides[number];
      if (side !== undefined) measured[number] = await run(side, seconds);
    }
    rounds.push(measured);
  }
  for (const { server } of sides) await stopMeasured(server);

  console.log(
    `\npublish, ${connections} connections, ${pairs} rounds of ${seconds} s in turn, medians; goal: ${GOAL}\n`,
  );
  console.log("| server | requests/s | ratio (spread) | µs CPU a request | ratio |");
  console.log("|---|---|---|---|---|");
  for (const [i, { server }] of sides.entries()) {
    const rates = rounds.map((round) => (round[i]?.requestsPerSecond ?? 0) / (round[0]?.requestsPerSecond ?? 1));
    const cpu = (round: Measurement[], side: number) => round[side]?.microsecondsPerRequest ?? Number.NaN;
    const columns = [
      server.name,
      median(rounds.map((round) => round[i]?.requestsPerSecond ?? 0)).toFixed(0),
      `${median(rates).toFixed(3)} (${spread(rates)})`,
      median(rounds.map((round) => cpu(round, i))).toFixed(1),
      median(rounds.map((round) => cpu(round, 0) / cpu(round, i))).toFixed(3),
    ];
    console.log(`| ${columns.join(" | ")} |`);
  }
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

/** Makes a copy of the server that never says at which step it is, and cannot explain. @returns its program. */
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
  if (changed === source) throw new Error(`There is nothing to compile away in ${path}`);
  await writeFile(path, changed);
}
