/**
 * Tests `plainchat check` as a command: reports, options and exit codes, against the seed server, servers with a bug
 * and servers that are down.
 */
import assert from "node:assert/strict";
import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { freePort } from "../../check/node/free-port.ts";
import { isListening } from "../../check/node/server-under-test.ts";
import { EXIT } from "../../cli/cli-error.ts";
import { atEnd } from "../../testing/at-end.ts";
import { startInTerminal } from "../../testing/pseudo-terminal.ts";
import { startServer } from "../../testing/start-server.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";

const REPOSITORY = join(import.meta.dirname, "..", "..");
/** The folder for the bodies of the curl lines. */
const CACHE = await mkdtemp(join(tmpdir(), "plainchat-test-"));
after(() => rm(CACHE, { recursive: true }));
/** The command, or the one file that `npm run build:check` makes: .ci/run tries that, too, with the computer's own Node. */
const { PLAINCHAT_CHECK } = process.env;
const COMMAND = PLAINCHAT_CHECK === undefined ? [join(REPOSITORY, "cli/main.ts"), "check"] : [resolve(PLAINCHAT_CHECK)];
const NODE = process.env.PLAINCHAT_CHECK_NODE ?? process.execPath;

/** Tests what check.mjs, which has no plainchat beside it, cannot do. */
const besidePlainchat = PLAINCHAT_CHECK === undefined ? test : () => {};

function check(...given: (string | NodeJS.ProcessEnv)[]): Promise<{ exitCode: number; out: string; error: string }> {
  const options = given.filter((each) => typeof each === "string");
  const environment = given.find((each) => typeof each === "object");
  return new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: "1", XDG_CACHE_HOME: CACHE, ...environment };
    const child = execFile(NODE, [...COMMAND, ...options], { env, timeout: 60_000 }, (failure, out, error) => {
      resolve({ exitCode: failure === null ? 0 : Number(failure.code), out, error });
    });
    child.stdin?.end();
  });
}

/** Starts a server with a bug from check/broken. */
async function broken(t: TestContext, bug: string) {
  const root = await temporaryFolder(t);
  const change = ["--import", join(REPOSITORY, "check/broken/break.ts")];
  return startServer(t, root, { PLAINCHAT_BROKEN: bug, NODE_OPTIONS: change.join(" ") });
}

test("the first failure is shown as in docs/guides/check.md, and its curl line works", async (t) => {
  const server = await broken(t, "takes-any-token");
  const { exitCode, out } = await check(server.origin, "--secret", server.secret);
  assert.equal(exitCode, EXIT.failed);
  const [, shown = ""] =
    /```\n(http[\s\S]*?\n)```/.exec(await readFile(join(REPOSITORY, "docs/guides/check.md"), "utf8")) ?? [];
  const comparable = (text: string) =>
    text
      .replace(/http:\/\/127\.0\.0\.1:\d+/g, "ORIGIN")
      .replace(/@.*?\/plainchat\/check\//, "@FOLDER/")
      .replace(/"(myId|userId)":\d+/g, '"$1":ID')
      .replace(/"myAuth":"[^"]{32}"/, '"myAuth":"TOKEN"')
      .replace(/grace-\w+/, "grace-HANDLE");
  assert.equal(comparable(out), comparable(shown));
  const curl = /^ {4}(curl .*)$/m.exec(out)?.[1] ?? assert.fail("there is no curl line");
  assert.match(
    execFileSync("sh", ["-c", `${curl} -s`], { encoding: "utf8" }),
    /^HTTP\/1\.1 200 OK\r\n[\s\S]*"userId":\d+/,
  );
});

test("--all shows every failure, --stage runs one stage, --json and --junit give the same counts", async (t) => {
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
    [
      "register.get-other-token",
      "look-up-part-of-token",
      "look-up-order",
      "look-up-head",
      "look-up-token-characters",
      "look-up-problem",
      "look-up-basic-parts",
    ],
  );
  assert.equal(report.waiting, 0);
  const xml = await readFile(join(folder, "report.xml"), "utf8");
  assert.equal(xml.match(/<testcase /g)?.length, report.passed + report.failed);
  assert.equal(xml.match(/<failure /g)?.length, report.failed);
  const right = await check(server.origin, ...secret, "--stage", "1");
  assert.equal(right.exitCode, 0, right.out);
  assert.match(right.out, /✓ All \d+ checks passed\.\nNext: stage 2, look up \(--stage 2\)\. .*\n$/);
});

