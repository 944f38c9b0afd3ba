/**
 * Runs the check against the second server with one bug at a time, and says which case notices each bug. Its copy of
 * the server, its data and its port are new for each bug, and server.py itself stays as it is.
 *
 *     node check/second-server/try-bugs.ts                      all bugs of bugs/
 *     node check/second-server/try-bugs.ts NAME other.json      some of them, or those of another file
 */
import { globSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { changed } from "../broken/broken-server.ts";
import { freePort } from "../node/free-port.ts";
import { httpExchange } from "../node/http-exchange.ts";
import { CannotStart, ServerUnderTest } from "../node/server-under-test.ts";
import { failuresIn, runCheck } from "../run-check.ts";
import { loadStages } from "../stages.ts";

interface Bug {
  name: string;
  /** What the server does wrong, in a sentence. */
  bug: string;
  /** The sentence of docs/spec.md that it breaks. */
  spec: string;
  changes: { file: string; find: string[]; replace: string[] }[];
}

const SERVER = "check/second-server/server.py";
const SECRET = "river-candle-orbit-maple";
/** The servers mostly wait for the disk or for time to pass, so several run at once. */
const AT_ONCE = 4;

const source = await readFile(join(import.meta.dirname, "server.py"), "utf8");
const stages = loadStages();
const folder = await mkdtemp(join(tmpdir(), "plainchat-second-server-"));

/** @returns the case that failed first, with what was wrong, or undefined if the check passed. */
async function firstFailure(bug: Bug): Promise<string | undefined> {
  const root = join(folder, bug.name);
  await mkdir(join(root, "users"), { recursive: true });
  await writeFile(join(root, "users", "secret.dat"), SECRET);
  const file = join(root, "server.py");
  await writeFile(file, bug.changes.reduce(changed, source));
  const url = `http://127.0.0.1:${await freePort()}`;
  const server = new ServerUnderTest(`python3 "${file}" --root "${root}" --port ${new URL(url).port}`, url);
  try {
    await server.start();
    const report = await runCheck({
      surroundings: {
        url,
        secret: SECRET,
        profile: "full",
        patienceMilliseconds: 5000,
        exchange: httpExchange,
        restart: () => server.restart(),
      },
      stages,
      all: false,
    });
    const [failed] = failuresIn(report);
    return failed && `${failed.case.id}: ${failed.failure?.mistakes[0] ?? failed.failure?.noReply ?? ""}`;
  } finally {
    await server.kill();
    await rm(root, { recursive: true, force: true });
  }
}

const args = process.argv.slice(2);
const files = args.filter((arg) => arg.endsWith(".json"));
const names = args.filter((arg) => !arg.endsWith(".json"));
const bugs: Bug[] = [];
for (const file of files.length > 0 ? files : globSync(join(import.meta.dirname, "bugs", "*.json")).sort()) {
  bugs.push(...JSON.parse(await readFile(file, "utf8")).servers);
}
const wanted = names.length > 0 ? bugs.filter(({ name }) => names.includes(name)) : bugs;
if (new Set(bugs.map(({ name }) => name)).size < bugs.length) throw new Error("two bugs have the same name");
for (const { name, changes } of wanted) {
  if (changes.some(({ file }) => file !== SERVER)) throw new Error(`${name} changes another file than ${SERVER}`);
  changes.reduce(changed, source);
}

const missed: string[] = [];
let unknown = 0;
const waiting = [...wanted];
async function tryNext(): Promise<void> {
  for (let bug = waiting.shift(); bug !== undefined; bug = waiting.shift()) {
    try {
      const failure = await firstFailure(bug);
      if (failure === undefined) missed.push(bug.name);
      console.log(`${bug.name.padEnd(50)} ${failure ?? "NOT CAUGHT"}`);
    } catch (error) {
      // One bug must not keep the others from being tried.
      unknown++;
      const what = error instanceof CannotStart ? "CANNOT START" : "THE CHECK ITSELF FAILED";
      console.log(`${bug.name.padEnd(50)} ${what}: ${error}`);
    }
  }
}
await Promise.all(Array.from({ length: AT_ONCE }, tryNext));
await rm(folder, { recursive: true, force: true });
console.log(`\n${wanted.length} bugs: ${wanted.length - missed.length - unknown} caught, ${missed.length} not caught`);
if (unknown > 0) console.log(`${unknown} could not be tried to the end.`);
