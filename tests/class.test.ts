/**
 * Tests class mode. Everyone can see the address of the class and who has joined. Only the teacher gets the class
 * secret.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FILES_ONLY } from "../testing/kept.ts";
import { send } from "../testing/request.ts";
import { PROJECTOR_KEY, startApp, TEACHER_KEY } from "../testing/start-app.ts";
import { startServer } from "../testing/start-server.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";

const SECRET = "/api/v1/class/secret";
const withKey = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });

test("in class mode everyone sees the address of the class and who has joined", async (t) => {
  const app = await startApp(t, { isClass: true });
  await app.register("ada");
  const { status, text } = await app.send({ path: "/api/v1/class" });
  assert.equal(status, 200);
  const { addresses, users } = JSON.parse(text);
  assert.deepEqual(users, [{ userId: 1, userHandle: "ada" }]);
  const { port } = new URL(app.origin);
  for (const address of addresses) assert.match(address, new RegExp(`^http://[\\d.]+:${port}$`));
  assert.ok(!text.includes(app.secret));
});

test("the name on the local network comes after the addresses, while the server has it", async (t) => {
  const localName: { current: string | undefined } = { current: undefined };
  const app = await startApp(t, { isClass: true, localName });
  const readAddresses = async () => JSON.parse((await app.send({ path: "/api/v1/class" })).text).addresses;
  const before = await readAddresses();
  localName.current = "physics.local";
  assert.deepEqual(await readAddresses(), [...before, `http://physics.local:${new URL(app.origin).port}`]);
});

test("a client with the projector's key or the teacher's gets the present class secret", {
  skip: FILES_ONLY,
}, async (t) => {
  const app = await startApp(t, { isClass: true });
  const { text } = await app.send({ path: SECRET, ...withKey(TEACHER_KEY) });
  assert.deepEqual(JSON.parse(text), { secret: app.secret });
  const ask = async () => JSON.parse((await app.send({ path: SECRET, ...withKey(PROJECTOR_KEY) })).text);
  assert.deepEqual(await ask(), { secret: app.secret });
  writeFileSync(join(app.root, "users", "secret.dat"), "another secret\n");
  for (let tries = 0; (await ask()).secret !== "another secret"; tries++) assert.ok(tries < 5_000);
});

test("nobody without the projector's key gets the class secret", async (t) => {
  const app = await startApp(t, { isClass: true });
  const ada = await app.register("ada");
  const requests = [
    {},
    withKey(""),
    withKey(PROJECTOR_KEY.slice(1)),
    withKey(`${PROJECTOR_KEY}x`),
    withKey(PROJECTOR_KEY.toUpperCase()),
    withKey(ada.authToken),
    { user: ada.user },
    { headers: { authorization: PROJECTOR_KEY } },
  ];
  for (const request of requests) {
    const { status, text } = await app.send({ path: SECRET, ...request });
    assert.equal(status, 403);
    assert.ok(!text.includes(app.secret) && !text.includes(PROJECTOR_KEY));
  }
  const { status } = await app.send({ path: `${SECRET}?key=${PROJECTOR_KEY}` });
  assert.equal(status, 403);
  assert.ok(!app.logged().includes(app.secret));
});

test("without class mode, these addresses do not exist", async (t) => {
  const app = await startApp(t);
  for (const path of ["/api/v1/class", SECRET]) {
    const { status, json } = await app.send({ path, ...withKey(PROJECTOR_KEY) });
    assert.equal(status, 404);
    assert.match(json.detail, /--class/);
  }
});

test("the server prints the addresses of the teacher and of the projector with their keys, the same at each start", async (t) => {
  const root = await temporaryFolder(t);
  const keys: string[] = [];
  for (let start = 0; start < 2; start++) {
    const server = await startServer(t, root, { PLAINCHAT_CLASS: "1", PLAINCHAT_HOST: "127.0.0.1" });
    const [, address = "", key = ""] = /projector +(http:\S+)#([\w-]{22})$/m.exec(server.output()) ?? assert.fail();
    assert.equal(address, `${server.origin}/projector`);
    const { text } = await send(server.origin, { path: SECRET, ...withKey(key) });
    assert.deepEqual(JSON.parse(text), { secret: server.secret });
    keys.push(key);
    await server.stop("SIGTERM");
  }
  assert.equal(keys[0], keys[1]);
  const plain = await startServer(t, root);
  assert.doesNotMatch(plain.output(), /projector/);
});