test("--case runs one check and stage 0, and says why it cannot run it", async (t) => {
  const server = await broken(t, "takes-any-token");
  const secret = ["--secret", server.secret];
  const failed = await check(server.origin, ...secret, "--case", "register.get-other-token");
  assert.equal(failed.exitCode, EXIT.failed);
  assert.match(
    failed.out,
    /✓ 0 reachable +1 of 1 passed\n· 1 register +not asked for\n✗ 2 look up +0 passed, 1 failed\n/,
  );
  assert.match(failed.out, /\n1 check passed, 1 failed\.\n$/);
  const passed = await check(server.origin, ...secret, "--case", "look-up-nobody", "--json");
  assert.equal(passed.exitCode, 0, passed.out);
  assert.equal(JSON.parse(passed.out).passed, 2);
  const cases: [options: string[], sentence: RegExp][] = [
    [["--case", "look-up-nobdy"], /There is no check "look-up-nobdy"\. Did you mean look-up-nobody\?\n$/],
    [["--case", "Register_Get_Other_Token"], /Did you mean register\.get-other-token\?/],
    [["--case", "other-token"], /Did you mean register\.get-other-token or users\.get-other-token or /],
    [["--case", "xyzzy"], /The report shows the id of each failed check/],
    [["--case", "look-up-nobody", "--stage", "2"], /'--case <id>' cannot be used with option '--stage <n>'/],
    [["--case", "restart-users"], /The check restart-users was not run: needs --start/],
  ];
  for (const [options, sentence] of cases) {
    const { exitCode, error } = await check(server.origin, ...secret, ...options);
    assert.equal(exitCode, EXIT.usage);
    assert.match(error, sentence);
  }
});

