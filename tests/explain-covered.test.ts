/**
 * Tests that a trace, the class's feed and the list of the class hide everything that was made from a token or a
 * secret, and that nothing shows because a file is cut.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { listen } from "../testing/listen.ts";
import type { Request } from "../testing/request.ts";
import { type RunningApp, startApp } from "../testing/start-app.ts";

const REGISTER = "/api/v1/register";
const CHAT = "/api/v1/chat";

/** Everything from which somebody could read a secret, or with which they could test guesses. */
function tracesOf(secret: string): string[] {
  return [secret, secret.toUpperCase(), secret.replaceAll("-", " ")].flatMap((form) => [
    form,
    Buffer.from(form).toString("base64").replace(/=+$/, ""),
    Buffer.from(form).toString("hex"),
    createHash("sha256").update(form).digest("hex"),
    createHash("sha256").update(form).digest("base64"),
    encodeURIComponent(form),
    form.slice(0, Math.ceil(form.length * 0.7)),
    form.slice(Math.floor(form.length * 0.3)),
  ]);
}

/** Sends a request with `Explain: 1`. @returns its trace as text. */
async function traceOf(app: RunningApp, request: Request): Promise<string> {
  const { headers } = await app.send({ ...request, headers: { ...request.headers, explain: "1" } });
  const link = /<(.*)>/.exec(String(headers.link))?.[1] ?? assert.fail("there is no link to the trace");
  return (await app.send({ path: link })).text;
}

test("a secret or token that is sent as a handle leaves nothing with which it could be guessed", async (t) => {
  const app = await startApp(t, { isClass: true });
  const { secret } = app;
  const [ada, grace] = [await app.register("ada"), await app.register("grace")];
  const watcher = await listen(t, app.origin, { path: "/api/v1/explain" });
  let count = 0;
  for (const hidden of [secret, grace.authToken]) {
    const spaced = hidden === secret ? [hidden.replaceAll("-", " "), hidden.replaceAll("-", "")] : [];
    for (const userHandle of [hidden, hidden.toUpperCase(), `it is ${hidden}`, ...spaced]) {
      const { user } = ada;
      const requests: Request[] = [
        { path: `${REGISTER}?userHandle=${encodeURIComponent(userHandle)}`, user },
        { method: "POST", path: CHAT, user, body: { userHandle, message: `\n${userHandle}` } },
        { path: CHAT, user, body: { userHandle } },
        { method: "POST", path: REGISTER, body: { secret, userHandle } },
        { path: REGISTER, user, body: { userHandle } },
        {
          method: "POST",
          path: CHAT,
          user,
          body: { userHandle, message: `\t${Buffer.from(userHandle).toString("base64")}` },
        },
        { path: "/api/v1/users?after=2", user },
        { path: CHAT, user, body: { box: "sent" } },
        { method: "PATCH", path: REGISTER, user, body: { userHandle: `${userHandle}!` } },
        { method: "PATCH", path: REGISTER, user, body: { userHandle: "ada" } },
        { path: `/api/v1/${encodeURIComponent(userHandle)}?x=${encodeURIComponent(userHandle)}`, user },
      ];
      for (const request of requests) {
        const trace = await traceOf(app, request);
        count++;
        for (const form of tracesOf(userHandle)) {
          assert.ok(!trace.includes(form), `${request.method} ${request.path} shows ${form}: ${trace}`);
        }
      }
    }
  }
  await watcher.until(() => watcher.events.length === count);
  const { text: people } = await app.send({ path: "/api/v1/class" });
  for (const hidden of [secret, grace.authToken]) {
    for (const form of tracesOf(hidden)) {
      assert.ok(!watcher.text().includes(form), `the feed shows ${form}`);
      assert.ok(!people.includes(form), `the list of the class shows ${form}`);
    }
  }
});

