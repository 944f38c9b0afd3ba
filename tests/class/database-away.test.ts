/**
 * Tests a class whose database goes away in the middle of a lesson: every request still gets a reply, also while the wall
 * watches, and what was decided already stays decided. Without PostgreSQL on this computer there is nothing to test.
 */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { noteActivity } from "../../server/http/monitor/pupil-activity.ts";
import { Live } from "../../server/live/live.ts";
import type { Call } from "../../server/steps/call.ts";
import type { Users } from "../../server/store/contract.ts";
import { DatabaseAwayError } from "../../server/store/store-errors.ts";
import { databasePrograms, startDatabase } from "../../testing/database.ts";
import { say, startLesson, teach } from "../../testing/lesson.ts";
import { listen } from "../../testing/listen.ts";
import { TEACHER_KEY } from "../../testing/start-app.ts";

const skip = databasePrograms() === undefined && "PostgreSQL is missing (apt install postgresql)";

test("without the database, every call of a class is a 503, whoever watches, and the server goes on", {
  skip,
}, async (t) => {
  const cluster = await startDatabase(t);
  const { app, ada, grace } = await startLesson(t, { database: await cluster.create() });
  const stream = await listen(t, app.origin, ada);
  await stream.until(() => stream.lastId() !== "");
  const watchers = [
    await listen(t, app.origin, { path: "/api/v1/explain" }),
    await listen(t, app.origin, { path: "/api/v1/explain", bearer: TEACHER_KEY }),
  ];
  await cluster.stop("SIGINT");
  const explained = { headers: { explain: "1" } };
  const replies = await Promise.all([
    say(app, ada, grace),
    teach(app, "PATCH ", { isPaused: true }),
    teach(app, "GET /pupils"),
    teach(app, "POST /codes", { userId: ada.userId }),
    app.send({ path: "/api/v1/class" }),
    app.send({ path: "/api/v1/chat", user: ada.user, ...explained }),
    app.send({
      method: "POST",
      path: "/api/v1/class/rejoin",
      body: { userHandle: "ada", rejoinCode: "K7Q2MX" },
      ...explained,
    }),
  ]);
  for (const { status, headers, text } of replies) {
    assert.equal(status, 503, text);
    assert.match(String(headers["retry-after"]), /^\d+$/);
  }
  // Refused before it reaches a call, and by Node's parser: watchers are told of these, too.
  assert.equal((await app.send({ path: "/nowhere" })).status, 404);
  assert.match(await unreadable(app.origin), /^HTTP\/1\.1 400 /);
  assert.equal((await app.send({ path: "/healthz" })).status, 200);
  // Nobody knows what they may see now. So they see nothing, and the streams hear no news.
  for (const watcher of watchers) assert.ok(watcher.events.every(({ type }) => type !== "trace"));
});

test("a request keeps its outcome if the store cannot say any more who sent it", async () => {
  const live = new Live();
  const users = { openTokenFile: () => Promise.reject(new DatabaseAwayError("away")) } as unknown as Users;
  const call = { readInputs: () => ({ myId: 1, myAuth: "a-token-of-nobody" }) } as unknown as Call;
  await noteActivity("chat.post", call, { users, live, clock: { now: Date.now } });
  assert.equal(live.activity.of(1, Date.now()), undefined);
  live.close();
});

/** Sends what is no HTTP. @returns the reply. */
function unreadable(origin: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(Number(new URL(origin).port), "127.0.0.1", () => socket.end("GET /a b HTTP/1.1\r\n\r\n"));
    socket.on("data", (piece) => {
      text += piece;
    });
    socket.on("close", () => resolve(text));
    socket.on("error", reject);
  });
}