besidePlainchat("--explain shows what plainchat does with the request that failed", async (t) => {
  const server = await broken(t, "takes-any-token");
  const options = [server.origin, "--secret", server.secret, "--explain", "--case", "register.get-other-token"];
  const { exitCode, out } = await check(...options);
  assert.equal(exitCode, EXIT.failed);
  const [, after = ""] = out.split("What plainchat does with the same request, from users of its own:\n");
  assert.match(after, /^ {2}GET \/api\/v1\/register\n {2}✓ register\.get\.1\.1 /);
  assert.match(after, /\n {2}✗ register\.get\.3\.1 [^\n]*No: 403\.\n/);
  assert.match(after, /\n {2}It answers: status 403 \{/);
  const { failures } = JSON.parse((await check(...options, "--json")).out);
  assert.equal(failures[0].plainchat.status, 403);
  assert.equal(failures[0].plainchat.trace.operation, "register.get");
});

test("a port alone finds a server that listens only at ::1, and the report says so", async (t) => {
  const server = createServer((_request, response) => response.end("{}")).listen(0, "::1");
  atEnd(t, () => server.close());
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const { out, error } = await check(`:${port}`, "--secret", "river-candle-orbit-maple", "--stage", "0");
  assert.match(out, new RegExp(`^http://\\[::1\\]:${port}, full profile\n`));
  assert.match(error, new RegExp(`^Your server listens at http://\\[::1\\]:${port}, and not at http://127`));
});

test("the literal seed server passes the profile seed, and the report lists what the seed leaves open", async (t) => {
  const [root, port] = [await temporaryFolder(t), await freePort()];
  const command = `"${process.execPath}" "${join(REPOSITORY, "check/literal/seed-server.ts")}" "${root}" ${port}`;
  const secret = ["--secret", "river-candle-orbit-maple"];
  const seed = await check(`:${port}`, ...secret, "--profile", "seed", "--start", command);
  assert.equal(seed.exitCode, 0, seed.out);
  assert.match(seed.out, /\nNext: leave out --profile seed\. .*\n$/);
  assert.match(seed.out, /What the seed leaves open:\n {2}When `myId` or `myAuth` is missing/);
  const full = await check(`:${port}`, ...secret, "--start", command);
  assert.equal(full.exitCode, EXIT.failed);
});

test("without --start, the report names the checks that need it, also in the profile seed", async (t) => {
  const [root, port] = [await temporaryFolder(t), await freePort()];
  const child = spawn(process.execPath, [join(REPOSITORY, "check/literal/seed-server.ts"), root, String(port)]);
  atEnd(t, () => child.kill("SIGKILL"));
  await once(child, "spawn");
  while (!(await isListening(`http://127.0.0.1:${port}`))) await setTimeout(20);
  const options = [`:${port}`, "--secret", "river-candle-orbit-maple", "--profile", "seed"];
  const text = await check(...options);
  assert.equal(text.exitCode, 0, text.out);
  assert.match(text.out, /· 7 restart +needs --start "COMMAND" to restart your server\n/);
  assert.match(
    text.out,
    /\nNot run without --start "COMMAND": restart-known, restart-seed-users, killed-while-registering\.\nNext: stage 7, restart\./,
  );
  const json = JSON.parse((await check(...options, "--json")).out);
  assert.deepEqual(json.stages.at(-2).needsStart, ["restart-known", "restart-seed-users", "killed-while-registering"]);
});

test("--lesson N runs the lessons 1 to N, names what needs --start, and says which lesson comes next", async (t) => {
  const server = await startServer(t, await temporaryFolder(t));
  const given = [server.origin, "--secret", server.secret];
  const six = await check(...given, "--lesson", "6");
  assert.equal(six.exitCode, 0, six.out);
  assert.match(six.out, /✓ 1 Somebody answers +1 of 1 passed\n✓ 2 Words for machines +2 of 2 passed\n/);
  assert.match(
    six.out,
    /\n· 6 Files +2 of 2 passed, 1 not run without --start\n\n✓ All \d+ checks that could be run passed\.\n/,
  );
  assert.match(
    six.out,
    /\nNot run without --start "COMMAND": restart-known\.\nLesson 6 is not passed yet\. Next: add --start "COMMAND" with /,
  );
  const five = await check(...given, "--lesson", "5");
  assert.match(five.out, /\n✓ All \d+ checks passed\.\nNext: lesson 6, Files\. There your server learns to /);
  assert.match(six.out, /^http:\S+, lessons 1 to 6\n/);
  const seed = JSON.parse((await check(...given, "--lesson", "5", "--profile", "seed", "--json")).out);
  assert.deepEqual(
    seed.stages.map(({ lesson, stage, notAsked }: Record<string, unknown>) => [lesson, stage, notAsked]),
    [1, 2, 3, 4, 5].map((lesson) => [lesson, undefined, lesson === 4 ? "not part of the seed" : undefined]),
  );
  for (const [options, sentence] of [
    [["--lesson", "15"], /'--lesson <n>' argument '15' is invalid\. Use a number from 1 to 14\./],
    [["--lesson", "0"], /Use a number from 1 to 14\./],
    [["--lesson", "three"], /argument 'three' is invalid/],
    [["--lesson", "2", "--stage", "1"], /'--lesson <n>' cannot be used with option '--stage <n>'/],
    [["--lesson", "2", "--case", "register"], /'--lesson <n>' cannot be used with option '--case <id>'/],
  ] as const) {
    const { exitCode, error } = await check(...given, ...options);
    assert.equal(exitCode, EXIT.usage);
    assert.match(error, sentence);
  }
});

test("where curl cannot send what the check sent, the report says so", async (t) => {
  // Node refuses a request without Host, but takes two.
  const server = createServer((_, response) => {
    response.setHeader("content-type", "application/json").end('{"userId":1,"authToken":"everybody-gets-this"}');
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(t, () => void server.close());
  const { out } = await check(
    `:${(server.address() as AddressInfo).port}`,
    "--case",
    "host",
    "--secret",
    "river-candle-orbit-maple",
  );
  assert.match(out, /\(host\)/);
  assert.match(out, /The check sent two Host headers\. curl cannot: it sends one with both names in it\./);
});

test("without --secret, a lesson has the class secret of the course, and a server of lesson 3 has no handles that are taken", async (t) => {
  const heard: string[] = [];
  const server = createServer(async (request, response) => {
    for await (const piece of request) heard.push(String(piece));
    response.setHeader("content-type", "application/json").end('{"userId":1,"authToken":"everybody-gets-this"}');
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(t, () => void server.close());
  const address = `:${(server.address() as AddressInfo).port}`;
  const three = await check(address, "--lesson", "3");
  assert.equal(three.exitCode, EXIT.failed, three.error);
  assert.match(three.out, /\(register-not-json\)/);
  assert.doesNotMatch(three.out, /The handle is taken now/);
  assert.ok(
    heard.every((body) => body.includes("river-candle-orbit-maple")),
    heard.join("\n"),
  );
  assert.match((await check(address, "--lesson", "6")).out, /The handle is taken now/);
  const other = await check(address, "--lesson", "2", "--secret", "another-secret-of-a-class");
  assert.equal(other.exitCode, 0);
  assert.match(heard.at(-1) ?? "", /another-secret-of-a-class/);
  assert.match((await check(address)).error, /class secret is missing/);
});

test("--times says how many runs failed, in text, JSON and JUnit", async (t) => {
  // Every third registration fails, so that some runs of this check pass.
  let registered = 0;
  const server = createServer(async (request, response) => {
    for await (const _ of request);
    if (request.url === "/") return response.end("hello");
    const isWrong = ++registered % 3 === 0;
    response.writeHead(isWrong ? 500 : 200, { "content-type": "application/json" });
    return response.end(JSON.stringify({ userId: registered, authToken: "0123456789abcdef" }));
  }).listen(0, "127.0.0.1");
  atEnd(t, () => server.close());
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const file = join(await temporaryFolder(t), "report.xml");
  const options = [`:${port}`, "--secret", "river-candle-orbit-maple", "--case", "register", "--times"];
  const text = await check(...options, "4");
  assert.equal(text.exitCode, EXIT.failed);
  assert.match(text.out, /✗ .*\(register\)\n[\s\S]*\n1 of 4 runs failed\. The report above is of the first one/);
  assert.match(text.out, /In all runs:\n {2}1 × .* {2}\(register\)\n$/);
  registered = 0;
  const json = JSON.parse((await check(...options, "6", "--json", "--junit", file)).out);
  assert.deepEqual(
    { ...json.runs, cases: json.runs.cases.map(({ id }: { id: string }) => id) },
    {
      ...{ asked: 6, made: 6, failed: 2 },
      cases: ["register"],
    },
  );
  assert.equal(json.failures[0].id, "register");
  const xml = await readFile(file, "utf8");
  assert.match(xml, /<testsuites name="plainchat check" tests="12" failures="2" skipped="0">/);
  assert.match(xml, /<testsuite name="1 register \(run 6\)"/);
  registered = 0;
  const right = await check(...options, "2");
  assert.equal(right.exitCode, 0, right.out);
  assert.match(right.out, /\n✓ None of 2 runs failed\.\n$/);
  server.close();
  await once(server, "close");
  const away = await check(...options, "5");
  assert.equal(away.exitCode, EXIT.unreachable);
  assert.match(away.out, /The server did not answer any more, so the check stopped after 1 run of 5\./);
});

test("no server, a command that fails and a port in use each get their own sentence", async (t) => {
  const port = await freePort();
  const secret = ["--secret", "river-candle-orbit-maple"];
  const away = await check(`:${port}`, ...secret);
  assert.equal(away.exitCode, EXIT.unreachable);
  assert.match(away.out, new RegExp(`Nothing listens at 127\\.0\\.0\\.1:${port}\\. Is your server running`));
  assert.match(away.out, new RegExp(`Nothing listens at \\[::1\\]:${port} either\\.`));
  const ends = await check(`:${port}`, ...secret, "--start", "echo no such module >&2; exit 3");
  assert.equal(ends.exitCode, EXIT.unreachable);
  assert.match(
    ends.error,
    /^plainchat: Your server ended with exit code 3 before it listened: echo[\s\S]*no such module\n$/,
  );
  const server = createServer().listen(port, "127.0.0.1");
  atEnd(t, () => server.close());
  await once(server, "listening");
  assert.match((await check(`:${port}`, ...secret, "--start", "true")).error, /Something already listens at /);
  assert.equal((await check(`:${port}`, "--stage", "9", ...secret)).exitCode, EXIT.usage);
  assert.equal((await check(`:${port}`, "--profile", "seeds", ...secret)).exitCode, EXIT.usage);
});

test("a server that crashes at a request gets a report that says so", async (t) => {
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
  assert.match(
    out,
    /The server closed the connection without an answer\. If it crashed, it printed why\. If not, it sent no reply/,
  );
});

test("--start runs in the current folder, and the report shows output and advice", async (t) => {
  const [folder, port] = [await temporaryFolder(t), await freePort()];
  const server = `
    const { createServer } = require("node:http");
    createServer((request, response) => {
      if (request.url === "/") return response.end("hello");
      response.writeHead(403);
      require("node:fs").writeFileSync("made-by-server.txt", "");
      response.end("{'secret': 'wrong'}");
      console.error("Somebody came to " + request.url);
    }).listen(${port}, "127.0.0.1");`;
  await writeFile(join(folder, "server.cjs"), server);
  const secret = ["--secret", "river-candle-orbit-maple"];
  const start = ["--start", `"${process.execPath}" server.cjs`];
  const { out, exitCode } = await check(`:${port}`, ...secret, ...start, { INIT_CWD: folder });
  assert.equal(exitCode, EXIT.failed);
  assert.match(out, /The last lines that your server printed:\n(?: {2}.*\n)* {2}Somebody came to \/api\/v1\/register/);
  assert.match(
    out,
    /Look first: Your server refuses the class secret\. Does it have the same secret that you gave with --secret/,
  );
  assert.match(out, /Start your server first: the check has stopped it\./);
  assert.ok((await readdir(folder)).includes("made-by-server.txt"), "its files are in its own folder");
  const junit = await check(`:${port}`, ...secret, ...start, "--junit", folder, { INIT_CWD: folder });
  assert.match(junit.out, /The last lines that your server printed/);
  assert.match(junit.error, /^plainchat: .* cannot be written: EISDIR.*\n$/);
  const watched = await check(`:${port}`, ...secret, ...start, "--watch", { INIT_CWD: folder });
  assert.equal(watched.exitCode, EXIT.failed, "without a terminal there is nothing to wait for");
});

test("--start hands the class secret to the server, in the variable SECRET", async (t) => {
  const [folder, port] = [await temporaryFolder(t), await freePort()];
  const server = `
    const { createServer } = require("node:http");
    createServer(async (request, response) => {
      let body = "";
      for await (const piece of request) body += piece;
      const isRight = request.url === "/" || JSON.parse(body).secret === process.env.SECRET;
      response.writeHead(isRight ? 200 : 403, { "content-type": "application/json" });
      response.end('{"userId":1,"authToken":"everybody-gets-this"}');
    }).listen(${port}, "127.0.0.1");`;
  await writeFile(join(folder, "server.cjs"), server);
  const options = ["--lesson", "2", "--start", `"${process.execPath}" server.cjs`];
  const environment = { INIT_CWD: folder, SECRET: "a-secret-of-something-else" };
  const given = await check(`:${port}`, ...options, "--secret", "another-secret-of-a-class", environment);
  assert.equal(given.exitCode, 0, given.out);
  const ofCourse = await check(`:${port}`, ...options, environment);
  assert.equal(ofCourse.exitCode, 0, ofCourse.out);
});

besidePlainchat("a server that writes into plainchat's own folder is told so", async (t) => {
  const [name, port] = [`made-by-a-test-${process.pid}`, await freePort()];
  atEnd(t, () => rm(join(REPOSITORY, name), { force: true }));
  const program = `require("node:fs").writeFileSync("${name}", ""); require("node:http").createServer((_, response) => response.end()).listen(${port}, "127.0.0.1")`;
  const file = join(await temporaryFolder(t), "server.cjs");
  await writeFile(file, program);
  const options = [
    "--secret",
    "river-candle-orbit-maple",
    "--stage",
    "0",
    "--start",
    `"${process.execPath}" "${file}"`,
  ];
  const { error } = await check(`:${port}`, ...options, { INIT_CWD: REPOSITORY });
  assert.match(error, new RegExp(`Your server made .*${name}.* in plainchat's own folder`));
});

test("when many requests at once go wrong, the report counts the replies that came", async (t) => {
  let count = 0;
  const server = createServer((request, response) => {
    request.resume();
    count++;
    response.statusCode = count === 9 ? 500 : 200;
    response.end(JSON.stringify({ userId: count, authToken: "0123456789abcdef" }));
  }).listen(0, "127.0.0.1");
  atEnd(t, () => server.close());
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const { out } = await check(`:${port}`, "--secret", "river-candle-orbit-maple", "--case", "register-at-once");
  assert.match(
    out,
    /Received {3}20 of 20 replies: 19 with status 200, 1 with status 500\n {13}One of them:\n {13}status 500\n/,
  );
  assert.match(out, /1 of 20 replies should have status 200, but 19 have\./);
  assert.match(out, /None of 20 replies should have status 500, but 1 has\./);
  assert.match(out, /Look first: An error happened inside your server\./);
  assert.doesNotMatch(out, /readable/);
});

test("if no file can be written, the report still comes, without a curl line", async (t) => {
  const server = await broken(t, "takes-any-token");
  const nowhere = join(await temporaryFolder(t), "file");
  await writeFile(nowhere, "a file cannot have a folder inside it");
  const environment = { XDG_CACHE_HOME: nowhere, TMPDIR: nowhere };
  const { exitCode, out } = await check(server.origin, "--secret", server.secret, environment);
  assert.equal(exitCode, EXIT.failed);
  assert.match(out, /✗ GET \/api\/v1\/register: somebody else's token gets a 403/);
  assert.doesNotMatch(out, /curl/);
});

test("a wrong secret, address or port is an error before any request is sent", async () => {
  const cases: [options: string[], sentence: RegExp][] = [
    [[":8000", "--secret", "short"], /A class secret has at least 12 characters/],
    [[":8000/api/v1", "--secret", "river-candle-orbit-maple"], /Leave out the path/],
    [["http://127.0.0.1:8000/api/v1/register", "--secret", "river-candle-orbit-maple"], /Leave out the path/],
    [[":99999", "--secret", "river-candle-orbit-maple"], /a port is at most 65535/],
  ];
  for (const [options, sentence] of cases) {
    const { exitCode, error } = await check(...options);
    assert.equal(exitCode, EXIT.usage);
    assert.match(error, sentence);
  }
});

test("--watch runs again when the server comes back and when you press Enter", async (t) => {
  const [root, port] = [await temporaryFolder(t), await freePort()];
  const seedServer = join(REPOSITORY, "check/literal/seed-server.ts");
  const start = async () => {
    const child = spawn(process.execPath, [seedServer, root, String(port)], { stdio: "ignore" });
    atEnd(t, () => child.kill("SIGKILL"));
    return child;
  };
  const first = await start();
  const options = ["--secret", "river-candle-orbit-maple", "--profile", "seed", "--watch"];
  const terminal = startInTerminal(t, [NODE, ...COMMAND, `:${port}`, ...options], { NO_COLOR: "1" });
  const waits = (times: number) => (screen: string[]) =>
    screen.filter((line) => line.startsWith("Waiting for your server to come back")).length === times;
  await terminal.until(waits(1), "it has checked, and waits");
  first.kill("SIGKILL");
  await terminal.until((screen) => screen.at(-1) === "Your server is away.", "it has noticed");
  await start();
  await terminal.until(waits(2), "it has checked again");
  terminal.type("\r");
  await terminal.until(waits(3), "it has checked once more");
});
