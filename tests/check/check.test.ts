/**
 * plainchat check, as somebody uses it whose own server is not right yet.
 */
import assert from "node:assert/strict";
import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { EXIT } from "../../cli/cli-error.ts";
import { atEnd } from "../../testing/at-end.ts";
import { freePort } from "../../testing/free-port.ts";
import { startInTerminal } from "../../testing/pseudo-terminal.ts";
import { startServer } from "../../testing/start-server.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";

const REPOSITORY = join(import.meta.dirname, "..", "..");
/** Where the bodies for the curl lines go. */
const CACHE = await mkdtemp(join(tmpdir(), "plainchat-test-"));
after(() => rm(CACHE, { recursive: true }));
const MAIN = join(REPOSITORY, "cli/main.ts");

function check(...given: (string | NodeJS.ProcessEnv)[]): Promise<{ exitCode: number; out: string; error: string }> {
  const options = given.filter((each) => typeof each === "string");
  const environment = given.find((each) => typeof each === "object");
  return new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: "1", XDG_CACHE_HOME: CACHE, ...environment };
    const child = execFile(
      process.execPath,
      [MAIN, "check", ...options],
      { env, timeout: 60_000 },
      (failure, out, error) => {
        resolve({ exitCode: failure === null ? 0 : Number(failure.code), out, error });
      },
    );
    child.stdin?.end();
  });
}

/** A server with a bug of check/broken. */
async function broken(t: TestContext, bug: string) {
  const root = await temporaryFolder(t);
  const change = ["--import", join(REPOSITORY, "check/broken/break.ts")];
  return startServer(t, root, { PLAINCHAT_BROKEN: bug, NODE_OPTIONS: change.join(" ") });
}

