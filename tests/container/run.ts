/**
 * `npm run test:container`: builds the image, runs it as docs/guides/deploy.md says, as locked up as possible, and
 * checks it from outside and from inside. It needs a Docker engine. Without one it fails, because a check that did not
 * run has not passed. It removes everything it made, even if it fails or is interrupted.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  basicCredentials,
  fetchQueue,
  isReady,
  type Message,
  publish,
  publishInputs,
  register,
  type User,
} from "./chat-calls.ts";
import { CheckList, needed } from "./check-list.ts";
import { type Container, Containers, inspect } from "./containers.ts";
import { docker, runDocker, whyNoEngine } from "./docker.ts";
import { HalfSentRequest } from "./half-sent-request.ts";

/** How long `docker stop` waits for the server before it kills it. */
const STOP_GRACE_SECONDS = 20;

const root = join(import.meta.dirname, "..", "..");

const problem = await whyNoEngine();
if (problem === undefined) await testImage();
else {
  console.error(`${problem}. The container test needs a Docker engine, so nothing was tested`);
  process.exitCode = 1;
}

async function testImage(): Promise<void> {
  const containers = new Containers();
  const checks = new CheckList();
  process.once("exit", () => containers.removeAll());
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

  await runChecks(containers, checks);
  console.log(`${checks.passed} passed, ${checks.failed} failed`);
  if (checks.failed > 0) process.exitCode = 1;
}

async function runChecks(containers: Containers, checks: CheckList): Promise<void> {
  const image = await checks.check("the image builds", async () => {
    await containers.build(root);
    return containers.image;
  });
  await checks.check("the image contains the server and its packages, and nothing for development", async () => {
    await checkImageContents(needed(image, "the image builds"));
  });
  const first = await checks.check("the container becomes healthy", async () => {
    needed(image, "the image builds");
    return containers.start();
  });
  const container = () => needed(first, "the container becomes healthy");

  await checks.check("the server is process 1, has uid 1000 and no capabilities", () => checkProcess(container().name));
  await checks.check("the root file system is read-only", () => checkReadOnly(container().name));
  const secret = await checks.check("the first start makes the class secret and prints it", () =>
    readSecret(container().name),
  );
  const talk = await checks.check("two users register and chat", () =>
    chat(container().port, needed(secret, "the first start makes the class secret and prints it")),
  );
  const users = () => needed(talk, "two users register and chat");
  await checks.check("`plainchat check` inside the container finds nothing wrong", () =>
    checkFromWithin(container().name, needed(secret, "the first start makes the class secret and prints it")),
  );
  await checks.check("the page and every file that it links to are served", () => checkPage(container().port));
  const drained = await checks.check("`docker stop` waits for a request that is half sent", () =>
    stopDuringRequest(container(), users().ada, users().grace),
  );
  const second = await checks.check("a new container on the same volume has the messages", async () => {
    const { ada, grace, messageId } = users();
    const drainedId = needed(drained, "`docker stop` waits for a request that is half sent");
    const next = await containers.start();
    const messages = (await fetchQueue(next.port, grace)).map(brief);
    assert.deepEqual(messages, [
      { messageId, fromHandle: ada.userHandle, message: "Hello from the container" },
      { messageId: drainedId, fromHandle: ada.userHandle, message: "Sent in two halves" },
    ]);
    return next;
  });
  await checks.check("a backup is made and restored while the container runs", () =>
    backUpAndRestore(needed(second, "a new container on the same volume has the messages"), users()),
  );
  await checks.check("no log contains a token", async () => {
    const { name } = needed(second, "a new container on the same volume has the messages");
    for (const each of [container().name, name]) await checkLogs(each, [users().ada, users().grace]);
  });
}

async function checkImageContents(image: string): Promise<void> {
  const unwanted = await onlyForDevelopment();
  assert.ok(unwanted.includes("node_modules/typescript"), "package-lock.json is read correctly");
  const script = `
    const { readdirSync, existsSync } = require("node:fs");
    console.log(JSON.stringify({
      app: readdirSync("/app").sort(),
      unwanted: ${JSON.stringify(unwanted)}.filter((path) => existsSync("/app/" + path)),
      tests: readdirSync("/app", { recursive: true }).filter((name) => name.endsWith(".test.ts") && !name.startsWith("node_modules")),
    }));`;
  const found = await docker(["run", "--rm", "--network", "none", image, "node", "--eval", script]);
  assert.deepEqual(JSON.parse(found), {
    app: ["check", "cli", "client", "course", "docs", "node_modules", "package.json", "plainchat", "server", "web"],
    unwanted: [],
    tests: [],
  });
}

/** Packages that the server does not need. A package of `devDependencies` that Fastify needs too is not one of them. */
async function onlyForDevelopment(): Promise<string[]> {
  const lock = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8"));
  return Object.entries<{ dev?: true; optional?: true; devOptional?: true }>(lock.packages)
    .filter(([, { dev, optional, devOptional }]) => dev || optional || devOptional)
    .map(([path]) => path);
}

