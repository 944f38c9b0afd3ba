/**
 * Runs the check against the second server with one bug at a time, and says which case notices each bug. For all bugs,
 * that takes half an hour. `npm run prove -- check` does it, too.
 *
 *     node check/second-server/try-bugs.ts                      all bugs of bugs/
 *     node check/second-server/try-bugs.ts NAME other.json      some of them, or those of another file
 */
import { CannotStart } from "../node/server-under-test.ts";
import { loadStages } from "../stages.ts";
import { firstFailure, readBugs } from "./second-server.ts";

/** The servers mostly wait for the disk or for time to pass, so several run at once. */
const AT_ONCE = 4;

const stages = loadStages();
const args = process.argv.slice(2);
const files = args.filter((arg) => arg.endsWith(".json"));
const names = args.filter((arg) => !arg.endsWith(".json"));
const bugs = files.length > 0 ? readBugs(files) : readBugs();
const wanted = names.length > 0 ? bugs.filter(({ name }) => names.includes(name)) : bugs;

const missed: string[] = [];
let unknown = 0;
const waiting = [...wanted];
async function tryNext(): Promise<void> {
  for (let bug = waiting.shift(); bug !== undefined; bug = waiting.shift()) {
    try {
      const failure = await firstFailure(bug, stages);
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
console.log(`\n${wanted.length} bugs: ${wanted.length - missed.length - unknown} caught, ${missed.length} not caught`);
if (unknown > 0) console.log(`${unknown} could not be tried to the end.`);