test("a checksum of a line says nothing about what is hidden in it", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const request = { method: "POST", path: CHAT, user: ada.user };
  for (const [i, sent] of [
    { ...request, body: { userHandle: "ada", message: `my token is\n${ada.authToken}` } },
    { ...request, body: { userHandle: "ada", message: "hello" }, headers: { "idempotency-key": "a-key-of-mine" } },
  ].entries()) {
    const trace = await traceOf(app, sent);
    const line = readFileSync(join(app.root, "messages/000001.jsonl"), "utf8").trim().split("\n").at(-1) ?? "";
    const { crc, digest } = JSON.parse(line);
    assert.ok(!trace.includes(crc) && (i === 0 || digest !== undefined), line);
    assert.ok(!trace.includes(ada.authToken) && !trace.includes("a-key-of-mine"), trace);
  }
});

test("an Idempotency-Key shows in no trace, not even where a file is cut", async (t) => {
  const app = await startApp(t, { isClass: true });
  const [ada, grace] = [await app.register("ada"), await app.register("grace")];
  const watcher = await listen(t, app.origin, { path: "/api/v1/explain" });
  const key = "k3y-".repeat(60);
  let traces = "";
  for (const length of [3300, 3500, 3600, 3700, 3800, 3900]) {
    const [user, headers] = [ada.user, { "idempotency-key": `${key}${length}` }];
    await traceOf(app, {
      method: "POST",
      path: CHAT,
      user,
      body: { userHandle: "grace", message: "é".repeat(length) },
    });
    const body = { userHandle: "grace", message: "a short one" };
    traces += await traceOf(app, { method: "POST", path: CHAT, user, headers, body });
    traces += await traceOf(app, { path: `${CHAT}?limit=3`, user: grace.user });
    traces += await traceOf(app, { path: `${CHAT}?limit=1&before=9999`, user: grace.user });
  }
  await watcher.until(() => watcher.events.length === 24);
  for (const text of [traces, watcher.text()]) assert.ok(!text.includes("k3y-") && !text.includes("\ufffd"));
});

test("a secret in a message shows no part where the line is cut", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const request = { method: "POST", path: CHAT, user: ada.user };
  await app.publish(ada, ada, "hello");
  const written = readFileSync(join(app.root, "messages/000001.jsonl"), "utf8");
  const inMessage = 4096 - written.slice(written.lastIndexOf("\n", written.length - 2)).indexOf("hello");
  for (const hidden of [app.secret, ada.authToken]) {
    // The cut goes through every place of it.
    for (let before = inMessage - hidden.length; before < inMessage; before++) {
      const message = `${"x".repeat(before - 1)} ${hidden} ${"y".repeat(30)}`;
      const trace = await traceOf(app, { ...request, body: { userHandle: "ada", message } });
      for (const part of [hidden.slice(0, 12), hidden.slice(-12)]) assert.ok(!trace.includes(part), trace);
    }
  }
});

test("a page in a trace has whole lines, and at most 4 KiB of them", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  for (let i = 0; i < 9; i++) await app.publish(ada, ada, "x".repeat(500));
  const { steps } = JSON.parse(await traceOf(app, { path: CHAT, user: ada.user }));
  const shown: string = steps.find(({ id }: { id: string }) => id === "chat.get.6").files[0].after.text;
  const lines = shown.trimEnd().split("\n");
  assert.ok(lines.length > 3 && Buffer.byteLength(shown) <= 4096);
  for (const line of lines) assert.equal(JSON.parse(line).message, "x".repeat(500));
});

test("a file of a user is shown only if it is as the server writes it", async (t) => {
  const app = await startApp(t);
  const [ada, eve] = [await app.register("ada"), await app.register("eve")];
  const file = join(app.root, "users", `${ada.userId}.json`);
  const token = "a token of another form";
  for (const contents of [
    `{"userHandle":"ada","\\u0061uthToken":"${token}"}`,
    `{"userHandle":"ada","authToken":"${token}`,
    `${" ".repeat(5000)}{"authToken":"${token}"}`,
    token,
  ]) {
    writeFileSync(file, contents);
    const trace = await traceOf(app, { path: "/api/v1/users", user: eve.user });
    assert.match(trace, /users\/1\.json/);
    assert.ok(!trace.includes(token.slice(0, 12)), contents);
  }
});