/** The server makes the page's files in a thread, from the source in the image. */
async function checkPage(port: number): Promise<void> {
  const origin = `http://127.0.0.1:${port}`;
  const page = await (await fetch(`${origin}/`)).text();
  const addresses = [...page.matchAll(/(?:href|src)="(\/[^"]+)"/g)].map(([, address = ""]) => address);
  assert.ok(addresses.length > 40);
  for (const address of addresses) assert.equal((await fetch(origin + address)).status, 200, address);
}

/** Runs the whole conformance check except the restart, with the files in the image. */
async function checkFromWithin(name: string, secret: string): Promise<void> {
  const options = ["check", "http://127.0.0.1:8080", "--secret", secret, "--json"];
  const report = JSON.parse(await docker(["exec", name, "./plainchat", ...options]));
  assert.equal(report.failed, 0);
  assert.ok(report.passed > 200);
}

async function checkProcess(name: string): Promise<void> {
  const command = await docker(["exec", name, "cat", "/proc/1/cmdline"]);
  assert.match(command.replaceAll("\0", " "), /^node server\/main\.ts/);
  const status = await docker(["exec", name, "cat", "/proc/1/status"]);
  assert.match(status, /^Uid:\t1000\t1000\t1000\t1000$/m);
  assert.match(status, /^CapEff:\t0+$/m);
  assert.match(status, /^CapBnd:\t0+$/m);
  assert.match(status, /^NoNewPrivs:\t1$/m);
}

async function checkReadOnly(name: string): Promise<void> {
  for (const path of ["/app/server/added.ts", "/tmp/added", "/home/node/added"]) {
    const { exitCode, output } = await runDocker(["exec", name, "touch", path]);
    assert.notEqual(exitCode, 0, `${path} could be written`);
    assert.match(output, /Read-only file system/);
  }
}

async function readSecret(name: string): Promise<string> {
  const secret = await docker(["exec", name, "cat", "/data/users/secret.dat"]);
  assert.equal(await docker(["exec", name, "stat", "--format", "%a %u", "/data/users/secret.dat"]), "600 1000");
  assert.ok((await docker(["logs", name])).includes(secret), "The log of the first start does not show the secret");
  return secret;
}

async function chat(port: number, secret: string): Promise<{ ada: User; grace: User; messageId: number }> {
  const ada = await register(port, secret, "ada");
  const grace = await register(port, secret, "grace");
  const messageId = await publish(port, ada, grace, "Hello from the container");
  const messages = (await fetchQueue(port, grace)).map(brief);
  assert.deepEqual(messages, [{ messageId, fromHandle: "ada", message: "Hello from the container" }]);
  assert.deepEqual(await fetchQueue(port, ada), []);
  return { ada, grace, messageId };
}

async function backUpAndRestore({ name, port }: Container, { ada, grace }: { ada: User; grace: User }): Promise<void> {
  const before = await fetchQueue(port, grace);
  await docker(["exec", name, "./plainchat", "backup", "/data/backup.tar.gz"]);
  await publish(port, ada, grace, "Lost by the restore");
  await docker(["exec", name, "./plainchat", "restore", "/data/backup.tar.gz", "--yes"]);
  assert.deepEqual(await fetchQueue(port, grace), before);
}

/** Stops the container while a message is half sent, and returns the message's id. */
async function stopDuringRequest({ name, port }: Container, from: User, to: User): Promise<number> {
  const request = await HalfSentRequest.send(port, "/api/v1/chat", publishInputs(from, to, "Sent in two halves"));
  // From outside we cannot see whether the first half has arrived.
  await sleep(500);
  const startedAt = performance.now();
  const stopped = docker(["stop", "-t", String(STOP_GRACE_SECONDS), name], STOP_GRACE_SECONDS + 30);
  const [reply] = await Promise.all([waitForStopping(port).then(() => request.finish()), stopped]);
  const seconds = (performance.now() - startedAt) / 1000;

  assert.equal(reply.status, 200, reply.body);
  assert.equal(await inspect(name, "{{.State.ExitCode}} {{.State.OOMKilled}}"), "0 false");
  assert.ok(seconds < STOP_GRACE_SECONDS, "The server did not stop by itself and was killed");
  return (JSON.parse(reply.body) as { messageId: number }).messageId;
}

/** Returns once the server has got the signal: from then on it takes no new requests. */
async function waitForStopping(port: number): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    if (!(await isReady(port))) return;
    await sleep(100);
  }
  throw new Error("The server still takes requests 5 seconds after it was told to stop");
}

async function checkLogs(name: string, users: User[]): Promise<void> {
  const log = await docker(["logs", name]);
  assert.notEqual(log, "", "The log is empty");
  for (const user of users) {
    assert.ok(!log.includes(user.authToken), `The log of ${name} shows the token of ${user.userHandle}`);
    const credentials = basicCredentials(user).replace("Basic ", "");
    assert.ok(!log.includes(credentials), `The log of ${name} shows the credentials of ${user.userHandle}`);
  }
}

/** A message without the fields that the test cannot know in advance. */
function brief({ messageId, fromHandle, message }: Message): Message {
  return { messageId, fromHandle, message };
}
