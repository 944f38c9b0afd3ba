/**
 * Watching the class behind a proxy that holds streams back: `GET /api/v1/explain?wait=…` is a short reply with the
 * same events, and the client turns to it by itself.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { PlainchatClient } from "../client/plainchat-client.ts";
import type { ClassEvent } from "../client/trace.ts";
import { startHoldingProxy } from "../testing/holding-proxy.ts";
import { startApp, TEACHER_KEY } from "../testing/start-app.ts";

const FEED = "/api/v1/explain";

test("with `wait`, the events of some seconds are one short reply", async (t) => {
  const app = await startApp(t, { isClass: true });
  const ada = await app.register("ada");
  const asking = app.send({ path: `${FEED}?wait=1` });
  await app.send({ path: "/api/v1/users", user: ada.user });
  const messageId = await app.publish(ada, ada, "hello");
  await app.send({ method: "DELETE", path: "/api/v1/chat", user: ada.user, body: { messageId } });
  const { status, text, headers } = await asking;
  assert.equal(status, 200);
  assert.equal(headers["content-type"], "text/plain; charset=utf-8");
  const events = [...text.matchAll(/^event: (.*)$/gm)].map(([, type]) => type);
  assert.deepEqual(events, ["trace", "trace", "gone", "trace"]);
  for (const wait of ["0", "11", "1.5", "", "x", "1&wait=1", "-1"]) {
    const refused = await app.send({ path: `${FEED}?wait=${wait}` });
    assert.deepEqual([refused.status, refused.json.field], [400, "wait"], wait);
  }
  assert.equal((await app.send({ path: `${FEED}?wait=1`, headers: { authorization: "Bearer guess" } })).status, 403);
  // Somebody who goes away no longer counts as watching, and a server that stops answers at once.
  const left = new AbortController();
  const going = fetch(`${app.origin}${FEED}?wait=10`, { signal: left.signal });
  setTimeout(() => left.abort(), 50);
  await assert.rejects(going, { name: "AbortError" });
  const last = app.send({ path: `${FEED}?wait=10` });
  const watching = app.send({ path: "/metrics" });
  await watching;
  await app.stop();
  assert.equal((await last).status, 200);
});

for (const holds of ["body", "all", "refused"] as const) {
  test(`behind a proxy that holds streams back (${holds}) every request is seen, once and in order`, async (t) => {
    const app = await startApp(t, { isClass: true });
    const proxy = await startHoldingProxy(t, app.origin, holds);
    const ada = await app.register("ada");
    const states: string[] = [];
    const seen: ClassEvent[] = [];
    const stopping = new AbortController();
    const waiting = Promise.withResolvers<void>();
    const onConnection = (state: string) => {
      states.push(state);
      if (state === "waiting") waiting.resolve();
    };
    const options = { signal: stopping.signal, onConnection, teacherKey: TEACHER_KEY };
    const watching = (async () => {
      for await (const event of new PlainchatClient(proxy.origin).watchRequests(options)) {
        seen.push(event);
        if (event.type !== "trace" || event.trace.operation !== "chat.post") continue;
        if (seen.length === 12) break;
      }
    })();
    await waiting.promise;
    // Each request follows the one before by half a second, so that replies overlap over some of them.
    let sent = 0;
    const timer = setInterval(() => {
      if (sent < 12) void app.publish(ada, ada, `message ${++sent}`);
    }, 400);
    await watching;
    clearInterval(timer);
    const texts = seen.map(
      (event) => event.type === "trace" && event.trace.request.inputs.find(({ name }) => name === "message")?.value,
    );
    assert.deepEqual(
      texts,
      Array.from({ length: 12 }, (_, i) => `message ${i + 1}`),
    );
    assert.deepEqual(states, holds === "refused" ? ["lost", "waiting"] : ["waiting"]);
  });
}

test("where the server refuses, watching ends with its sentence", async (t) => {
  const app = await startApp(t);
  const watching = new PlainchatClient(app.origin).watchRequests();
  await assert.rejects(watching.next(), { status: 404 });
});
