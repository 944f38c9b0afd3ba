/**
 * Tests the limits on the streams and waiting fetches that one user may have open at the same time. Without them, one
 * program with a loop in the wrong place could take all connections of the server.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { listen } from "../testing/listen.ts";
import { type Person, type RunningApp, startApp } from "../testing/start-app.ts";

const CHAT = "/api/v1/chat";
const STREAM = "/api/v1/chat/stream";

async function figure(app: RunningApp, name: string): Promise<number> {
  const { text } = await app.send({ path: "/metrics" });
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1]);
}

async function until(app: RunningApp, name: string, count: number): Promise<void> {
  while ((await figure(app, name)) !== count) await setTimeout(10);
}

test("one stream too many gets a 429; the open streams go on, and after closing one you can open another", async (t) => {
  const app = await startApp(t, { openForEach: 3 });
  const ada = await app.register("ada");
  const grace = await app.register("grace");
  const streams = [];
  for (let i = 0; i < 3; i++) streams.push(await listen(t, app.origin, ada));
  const refused = await app.send({ path: STREAM, user: ada.user });
  assert.equal(refused.status, 429, refused.text);
  assert.equal(refused.json.type, "/problems/too-many-requests");
  assert.match(refused.json.detail, /already have 3 open streams/);
  assert.ok(Number(refused.headers["retry-after"]) > 0);
  await listen(t, app.origin, grace);
  streams[0]?.close();
  await until(app, "plainchat_streams", 3);
  await listen(t, app.origin, ada);
});

test("streams opened all at once cannot exceed the limit", async (t) => {
  const app = await startApp(t, { openForEach: 3 });
  const ada = await app.register("ada");
  const asked = Array.from({ length: 12 }, () => listen(t, app.origin, ada).catch(() => undefined));
  await Promise.all(asked);
  await setTimeout(100);
  assert.ok((await figure(app, "plainchat_streams")) <= 3);
});

test("one waiting fetch too many gets a 429; fetches without wait and other users are still served", async (t) => {
  const app = await startApp(t, { openForEach: 3 });
  const ada = await app.register("ada");
  const grace = await app.register("grace");
  const wait = ({ user }: Person) => app.send({ path: `${CHAT}?wait=60`, user });
  const waiting = [wait(ada), wait(ada), wait(ada)];
  await until(app, "plainchat_waiting_fetches", 3);
  const refused = await wait(ada);
  assert.equal(refused.status, 429, refused.text);
  assert.match(refused.json.detail, /already have 3 waiting fetches/);
  assert.equal((await app.send({ path: CHAT, user: ada.user })).status, 200);
  const other = wait(grace);
  await until(app, "plainchat_waiting_fetches", 4);
  await app.publish(ada, ada, "here it is");
  for (const each of await Promise.all(waiting)) assert.equal(each.json.messages.length, 1);
  await app.publish(ada, grace, "and here");
  assert.equal((await other).json.messages.length, 1);
});
