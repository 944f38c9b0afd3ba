/**
 * Servers that do not come back after a kill, each in its own way. The check must say which way it was.
 */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { atEnd } from "../../testing/at-end.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";
import { freePort } from "./free-port.ts";
import { ServerUnderTest } from "./server-under-test.ts";

const LISTEN = `
  const { createServer } = require("node:http");
  const listen = (host = "127.0.0.1") => createServer((request, response) => {
    if (request.url === "/crash") process.exit(5);
    if (request.url === "/signal") process.kill(process.pid, "SIGTERM");
    else response.end("hello");
  }).listen(Number(process.argv[2]), host);
  const isSecondStart = require("node:fs").existsSync("started");
  require("node:fs").writeFileSync("started", "");`;

async function started(t: TestContext, program: string, host = "127.0.0.1") {
  const [folder, port] = [await temporaryFolder(t), await freePort()];
  await writeFile(join(folder, "server.cjs"), LISTEN + program);
  const url = `http://127.0.0.1:${port}`;
  const options = { folder, alsoAt: `http://[::1]:${port}` };
  const server = new ServerUnderTest(`"${process.execPath}" server.cjs ${port}`, url, options);
  atEnd(t, () => server.kill());
  await server.start();
  assert.equal(server.url, `http://${host}:${port}`);
  return server;
}

test("a server that comes back after a kill has no problem", async (t) => {
  const server = await started(t, "listen();");
  assert.equal(await server.restart(), undefined);
  assert.deepEqual(await server.now(), { isRunning: true, lastLines: [], isListening: true });
});

test("a port that is still taken is told apart from a server that ends", async (t) => {
  const program = (line: string, code: number) =>
    `if (isSecondStart) { console.error("begin\\n${line}"); process.exit(${code}); } listen();`;
  const taken = await (await started(t, program("OSError: [Errno 98] Address already in use", 1))).restart();
  assert.equal(taken?.why, "port taken");
  assert.match(
    taken.sentence,
    /port \d+ was still taken\. Your server printed "OSError: .* in use" and ended with exit code 1$/,
  );
  const ended = await (await started(t, program("no such table", 7))).restart();
  assert.equal(ended?.why, "ended");
  assert.match(ended.sentence, /it ended with exit code 7 before it listened$/);
  assert.deepEqual(ended.process, {
    isRunning: false,
    exitCode: 7,
    lastLines: ["begin", "no such table"],
    isListening: false,
  });
});

test("a process that outlives the kill is noticed", { skip: process.platform === "win32" }, async (t) => {
  const server = await started(
    t,
    `if (process.argv[3]) listen();
    else console.log(require("node:child_process").spawn(process.execPath, [...process.argv.slice(1), "child"], { detached: true }).pid);`,
  );
  const child = Number(server.printed);
  atEnd(t, () => process.kill(child, "SIGKILL"));
  const problem = await server.restart();
  assert.equal(problem?.why, "still listening");
  assert.match(
    problem.sentence,
    /^the check killed your server, but 5 seconds later something still listens at 127\.0\.0\.1/,
  );
});

test("what ended a server is known right after its last request", async (t) => {
  for (const [path, how] of [
    ["/crash", { exitCode: 5 }],
    ["/signal", { signal: "SIGTERM" }],
  ] as const) {
    const server = await started(t, "listen();");
    await assert.rejects(fetch(server.url + path));
    // The shell between may print a line of its own.
    const { lastLines: _, ...now } = await server.now(true);
    assert.deepEqual(now, { isRunning: false, ...how, isListening: false });
  }
});

test("a server that listens only at ::1 is found there", async (t) => {
  const server = await started(t, 'listen("::1");', "[::1]");
  assert.equal(await server.restart(), undefined);
});
