/**
 * The server program as a person starts and stops it: what it prints, what it says when it cannot start, and how it
 * ends.
 */
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { Agent, request as httpRequest } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { setImmediate, setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { isLocked } from "../cli/data-folder.ts";
import { PlainchatClient } from "../client/plainchat-client.ts";
import { localNetworks } from "../server/http/routes/network-addresses.ts";
import { whoHas } from "../server/local-name/who-has.ts";
import { writeBackup } from "../server/store/backup/backup.ts";
import { stageRestore } from "../server/store/backup/restore.ts";
import { Paths } from "../server/store/files/paths.ts";
import { atEnd } from "../testing/at-end.ts";
import { send } from "../testing/request.ts";
import { startServer } from "../testing/start-server.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";

const MAIN = new URL("../server/main.ts", import.meta.url).pathname;

function runToEnd(...flags: string[]): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...flags], {
    encoding: "utf8",
    timeout: 20_000,
  });
  return { code: status, output: stdout + stderr };
}

test("a flag that npm kept for itself is not ignored", async (t) => {
  // A package whose start script starts the server, as in this repository.
  const folder = await temporaryFolder(t);
  const start = `"${process.execPath}" "${MAIN}"`;
  await writeFile(join(folder, "package.json"), JSON.stringify({ scripts: { start } }));
  for (const [args, flag, example] of [
    [["--class"], "class", "npm start -- --class"],
    [["--port", "8081"], "port", "npm start -- --port 8081"],
    [["--root=here"], "root", "npm start -- --root DIR"],
  ] as const) {
    const { status, stderr } = spawnSync("npm", ["start", ...args], { cwd: folder, encoding: "utf8", timeout: 20_000 });
    assert.notEqual(status, 0);
    assert.match(stderr, new RegExp(`^npm kept --${flag} for itself\\. Put flags after two dashes: ${example}$`, "m"));
  }
});

test("the curl commands that it prints work in a shell", async (t) => {
  const server = await startServer(t, await temporaryFolder(t));
  const printed = server.output();
  assert.ok(printed.indexOf(server.origin) < printed.indexOf(server.secret), "first the address, then the secret");
  const lines = printed.split("\n").filter((line) => line.startsWith("curl "));
  assert.equal(lines.length, 4);
  const run = async (line: string) => JSON.parse((await promisify(execFile)("sh", ["-c", `${line} -s`])).stdout);
  const ada = await run(lines[0] ?? "");
  const grace = await run(lines[1] ?? "");
  assert.equal(ada.userId, 1);
  const as = (user: { userId: number; authToken: string }, line = "") =>
    run(line.replace("USERID:AUTHTOKEN", `${user.userId}:${user.authToken}`));
  assert.equal((await as(ada, lines[2])).userId, grace.userId);
  assert.equal((await as(grace, lines[3])).messages[0].message, "hello");
});

test("after a restart, its examples use handles that are still free", async (t) => {
  const root = await temporaryFolder(t);
  const first = await startServer(t, root);
  const body = { secret: first.secret, userHandle: "ada" };
  await send(first.origin, { method: "POST", path: "/api/v1/register", body });
  assert.equal(await first.stop("SIGTERM"), 0);
  const second = await startServer(t, root);
  assert.ok(second.output().includes('"userHandle":"grace"'));
  assert.ok(!second.output().includes('"userHandle":"ada"'));
  assert.equal(second.secret, first.secret);
});

test("in production, only the first start prints the secret", async (t) => {
  const root = await temporaryFolder(t);
  const production = { NODE_ENV: "production" };
  const first = await startServer(t, root, production);
  assert.ok(first.output().includes(first.secret));
  await first.stop("SIGTERM");
  const second = await startServer(t, root, production);
  assert.ok(!second.output().includes(first.secret));
});

