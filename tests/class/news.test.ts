/**
 * Tests the event `class` on the streams of a class: at the start, and whenever something changes for that user.
 */
import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import { FILES_ONLY } from "../../testing/kept.ts";
import { startLesson, teach } from "../../testing/lesson.ts";
import { listen } from "../../testing/listen.ts";
import { startApp } from "../../testing/start-app.ts";

type Stream = Awaited<ReturnType<typeof listen>>;
const newsIn = ({ events }: Stream) =>
  events.filter(({ type }) => type === "class").map(({ data }) => data as unknown as Record<string, unknown>);
const QUIET = { isPaused: false, showsTexts: false, isMuted: false, isHandUp: false };

test("each stream hears at its start what holds, and then each change that concerns its user", async (t) => {
  const { app, ada, grace } = await startLesson(t);
  const [ofAda, ofGrace] = [await listen(t, app.origin, ada), await listen(t, app.origin, grace)];
  for (const stream of [ofAda, ofGrace]) {
    await stream.until(() => stream.lastId() !== "");
    assert.deepEqual(newsIn(stream), [QUIET]);
  }
  await teach(app, "PATCH ", { isPaused: true, lesson: 3 });
  await teach(app, "PATCH /pupils", { userId: ada.userId, isMuted: true });
  await teach(app, "PATCH /pupils", { userId: ada.userId, isHidden: true });
  await app.send({ method: "PATCH", path: "/api/v1/class/hand", user: ada.user, body: { isUp: true } });
  await teach(app, "PATCH ", { isPaused: false, showsTexts: true });
  const last = (stream: Stream) => newsIn(stream).at(-1)?.showsTexts === true;
  for (const stream of [ofAda, ofGrace]) await stream.until(() => last(stream) && newsIn(stream).at(-1)?.lesson === 3);
  assert.deepEqual(newsIn(ofGrace).at(-1), { ...QUIET, showsTexts: true, lesson: 3 });
  assert.deepEqual(newsIn(ofAda).at(-1), { ...QUIET, showsTexts: true, lesson: 3, isMuted: true, isHandUp: true });
  assert.ok(newsIn(ofAda).some((news) => news.isPaused && news.isMuted));
  assert.ok(newsIn(ofGrace).every((news) => news.isMuted === false && news.isHandUp === false));
  const texts = newsIn(ofGrace).map((news) => JSON.stringify(news));
  assert.equal(new Set(texts).size, texts.length, "nothing is said twice");
});

test("the event has no id: a client that comes back resumes as if it had not been there", async (t) => {
  const { app, ada, grace } = await startLesson(t);
  const stream = await listen(t, app.origin, ada);
  await app.publish(grace, ada, "one");
  await stream.until(() => stream.events.some(({ type }) => type === "message"));
  const before = stream.lastId();
  await teach(app, "PATCH ", { isPaused: true });
  await stream.until(() => newsIn(stream).length === 2);
  assert.equal(stream.lastId(), before);
  assert.doesNotMatch(stream.text(), /id: .*\nevent: class/);
  stream.close();
  await teach(app, "PATCH ", { isPaused: false });
  await app.publish(grace, ada, "two");
  const again = await listen(t, app.origin, { ...ada, lastEventId: before });
  await again.until(() => again.events.some(({ type }) => type === "message"));
  assert.deepEqual(
    again.events.filter(({ type }) => type === "message").map(({ data }) => data.message),
    ["two"],
  );
  assert.deepEqual(newsIn(again), [QUIET]);
});

test("a change by hand is heard, too", { skip: FILES_ONLY }, async (t) => {
  const { app, ada } = await startLesson(t);
  const stream = await listen(t, app.origin, ada);
  writeFileSync(join(app.root, "class", "paused.json"), "");
  await stream.until(() => newsIn(stream).at(-1)?.isPaused === true);
  rmSync(join(app.root, "class", "paused.json"));
  await stream.until(() => newsIn(stream).at(-1)?.isPaused === false);
  mkdirSync(join(app.root, "class", "muted"), { recursive: true });
  writeFileSync(join(app.root, "class", "muted", `${ada.userId}.json`), "");
  await stream.until(() => newsIn(stream).at(-1)?.isMuted === true);
});

test("without class mode a stream has no such event", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const stream = await listen(t, app.origin, ada);
  await app.publish(ada, ada, "hi");
  await stream.until(() => stream.events.length > 0);
  assert.doesNotMatch(stream.text(), /event: class/);
});

test("the client passes the event on, and the message after it", async (t) => {
  const { app, ada, grace } = await startLesson(t);
  const client = new PlainchatClient(app.origin, { credentials: { myId: ada.userId, myAuth: ada.authToken } });
  await app.publish(grace, ada, "hi");
  const types: string[] = [];
  for await (const { type } of client.listen({ after: 0 })) if (types.push(type) === 2) break;
  assert.deepEqual(types, ["class", "message"]);
});
