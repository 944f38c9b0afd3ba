/**
 * What holds for the server on files must hold on PostgreSQL, too: the whole check, also when each request goes to
 * another one of two servers; the tests of the API; and who may do what.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import postgres from "postgres";
import { checkServer, firstFailureIn } from "../../check/node/check-server.ts";
import { countIn } from "../../check/run-check.ts";
import { openDatabase } from "../../server/store/postgres/open-database.ts";
import type { TestDatabase } from "../../testing/database.ts";
import { tryTable } from "../access/access.ts";
import { readTable } from "../access/table.ts";
import type { Proof } from "../proof.ts";
import { startCluster } from "./cluster.ts";

const REPOSITORY = join(import.meta.dirname, "..", "..");
const MAIN = join(REPOSITORY, "server/main.ts");
const TWO_SERVERS = join(import.meta.dirname, "two-servers.ts");
/** The quick part runs only the stage in which one request hears of another one. */
const QUICK_STAGE = 8;
/** Tests of the whole program that do not look into the data folder. */
const TESTS = [
  "api",
  "edge",
  "stream",
  "reading",
  "early-replies",
  "unreadable-requests",
  "client",
  "guessing",
  "class/archives",
];
/** Tests in these files that write into the data folder, or need class mode. */
const OTHER_TESTS = ["curl line for a client that sent nothing", "/readyz says why nobody", "line of the journal"];

export const database: Proof = {
  name: "database",
  promise: "on PostgreSQL the server does what it does on files, also when requests go to two servers in turn",
  async prove({ size, ending, log }) {
    const cluster = await startCluster(ending);
    const only = size === "quick" ? QUICK_STAGE : undefined;
    const two = await passedCases(cluster, only, (address, port) => `"${TWO_SERVERS}" ${address} ${port}`);
    log(`two servers passed ${two} cases of the check`);
    if (size === "quick") return `${two} cases of the check passed on two servers`;

    const one = await passedCases(cluster, only, (address, port) => `"${MAIN}" --store ${address} --port ${port}`);
    log(`one server passed ${one} cases of the check`);
    const tests = await passedTests();
    log(`${tests} tests of the API passed`);
    const rows = readTable();
    const { wrong, tries } = await tryTable({ rows, isClass: false, size, ending, database: await cluster.create() });
    assert.deepEqual(wrong, []);
    return (
      `${one} cases of the check passed on one server and ${two} on two; ${tests} tests of the API; ` +
      `${tries} cells of docs/access.md`
    );
  },
};

async function passedCases(
  cluster: TestDatabase,
  only: number | undefined,
  program: (address: string, port: string) => string,
): Promise<number> {
  const address = await cluster.create();
  const report = await checkServer({
    async command(root, port) {
      await setSecret(address, await readFile(join(root, "users", "secret.dat"), "utf8"));
      return `"${process.execPath}" ${program(address, port)}`;
    },
    environment: { PLAINCHAT_NO_LOCAL_NAME: "1" },
    only,
  });
  assert.equal(firstFailureIn(report), undefined);
  const passed = countIn(report, "passed");
  assert.ok(passed > (only === undefined ? 300 : 8), `only ${passed} cases were asked`);
  return passed;
}

/** The check has chosen the class secret. */
async function setSecret(address: string, text: string): Promise<void> {
  const nothing = () => {};
  const store = await openDatabase({ address, now: Date.now, report: nothing, onEvent: nothing, onTokenEnd: nothing });
  await store.close();
  const sql = postgres(address, { max: 1 });
  await sql`update secret set text = ${text}`;
  await sql.end();
}

async function passedTests(): Promise<number> {
  const files = TESTS.map((name) => join(REPOSITORY, "tests", `${name}.test.ts`));
  const skipped = OTHER_TESTS.map((name) => `--test-skip-pattern=${name}`);
  const flags = ["--test", "--test-reporter=tap", "--test-concurrency=1", ...skipped];
  const child = spawn(process.execPath, [...flags, ...files], {
    cwd: REPOSITORY,
    // Without this, a runner inside of a test would report to that one.
    env: { ...process.env, PLAINCHAT_TEST_DATABASE: "1", NODE_TEST_CONTEXT: undefined },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const [code] = await once(child, "close");
  assert.equal(
    code,
    0,
    said
      .split("\n")
      .filter((line) => line.trim().startsWith("not ok"))
      .join("\n"),
  );
  return Number(/^# pass (\d+)$/m.exec(said)?.[1]);
}
