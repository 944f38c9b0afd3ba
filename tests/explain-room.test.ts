/**
 * Tests how long the server keeps traces: what programs ask for in the background, and what others ask for in a loop,
 * must not push out the trace that somebody still wants to open.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { TraceShelf } from "../server/explain/trace-shelf.ts";
import { listen } from "../testing/listen.ts";
import type { Request } from "../testing/request.ts";
import { type Person, type RunningApp, startApp } from "../testing/start-app.ts";

const CHAT = "/api/v1/chat";

/** Sends a request with `Explain: 1`. @returns the address of its trace. */
async function explained(app: RunningApp, request: Request, words = "1"): Promise<string> {
  const { headers } = await app.send({ ...request, headers: { ...request.headers, explain: words } });
  return /<(.*)>/.exec(String(headers.link))?.[1] ?? assert.fail("there is no link to the trace");
}

const isKept = async (app: RunningApp, path: string) => (await app.send({ path })).status === 200;
const messageOf = ({ user }: Person, text: string): Request => {
  return { method: "POST", path: CHAT, user, body: { userHandle: "ada", message: text } };
};

async function classOf(app: RunningApp, size: number): Promise<Person[]> {
  const people: Person[] = [];
  for (let i = 0; i < size; i++) people.push(await app.register(`pupil-${i}`));
  return people;
}

test("what thirty pages ask for in the background pushes no message out, while the class is watched", async (t) => {
  const app = await startApp(t, { isClass: true });
  const ada = await app.register("ada");
  const pages = [ada, ...(await classOf(app, 29))];
  const watcher = await listen(t, app.origin, { path: "/api/v1/explain" });
  const sent = await explained(app, messageOf(ada, "hello"));
  // Each page asks twenty times a minute. This is one and a half minutes, and the glass is open in one of them.
  for (let round = 0; round < 30; round++) {
    await Promise.all(
      pages.map(({ user }, i) => {
        const path = ["/api/v1/users", CHAT, `${CHAT}?after=1`][i % 3] ?? CHAT;
        return app.send({ path, user, headers: { explain: i === 0 ? "1, background" : "background" } });
      }),
    );
  }
  await watcher.until(() => watcher.events.length > 900);
  assert.ok(await isKept(app, sent));
});

test("requests of a class that nobody asked to explain push out no trace that somebody asked for", async (t) => {
  const app = await startApp(t, { isClass: true });
  const ada = await app.register("ada");
  await listen(t, app.origin, { path: "/api/v1/explain" });
  const sent = await explained(app, messageOf(ada, "hello"));
  for (let i = 0; i < 300; i++) await app.send({ path: CHAT, user: ada.user });
  assert.ok(await isKept(app, sent));
});

test("what a page asks for in the background pushes out nothing that the same user asked for", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const asked = await explained(app, { path: "/api/v1/users", user: ada.user });
  for (let i = 0; i < 250; i++) await explained(app, { path: "/api/v1/users", user: ada.user }, "1, background");
  assert.ok(await isKept(app, asked));
});

test("a loop of one client pushes out only its own traces, whether it proves who it is or not", async (t) => {
  const app = await startApp(t);
  const [ada, ben] = [await app.register("ada"), await app.register("ben")];
  const kept = [await explained(app, messageOf(ada, "one")), await explained(app, messageOf(ada, "two"))];
  // He claims to be somebody else each time, without a right token, and then registers somebody else each time.
  for (let i = 0; i < 220; i++) await explained(app, { path: CHAT, user: `${i + 1}:012345678901` });
  for (let i = 0; i < 220; i++) {
    const body = { secret: app.secret, userHandle: `ben-${i}` };
    await explained(app, { method: "POST", path: "/api/v1/register", body });
  }
  for (let i = 0; i < 250; i++) kept[2 + (i % 2)] = await explained(app, { path: "/api/v1/users", user: ben.user });
  for (const path of kept) assert.ok(await isKept(app, path), path);
});

test("a client that polls with `Explain: 1` does not push out the message that the same user sent", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const sent = await explained(app, messageOf(ada, "hello"));
  for (let i = 0; i < 250; i++) await explained(app, { path: `${CHAT}?limit=1`, user: ada.user });
  assert.ok(await isKept(app, sent));
});

test("TraceShelf never keeps more than it has room for, and keeps everybody's fair share", () => {
  const shelf = new TraceShelf(20);
  const ids: string[] = [];
  const keep = (owner: string, operation: string) => {
    ids.push(`${ids.length}`);
    shelf.keep(ids.at(-1) ?? "", "{}", { owner, operation });
    return ids.at(-1) ?? "";
  };
  const first = Array.from({ length: 4 }, (_, i) => keep(`user ${i}`, "chat.post"));
  for (let i = 0; i < 500; i++) keep(`user ${i % 3}`, i % 2 === 0 ? "chat.get" : "users.get");
  assert.equal(ids.filter((id) => shelf.get(id) !== undefined).length, 20);
  for (const id of first) assert.notEqual(shelf.get(id), undefined, id);
  assert.notEqual(shelf.get(ids.at(-1) ?? ""), undefined, "the newest is there");
});
