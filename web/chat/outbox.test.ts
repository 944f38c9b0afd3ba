/**
 * Tests the outbox with a server that answers when the test lets it.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import type { Message } from "../../client/types.ts";
import { Outbox } from "./outbox.ts";

/** What an outbox could not send, it keeps for the next one of the same user. */
let nextId = 100;

/** An outbox of a new user. Each message waits until the test answers it. */
function outboxWithSlowServer() {
  const waiting = new Map<string, (status: number, type?: string) => void>();
  const arrived: string[] = [];
  let changed = Promise.withResolvers<void>();
  const fetch = async (url: string, { method, body }: RequestInit): Promise<Response> => {
    const { searchParams, pathname } = new URL(url);
    if (pathname.endsWith("/users")) {
      const userId = Number(searchParams.get("after")) + 1;
      return Response.json({ users: [{ userId, userHandle: `user-${userId}` }] });
    }
    assert.equal(method, "POST");
    const { message, userHandle } = JSON.parse(String(body));
    const [status, type] = await new Promise<[status: number, type: string | undefined]>((resolve) => {
      waiting.set(message, (...[code, kind]) => resolve([code, kind]));
      changed.resolve();
    });
    waiting.delete(message);
    if (status === 0) throw new TypeError("no network");
    const field = status === 503 ? undefined : "message";
    if (status !== 200) return Response.json({ detail: "no", field, type }, { status });
    arrived.push(message);
    const userId = Number(userHandle.replace("user-", ""));
    return Response.json({ userId, messageId: arrived.length, sentAt: "2030-01-02T12:00:00.000Z" });
  };
  const client = new PlainchatClient("http://server", { fetch, attempts: 1 });
  const sent: Message[] = [];
  const onChange = () => changed.resolve();
  nextId++;
  const me = { myId: nextId, myAuth: "x".repeat(32), userHandle: "ada" };
  const outbox = new Outbox({ client, background: client }, () => me, {
    sent: (message) => sent.push(message),
    change: onChange,
  });
  /** Waits until something is true that only requests and their replies change. */
  const until = async (isTrue: () => boolean) => {
    while (!isTrue()) {
      changed = Promise.withResolvers();
      if (!isTrue()) await changed.promise;
    }
  };
  const answer = async (message: string, status = 200, type?: string) => {
    await until(() => waiting.has(message));
    waiting.get(message)?.(status, type);
  };
  const states = () => outbox.drafts.map(({ message, state }) => `${message}: ${state}`);
  return { outbox, waiting, arrived, until, answer, states };
}

test("messages to one person arrive in the order in which they were written, and other conversations do not wait", async () => {
  const { outbox, waiting, arrived, until, answer } = outboxWithSlowServer();
  for (const message of ["one", "two", "three"]) outbox.send({ toId: 2, message, after: 0 });
  outbox.send({ toId: 3, message: "to somebody else", after: 0 });
  await answer("to somebody else");
  await until(() => arrived.length === 1);
  assert.deepEqual([...waiting.keys()], ["one"]);
  for (const message of ["one", "two", "three"]) await answer(message);
  await until(() => outbox.drafts.length === 0);
  assert.deepEqual(arrived, ["to somebody else", "one", "two", "three"]);
});

test("a refused message does not hold up the next ones", async () => {
  const { outbox, arrived, until, answer, states } = outboxWithSlowServer();
  for (const message of ["one", "two"]) outbox.send({ toId: 2, message, after: 0 });
  await answer("one", 400);
  await answer("two");
  await until(() => arrived.length === 1 && outbox.drafts.length === 1);
  assert.deepEqual(states(), ["one: refused"]);
  assert.equal(outbox.drafts[0]?.isHopeless, true);
});

test("a 503 counts as refused, unless the server says that it does not know", async () => {
  const { outbox, until, answer, states } = outboxWithSlowServer();
  outbox.send({ toId: 2, message: "busy", after: 0 });
  await answer("busy", 503, "/problems/service-unavailable");
  outbox.send({ toId: 3, message: "in doubt", after: 0 });
  await answer("in doubt", 503, "/problems/outcome-unknown");
  await until(() => outbox.drafts[1]?.state === "no answer");
  assert.deepEqual(states(), ["busy: refused", "in doubt: no answer"]);
  assert.deepEqual(
    outbox.drafts.map(({ reason }) => reason),
    ["error.busy", "error.unknownOutcome"],
  );
});

test("when nobody knows whether a message arrived, the next ones are held, and go after it when it is tried again", async () => {
  const { outbox, arrived, until, answer, states } = outboxWithSlowServer();
  for (const message of ["one", "two", "three"]) outbox.send({ toId: 2, message, after: 0 });
  await answer("one", 0);
  await until(() => outbox.drafts[2]?.state === "held");
  assert.deepEqual(states(), ["one: no answer", "two: held", "three: held"]);
  const [first] = outbox.drafts;
  assert.ok(first !== undefined);
  outbox.tryAgain(first);
  for (const message of ["one", "two", "three"]) await answer(message);
  await until(() => outbox.drafts.length === 0);
  assert.deepEqual(arrived, ["one", "two", "three"]);
});

test("when the message before is discarded, the held ones are sent", async () => {
  const { outbox, arrived, until, answer } = outboxWithSlowServer();
  for (const message of ["one", "two"]) outbox.send({ toId: 2, message, after: 0 });
  await answer("one", 0);
  await until(() => outbox.drafts[1]?.state === "held");
  const [first] = outbox.drafts;
  assert.ok(first !== undefined);
  outbox.discard(first);
  await answer("two");
  await until(() => outbox.drafts.length === 0);
  assert.deepEqual(arrived, ["two"]);
});