test("a class secret that nobody can type is reported in the log, once, and so is a good one after it", async (t) => {
  const root = await temporaryFolder(t);
  const server = await startServer(t, root);
  const secretFile = join(root, "users", "secret.dat");
  const until = async (sentence: string) => {
    while (!server.output().includes(sentence)) await setTimeout(5);
  };
  await writeFile(secretFile, "short");
  await until("The class secret must be 12 to 64 characters long. It has 5, so nobody can register. Write 12");
  await writeFile(secretFile, "river-candle\u200borbit-maple\n");
  await until("The class secret has a character that nobody can type (U+200B) in it");
  // What a person does who edits the file: a blank at its end is not part of the secret.
  await writeFile(secretFile, "river-candle-orbit-maple \n");
  await until("The class secret is good again");
  const body = { secret: "river-candle-orbit-maple", userHandle: "ada" };
  assert.equal((await send(server.origin, { method: "POST", path: "/api/v1/register", body })).status, 200);
  assert.equal(server.output().match(/"level":"error"/g)?.length, 2);
  await server.stop("SIGTERM");
  await writeFile(secretFile, "");
  const again = await startServer(t, root);
  assert.match(again.output(), /\n\nThe class secret is empty, so nobody can register\.\nWrite 12 to 64 characters/);
  assert.match(again.output(), /"level":"error".*"The class secret is empty/);
});

test("a second server on the same folder does not start, and says why", async (t) => {
  const root = await temporaryFolder(t);
  await startServer(t, root);
  const { code, output } = runToEnd("--root", root, "--port", "0");
  assert.equal(code, 1);
  assert.match(output, /Another plainchat server is using this data folder/);
  assert.ok(!output.includes("    at "), "no stack");
});

test("a server whose port is taken says so", async (t) => {
  const blocker = createServer().listen(0, "127.0.0.1");
  atEnd(t, () => blocker.close());
  await once(blocker, "listening");
  const address = blocker.address();
  const port = typeof address === "object" && address !== null ? String(address.port) : "";
  const { code, output } = runToEnd("--root", await temporaryFolder(t), "--port", port);
  assert.equal(code, 1);
  assert.match(output, /another program is using this port/);
});

test("wrong flags get a sentence and the help", () => {
  for (const flags of [
    ["--port", "http"],
    ["--port", "70000"],
    ["--prot", "1"],
    ["extra"],
    ["--host", ""],
    ["--allow-origin", "localhost:3000"],
  ]) {
    const { code, output } = runToEnd(...flags);
    assert.equal(code, 2, flags.join(" "));
    assert.match(output, /--root DIR/);
    assert.ok(!output.includes("    at "), "no stack");
  }
  assert.equal(runToEnd("--help").code, 0);
});

test("a server whose data folder is a file says that it cannot start", async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, "file"), "");
  const { code, output } = runToEnd("--root", join(folder, "file"), "--port", "0");
  assert.equal(code, 1);
  assert.match(output, /^plainchat cannot start: /);
});

test("SIGTERM finishes a half-received request, answers a waiting fetch, and ends with 0", async (t) => {
  const server = await startServer(t, await temporaryFolder(t));
  const body = JSON.stringify({ secret: server.secret, userHandle: "ada" });
  const registered = await send(server.origin, { method: "POST", path: "/api/v1/register", body });
  const user = `${registered.json.userId}:${registered.json.authToken}`;
  const waiting = send(server.origin, { path: "/api/v1/chat?wait=60", user });

  const half = httpRequest(`${server.origin}/api/v1/register`, {
    method: "POST",
    headers: { "content-length": Buffer.byteLength(body.replace("ada", "grace")) },
  });
  half.write(body.slice(0, 10));
  // When the server answers a later request, it has received the first half.
  while (!/waiting_fetches 1/.test((await send(server.origin, { path: "/metrics" })).text)) await setTimeout(5);

  const ended = once(server.process, "exit");
  server.process.kill("SIGTERM");
  assert.deepEqual((await waiting).json.messages, []);
  half.end(body.replace("ada", "grace").slice(10));
  const [reply] = await once(half, "response");
  assert.equal(reply.statusCode, 200);
  reply.resume();
  assert.deepEqual(await ended, [0, null]);
});