test("the first failure is shown whole, as docs/check.md has it, and its curl line works", async (t) => {
  const server = await broken(t, "takes-any-token");
  const { exitCode, out } = await check(server.origin, "--secret", server.secret);
  assert.equal(exitCode, EXIT.failed);
  const [, shown = ""] =
    /```\n(http[\s\S]*?\n)```/.exec(await readFile(join(REPOSITORY, "docs/check.md"), "utf8")) ?? [];
  const comparable = (text: string) =>
    text
      .replace(/http:\/\/127\.0\.0\.1:\d+/g, "ORIGIN")
      .replace(/@.*?\/plainchat\/check\//, "@FOLDER/")
      .replace(/"(myId|userId)":\d+/g, '"$1":ID')
      .replace(/"myAuth":"[^"]{32}"/, '"myAuth":"TOKEN"')
      .replace(/grace-\w+/, "grace-HANDLE");
  assert.equal(comparable(out), comparable(shown));
  const curl = /^ {4}(curl .*)$/m.exec(out)?.[1] ?? assert.fail("there is no line for curl");
  assert.match(
    execFileSync("sh", ["-c", `${curl} -s`], { encoding: "utf8" }),
    /^HTTP\/1\.1 200 OK\r\n[\s\S]*"userId":\d+/,
  );
});

test("--all shows every failure, --stage only one stage, --json and --junit are for programs", async (t) => {
  const server = await broken(t, "takes-any-token");
  const secret = ["--secret", server.secret];
  const folder = await temporaryFolder(t);
  const all = await check(
    server.origin,
    ...secret,
    "--all",
    "--stage",
    "2",
    "--json",
    "--junit",
    join(folder, "report.xml"),
  );
  assert.equal(all.exitCode, EXIT.failed);
  const report = JSON.parse(all.out);
  assert.deepEqual(
    report.failures.map(({ id }: { id: string }) => id),
    ["register.get-other-token", "look-up-part-of-token", "look-up-order"],
  );
  assert.equal(report.waiting, 0);
  const xml = await readFile(join(folder, "report.xml"), "utf8");
  assert.equal(xml.match(/<testcase /g)?.length, report.passed + report.failed);
  assert.equal(xml.match(/<failure /g)?.length, report.failed);
  const right = await check(server.origin, ...secret, "--stage", "1");
  assert.equal(right.exitCode, 0, right.out);
  assert.match(right.out, /✓ All \d+ checks passed\.\n$/);
});

test("a literal server passes the profile seed, with --start, and what is left open is said", async (t) => {
  const [root, port] = [await temporaryFolder(t), await freePort()];
  const command = `"${process.execPath}" "${join(REPOSITORY, "check/literal/seed-server.ts")}" "${root}" ${port}`;
  const secret = ["--secret", "river-candle-orbit-maple"];
  const seed = await check(`:${port}`, ...secret, "--profile", "seed", "--start", command);
  assert.equal(seed.exitCode, 0, seed.out);
  assert.match(seed.out, /What the seed leaves open:\n {2}Where `myId` or `myAuth` is missing/);
  const full = await check(`:${port}`, ...secret, "--start", command);
  assert.equal(full.exitCode, EXIT.failed);
});

test("no server, a command that starts none, and a port that is taken are each said in a sentence", async (t) => {
  const port = await freePort();
  const secret = ["--secret", "river-candle-orbit-maple"];
  const away = await check(`:${port}`, ...secret);
  assert.equal(away.exitCode, EXIT.unreachable);
  assert.match(away.out, new RegExp(`Nothing listens at 127\\.0\\.0\\.1:${port}\\. Is your server running`));
  const ends = await check(`:${port}`, ...secret, "--start", "echo no such module >&2; exit 3");
  assert.equal(ends.exitCode, EXIT.unreachable);
  assert.match(ends.error, /^plainchat: It ended before it listened: echo[\s\S]*no such module\n$/);
  const server = createServer().listen(port, "127.0.0.1");
  atEnd(t, () => server.close());
  await once(server, "listening");
  assert.match((await check(`:${port}`, ...secret, "--start", "true")).error, /Something listens at .* already/);
  assert.equal((await check(`:${port}`, "--stage", "9", ...secret)).exitCode, EXIT.usage);
  assert.equal((await check(`:${port}`, "--profile", "seeds", ...secret)).exitCode, EXIT.usage);
});

test("a server that ends in the middle is told so, with the request that did it", async (t) => {
  const server = createServer((request, response) => {
    if (request.url === "/") {
      response.end("hello");
      return;
    }
    server.close();
    request.socket.destroy();
  }).listen(0, "127.0.0.1");
  atEnd(t, () => server.close());
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const { out, exitCode } = await check(`:${port}`, "--secret", "river-candle-orbit-maple");
  assert.equal(exitCode, EXIT.failed);
  assert.match(out, /It closed the connection without an answer\. If it has crashed, it has printed why\./);
});

test("what a server has printed is shown, with what to look at first, in the folder that one is in", async (t) => {
  const [folder, port] = [await temporaryFolder(t), await freePort()];
  const server = `
    const { createServer } = require("node:http");
    createServer((request, response) => {
      if (request.url === "/") return response.end("hello");
      response.writeHead(403);
      response.end("{'secret': 'wrong'}");
      console.error("Somebody came to " + request.url);
    }).listen(${port}, "127.0.0.1");`;
  await writeFile(join(folder, "server.cjs"), server);
  const secret = ["--secret", "river-candle-orbit-maple"];
  const start = ["--start", `"${process.execPath}" server.cjs`];
  const { out, exitCode } = await check(`:${port}`, ...secret, ...start, { INIT_CWD: folder });
  assert.equal(exitCode, EXIT.failed);
  assert.match(out, /Your server printed last:\n(?: {2}.*\n)* {2}Somebody came to \/api\/v1\/register/);
  assert.match(out, /Look first: Your server refuses the class secret\. Is the one that you gave with --secret/);
  assert.match(out, /Start your server before: the check has stopped it\./);
  const junit = await check(`:${port}`, ...secret, ...start, "--junit", folder, { INIT_CWD: folder });
  assert.match(junit.out, /Your server printed last/);
  assert.match(junit.error, /^plainchat: .* cannot be written: EISDIR.*\n$/);
  const watched = await check(`:${port}`, ...secret, ...start, "--watch", { INIT_CWD: folder });
  assert.equal(watched.exitCode, EXIT.failed, "without a terminal there is nothing to wait for");
});

test("where nothing can be written the report comes all the same, without a line for curl", async (t) => {
  const server = await broken(t, "takes-any-token");
  const nowhere = join(await temporaryFolder(t), "file");
  await writeFile(nowhere, "no folder can be made below a file");
  const environment = { XDG_CACHE_HOME: nowhere, TMPDIR: nowhere };
  const { exitCode, out } = await check(server.origin, "--secret", server.secret, environment);
  assert.equal(exitCode, EXIT.failed);
  assert.match(out, /✗ GET \/api\/v1\/register: the token of somebody else is a 403/);
  assert.doesNotMatch(out, /curl/);
});

test("what is typed wrongly is said before anything is sent", async () => {
  const cases: [options: string[], sentence: RegExp][] = [
    [[":8000", "--secret", "short"], /A class secret has 12 characters or more/],
    [[":8000/api/v1", "--secret", "river-candle-orbit-maple"], /Leave the path out/],
    [["http://127.0.0.1:8000/api/v1/register", "--secret", "river-candle-orbit-maple"], /Leave the path out/],
    [[":99999", "--secret", "river-candle-orbit-maple"], /ports end at 65535/],
  ];
  for (const [options, sentence] of cases) {
    const { exitCode, error } = await check(...options);
    assert.equal(exitCode, EXIT.usage);
    assert.match(error, sentence);
  }
});

test("--watch runs again when the server has come back, and when Enter is pressed", async (t) => {
  const [root, port] = [await temporaryFolder(t), await freePort()];
  const seedServer = join(REPOSITORY, "check/literal/seed-server.ts");
  const start = async () => {
    const child = spawn(process.execPath, [seedServer, root, String(port)], { stdio: "ignore" });
    atEnd(t, () => child.kill("SIGKILL"));
    return child;
  };
  const first = await start();
  const options = ["--secret", "river-candle-orbit-maple", "--profile", "seed", "--watch"];
  const terminal = startInTerminal(t, [process.execPath, MAIN, "check", `:${port}`, ...options], { NO_COLOR: "1" });
  const waits = (times: number) => (screen: string[]) =>
    screen.filter((line) => line.startsWith("Waiting: for your server")).length === times;
  await terminal.until(waits(1), "it has checked, and waits");
  first.kill("SIGKILL");
  await terminal.until((screen) => screen.at(-1) === "Your server is away.", "it has noticed");
  await start();
  await terminal.until(waits(2), "it has checked again");
  terminal.type("\r");
  await terminal.until(waits(3), "it has checked once more");
});
