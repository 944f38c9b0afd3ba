/**
 * Tests that extra fields in a request have no effect: a client cannot set the fields of a message or a user that the
 * server itself writes.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startApp } from "../testing/start-app.ts";

const FOREIGN = {
  fromId: 2,
  fromHandle: "grace",
  from: "grace",
  toId: 1,
  messageId: 77,
  sentAt: "2001-01-01T00:00:00.000Z",
  editedAt: "2001-01-01T00:00:00.000Z",
  userId: 2,
  authToken: "a-token-of-my-own-choice",
};

test("a client cannot set the sender, the recipient's id or the time of a message", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const grace = await app.register("grace");
  const sent = { ...FOREIGN, userHandle: "grace", message: "hello" };
  const reply = await app.send({ method: "POST", path: "/api/v1/chat", user: ada.user, body: sent });
  assert.equal(reply.status, 200, reply.text);
  const { messageId } = reply.json;
  assert.notEqual(messageId, FOREIGN.messageId);
  const edit = { ...FOREIGN, messageId, message: "hello again" };
  assert.equal((await app.send({ method: "PATCH", path: "/api/v1/chat", user: ada.user, body: edit })).status, 200);
  const { messages } = (await app.send({ path: "/api/v1/chat", user: grace.user })).json;
  assert.equal(messages.length, 1);
  const [{ fromId, fromHandle, toHandle, message } = assert.fail()] = messages;
  assert.deepEqual(
    { fromId, fromHandle, toHandle, message },
    {
      fromId: ada.userId,
      fromHandle: "ada",
      toHandle: "grace",
      message: "hello again",
    },
  );
  assert.ok(!JSON.stringify(messages).includes("2001-"));
});

test("a client cannot choose its id or token, or change another user", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const grace = await app.register("grace");
  const path = "/api/v1/register";
  const registered = await app.send({
    method: "POST",
    path,
    body: { ...FOREIGN, secret: app.secret, userHandle: "alan" },
  });
  assert.equal(registered.status, 200, registered.text);
  assert.equal(registered.json.userId, 3);
  assert.notEqual(registered.json.authToken, FOREIGN.authToken);
  const changed = await app.send({
    method: "PATCH",
    path,
    user: ada.user,
    body: { ...FOREIGN, userHandle: "lovelace" },
  });
  assert.deepEqual(changed.json, { userId: ada.userId, authToken: ada.authToken });
  const { users } = (await app.send({ path: "/api/v1/users", user: grace.user })).json;
  assert.deepEqual(users[0], { userId: 1, userHandle: "lovelace" });
  assert.deepEqual(users[1], { userId: 2, userHandle: "grace" });
  assert.equal(users.length, 3);
});