test("a server told to stop during a restore finishes the restore first", async (t) => {
  const root = await temporaryFolder(t);
  const server = await startServer(t, root);
  const client = new PlainchatClient(server.origin);
  await client.registerUser({ secret: server.secret, userHandle: "ada" });
  const file = join(await temporaryFolder(t), "backup.tar.gz");
  await writeBackup(root, file, () => {});
  await client.registerUser({ secret: server.secret, userHandle: "grace" });
  await stageRestore(root, file, new Date(), () => {});
  const announced = new Promise<void>((resolve) => {
    server.process.stdout?.on("data", () => {
      if (server.output().includes("A backup will replace the data")) resolve();
    });
  });
  const paths = new Paths(root);
  await mkdir(paths.requests, { recursive: true });
  await writeFile(paths.request("restore"), "");
  await announced;
  assert.equal(await server.stop("SIGTERM"), 0);
  assert.doesNotMatch(server.output(), /"level":(50|60)/);
  const again = await startServer(t, root);
  const { userId, authToken } = await new PlainchatClient(again.origin).registerUser({
    secret: server.secret,
    userHandle: "grace",
  });
  assert.ok(userId > 2, "grace is not in the backup, and her id is not given out again");
  const { users } = await new PlainchatClient(again.origin, {
    credentials: { myId: userId, myAuth: authToken },
  }).listUsers();
  assert.deepEqual(
    users.map(({ userHandle }) => userHandle),
    ["ada", "grace"],
  );
});

test("a restore is reported as done when the server takes requests again, and the folder is never free", async (t) => {
  const root = await temporaryFolder(t);
  const server = await startServer(t, root);
  const client = new PlainchatClient(server.origin);
  await client.registerUser({ secret: server.secret, userHandle: "ada" });
  const file = join(await temporaryFolder(t), "backup.tar.gz");
  await writeBackup(root, file, () => {});
  const paths = new Paths(root);
  for (let round = 1; round <= 5; round++) {
    await stageRestore(root, file, new Date(), () => {});
    await mkdir(paths.requests, { recursive: true });
    await writeFile(paths.request("restore"), "");
    while (existsSync(paths.request("restore"))) {
      // A command that finds the folder free opens it itself, and says "done" while the server is still down.
      assert.ok(isLocked(paths), `round ${round}: the folder was free`);
      await setImmediate();
    }
    const { status } = await send(server.origin, { path: "/healthz" });
    assert.equal(status, 200, `round ${round}`);
  }
});

test("a kept connection gets its last reply with `Connection: close` when the server stops", async (t) => {
  const server = await startServer(t, await temporaryFolder(t));
  const agent = new Agent({ keepAlive: true });
  atEnd(t, () => agent.destroy());
  const body = JSON.stringify({ secret: server.secret, userHandle: "ada" });
  const { json } = await send(server.origin, { method: "POST", path: "/api/v1/register", body, agent });
  const { userId: myId, authToken: myAuth } = json;
  const user = `${myId}:${myAuth}`;
  const waiting = [
    // Fastify answers the first of them, the fast path the second.
    send(server.origin, { path: "/api/v1/chat?wait=60", user, agent }),
    send(server.origin, { path: "/api/v1/chat", body: { myId, myAuth, wait: 60 }, agent }),
  ];
  while (!/waiting_fetches 2/.test((await send(server.origin, { path: "/metrics" })).text)) await setTimeout(5);
  const start = performance.now();
  const ended = server.stop("SIGTERM");
  for (const { status, headers } of await Promise.all(waiting)) {
    assert.equal(status, 200);
    assert.equal(headers.connection, "close");
  }
  assert.equal(await ended, 0);
  assert.ok(performance.now() - start < 5_000, "it waited for a connection on which nothing more could come");
});

