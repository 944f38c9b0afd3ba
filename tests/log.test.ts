/**
 * Tests that the log never contains a secret, a token or anything that was made from one, wherever a client sends it.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { Writable } from "node:stream";
import { test } from "node:test";
import { pino } from "pino";
import { logOptions } from "../server/log.ts";
import { listen } from "../testing/listen.ts";
import { type Request, send } from "../testing/request.ts";
import { startServer } from "../testing/start-server.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";

const REGISTER = "/api/v1/register";
const CHAT = "/api/v1/chat";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** A text in every form from which somebody could read it or test a guess. */
function formsOf(text: string): string[] {
  const percent = [...text].map((each) => `%${each.charCodeAt(0).toString(16)}`).join("");
  const base64 = [text, `1:${text}`].map((each) => Buffer.from(each).toString("base64").replace(/=+$/, ""));
  return [text, percent, encodeURIComponent(text), ...base64, Buffer.from(text).toString("hex"), sha256(text)];
}

test("the log has no secret, token, hash or query in it, wherever it was sent", async (t) => {
  const root = await temporaryFolder(t);
  const environment = { PLAINCHAT_LOG_LEVEL: "debug", PLAINCHAT_CLASS: "1", PLAINCHAT_HOST: "127.0.0.1" };
  const server = await startServer(t, root, environment);
  const { origin, secret } = server;
  // What npm start prints before is the banner: it shows the secret and the projector's key.
  const begin = server.output().length;
  const key = /projector\b.*#([\w-]{22})/.exec(server.output())?.[1] ?? assert.fail("there is no projector's key");
  const { userId, authToken } = (
    await send(origin, { method: "POST", path: REGISTER, body: { secret, userHandle: "ada" } })
  ).json;
  const user = `${userId}:${authToken}`;
  await listen(t, origin, { path: "/api/v1/explain" });
  const all = [secret, authToken, key];
  for (const hidden of all) {
    for (const form of formsOf(hidden)) {
      const inUrl = encodeURIComponent(form);
      const requests: Request[] = [
        ...["/", "/api/v1/", `${CHAT}/`, "/problems/", "/web/", "/api/v1/explain/", `${CHAT};`].map((before) => {
          return { path: `${before}${inUrl}`, user };
        }),
        { path: `/${form.replaceAll("%", "%%")}`, user },
        { method: "PUT", path: `${CHAT}?${inUrl}=1`, user },
        { path: `${CHAT}?secret=${inUrl}&myAuth=${inUrl}&x=${inUrl}` },
        { path: `${REGISTER}?userHandle=${inUrl}`, user },
        { path: CHAT, headers: { authorization: `Basic ${form.replace(/[^\w]/g, "")}` } },
        {
          path: CHAT,
          headers: { authorization: `Bearer ${form}`, "last-event-id": form, "x-secret": form, cookie: form },
        },
        { path: "/api/v1/class/secret", headers: { authorization: `Bearer ${form}` } },
        { method: "POST", path: REGISTER, body: { secret: form, userHandle: form } },
        { method: "POST", path: CHAT, user, body: { userHandle: form, message: form, [form]: form } },
        { method: "POST", path: CHAT, user, body: `{"message":"${form}"`, headers: { "idempotency-key": form } },
        {
          method: "POST",
          path: CHAT,
          user,
          body: "{}",
          headers: { "content-type": form, explain: form, expect: form },
        },
      ];
      for (const request of requests) await send(origin, request);
      const socket = connect(Number(new URL(origin).port), "127.0.0.1");
      socket.on("error", () => {}).end(`GET /${form} ${form} HTTP/1.1\r\n${form}: ${form}\r\n\r\n`);
    }
  }
  // A fault of the server: it cannot read its secret.
  await rm(join(root, "users", "secret.dat"));
  await mkdir(join(root, "users", "secret.dat"));
  const { status } = await send(origin, { method: "POST", path: REGISTER, body: { secret, userHandle: secret } });
  assert.equal(status, 500);
  await server.stop("SIGTERM");
  const logged = server.output().slice(begin);
  assert.match(logged, /"event":"request"/);
  assert.match(logged, /"event":"A request failed"/);
  for (const hidden of all) {
    for (const form of formsOf(hidden)) {
      assert.ok(
        !logged.includes(form),
        `the log has ${form}: ${logged.split("\n").find((line) => line.includes(form))}`,
      );
    }
  }
});

test("an error in the log says what happened, without a secret or hash in its text, causes and stack", () => {
  const token = "s1stW8tRW3xogZBQcE18JhAJk0ibQFUS";
  const [secret, hash] = ["balloon-kitten-lemon-robin-star", sha256("ada")];
  let logged = "";
  const output = new Writable({
    write(piece, _encoding, done) {
      logged += piece;
      done();
    },
  });
  const log = pino(logOptions("debug"), output);
  const cause = Object.assign(new Error(`ENOENT: no such file, open 'users/${hash}.dat'`), {
    path: `users/${hash}.dat`,
  });
  const error = new Error(`It is not JSON: {"secret":"${secret}", … ${token}`, { cause });
  log.error({ error, file: `users/${hash}.dat`, details: { said: [secret], path: `/x/${token}` } }, "A request failed");
  for (const hidden of [token, secret, hash, hash.slice(0, 12)]) assert.ok(!logged.includes(hidden), logged);
  assert.match(logged, /"level":"error"/);
  assert.match(logged, /It is not JSON: .*log\.test\.ts/);
  assert.match(logged, new RegExp(`users/${hash.slice(0, 4)}….dat`));
});