test("in class mode it prints only addresses that the class can reach", async (t) => {
  const start = async (host: string, environment = {}) => {
    const options = { PLAINCHAT_CLASS: "1", PLAINCHAT_HOST: host, ...environment };
    const server = await startServer(t, await temporaryFolder(t), options);
    const line = /^ {2}for the class +(.*)$/m.exec(server.output())?.[1] ?? assert.fail(server.output());
    return { server, line };
  };
  for (const host of ["127.0.0.1", "::1", "localhost"]) {
    const { server, line } = await start(host);
    assert.match(line, /^nobody else can reach it: it listens on this computer only\. Leave out --host/);
    assert.doesNotMatch(server.output(), /probably not these/);
    const { text } = await send(server.origin, { path: "/api/v1/class" });
    assert.deepEqual(JSON.parse(text).addresses, []);
  }
  for (const host of ["0.0.0.0", "::"]) {
    const { server, line } = await start(host);
    for (const origin of line.match(/http:\S+/g) ?? []) {
      assert.equal((await send(origin, { path: "/healthz" })).status, 200, origin);
      assert.ok(host === "::" || !origin.includes("["));
    }
    assert.equal((await send(server.origin, { path: "/healthz" })).status, 200, server.origin);
  }
});

test("in class mode the server answers to its name on the network until it stops, and not with --no-local-name", async (t) => {
  const name = `test-${randomBytes(6).toString("hex")}`;
  const start = async (environment: Record<string, string>) =>
    startServer(t, await temporaryFolder(t), { PLAINCHAT_CLASS: "1", PLAINCHAT_LOCAL_NAME: name, ...environment });
  const server = await start({ PLAINCHAT_NO_LOCAL_NAME: "0" });
  const networks = localNetworks("0.0.0.0");
  const { port } = new URL(server.origin);
  assert.match(server.output(), /^ {2}the course {12}http:\/\/\S+\/learn$/m);
  const line = /^ {2}or by its name +(.*)$/m.exec(server.output())?.[1];
  // A computer without a network has nobody to tell.
  assert.equal(line, networks.length === 0 ? undefined : `http://${name}.local:${port}`);
  if (networks.length > 0) {
    while (!server.output().includes(`by its name, ${name}.local`)) await setTimeout(20);
    const addresses = networks.flatMap((each) => each.addresses);
    assert.deepEqual(await whoHas(`${name}.local`, networks), addresses);
    const { text } = await send(server.origin, { path: "/api/v1/class", headers: { host: `${name}.local:${port}` } });
    assert.equal(JSON.parse(text).addresses.at(-1), `http://${name}.local:${port}`);
  }
  assert.equal(await server.stop("SIGTERM"), 0);
  assert.deepEqual(await whoHas(`${name}.local`, networks), []);
  for (const environment of [
    { PLAINCHAT_NO_LOCAL_NAME: "1" },
    { PLAINCHAT_NO_LOCAL_NAME: "0", PLAINCHAT_CLASS: "0" },
  ]) {
    const nameless = await start(environment);
    assert.doesNotMatch(nameless.output(), /by its name/);
    assert.equal(await nameless.stop("SIGTERM"), 0);
    assert.doesNotMatch(nameless.output(), /by its name|multicast/);
  }
});

test("`localhost` with two addresses starts one server, with all of its checks", async (t) => {
  // As on most computers: localhost is 127.0.0.1 and ::1.
  const names = `import dns from "node:dns"; const { lookup } = dns;
    dns.lookup = (name, options, done) => name !== "localhost" ? lookup(name, options, done)
      : done(null, [{ address: "127.0.0.1", family: 4 }, { address: "::1", family: 6 }]);`;
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(names)}`;
  const server = await startServer(t, await temporaryFolder(t), { PLAINCHAT_HOST: "localhost", NODE_OPTIONS });
  assert.match(server.origin, /^http:\/\/127\.0\.0\.1:/);
  const { port } = new URL(server.origin);
  await assert.rejects(send(`http://[::1]:${port}`, { path: "/healthz" }), { code: "ECONNREFUSED" });
});
