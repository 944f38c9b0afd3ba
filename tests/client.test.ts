/**
 * Tests the client against the real server, on a network that drops connections, and while the server is killed and
 * restarted.
 */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { ChatError } from "../client/chat-error.ts";
import { PlainchatClient } from "../client/plainchat-client.ts";
import { sendToUser } from "../client/send-to-user.ts";
import type { ChatEvent } from "../client/types.ts";
import { atEnd } from "../testing/at-end.ts";
import { type BadNetwork, startBadNetwork } from "../testing/bad-network.ts";
import { type RunningApp, startApp } from "../testing/start-app.ts";
import { startServer } from "../testing/start-server.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";

/** Registers a user over a good connection. @returns a client for that user whose requests go to `via`. */
async function join(secret: string, origin: string, userHandle: string, via = origin): Promise<PlainchatClient> {
  const client = new PlainchatClient(origin);
  await client.registerUser({ secret, userHandle });
  return new PlainchatClient(via, { credentials: client.credentials, attempts: 30, timeoutSeconds: 5 });
}

function userOf({ credentials }: PlainchatClient): string {
  return `${credentials?.myId}:${credentials?.myAuth}`;
}

/** Listens until the message "end" comes. */
async function hear(client: PlainchatClient, options: Parameters<PlainchatClient["listen"]>[0]): Promise<ChatEvent[]> {
  const events: ChatEvent[] = [];
  for await (const event of client.listen(options)) {
    events.push(event);
    if (event.type === "message" && event.message.message === "end") break;
  }
  return events;
}

const textsOf = (events: ChatEvent[]) =>
  events.map((event) => ("message" in event ? event.message.message : event.type));

test("on a network that drops, delays and splits bytes, each message is stored once and received once, in order", async (t) => {
  const app = await startApp(t);
  const network = await startBadNetwork(t, app.origin);
  const ada = await join(app.secret, app.origin, "ada", network.origin);
  const grace = await join(app.secret, app.origin, "grace", network.origin);
  Object.assign(network, { breaks: 0.02, delay: 1, pieceBytes: 200 } satisfies Partial<BadNetwork>);
  const heard = hear(grace, { after: 0 });
  const sent: string[] = [];
  for (let i = 0; i < 60 || network.broken <= 10; i++) {
    await ada.publishMessage({ userHandle: "grace", message: `message ${i}` });
    sent.push(`message ${i}`);
  }
  await ada.publishMessage({ userHandle: "grace", message: "end" });
  assert.deepEqual(textsOf(await heard), [...sent, "end"]);
  // On the bad network, a long page would never arrive complete.
  network.breaks = 0;
  const { messages } = await grace.fetchQueue({ limit: 200 });
  assert.deepEqual(
    messages.map(({ message }) => message),
    [...sent, "end"],
  );
  t.diagnostic(`${network.broken} connections were broken`);
});

test("when the server is killed and restarted, the client goes on, and no message is missed or received twice", async (t) => {
  const root = await temporaryFolder(t);
  let server = await startServer(t, root);
  const network = await startBadNetwork(t, server.origin);
  const ada = await join(server.secret, server.origin, "ada", network.origin);
  const grace = await join(server.secret, server.origin, "grace", network.origin);
  const connections: string[] = [];
  const heard = hear(grace, { after: 0, onConnection: (state) => connections.push(state) });
  let isOver = false;
  const sent: string[] = [];
  const writing = (async () => {
    for (let i = 0; !isOver; i++) {
      await ada.publishMessage({ userHandle: "grace", message: `message ${i}` });
      sent.push(`message ${i}`);
    }
    await ada.publishMessage({ userHandle: "grace", message: "end" });
  })();
  for (let round = 0; round < 3; round++) {
    const before = sent.length;
    while (sent.length < before + 20) await setTimeout(5);
    await server.stop("SIGKILL");
    server = await startServer(t, root);
    network.target = server.origin;
  }
  isOver = true;
  await writing;
  assert.deepEqual(textsOf(await heard), [...sent, "end"]);
  assert.ok(connections.filter((state) => state === "lost").length >= 3);
});

test("when the reply is lost, the client repeats a call only if that is safe", async (t) => {
  const app = await startApp(t);
  const network = await startBadNetwork(t, app.origin);
  const ada = await join(app.secret, app.origin, "ada", network.origin);
  const grace = await join(app.secret, app.origin, "grace");
  const withReplyLost = <Result>(work: () => Promise<Result>): Promise<Result> => {
    network.breakAll();
    network.swallowReplies = 1;
    return work();
  };
  const { messageId } = await withReplyLost(() => ada.publishMessage({ userHandle: "grace", message: "once" }));
  await withReplyLost(() => ada.editMessage({ messageId, message: "edited" }));
  assert.equal((await withReplyLost(() => ada.fetchQueue({ box: "sent" }))).messages[0]?.message, "edited");
  await withReplyLost(() => ada.changeUser({ userHandle: "lovelace" }));
  assert.deepEqual(await withReplyLost(() => ada.removeMessage({ messageId })), { messageId });
  assert.deepEqual((await grace.fetchQueue()).messages, []);

  const lost = (error: unknown) => error instanceof ChatError && error.status === 0;
  await assert.rejects(
    withReplyLost(() => ada.changeUser({ rotateAuth: true })),
    lost,
  );
  const stranger = new PlainchatClient(network.origin);
  await assert.rejects(
    withReplyLost(() => stranger.registerUser({ secret: app.secret, userHandle: "alan" })),
    lost,
  );
  const alan = await grace.lookUpUser({ userHandle: "alan" });
  assert.ok(alan.userId > 0, "the server registered alan, although the reply was lost");

  const edsger = await join(app.secret, app.origin, "edsger", network.origin);
  const { userId } = await withReplyLost(() => edsger.removeUser());
  assert.equal(edsger.credentials, undefined);
  assert.ok(userId > 0);
  await assert.rejects(grace.lookUpUser({ userHandle: "edsger" }), { status: 404 });
});

test("a refusal is an error with its status, step, field and sentence", async (t) => {
  const app: RunningApp = await startApp(t);
  const ada = await join(app.secret, app.origin, "ada");
  await assert.rejects(ada.publishMessage({ userHandle: "ada", message: "" }), {
    name: "ChatError",
    reason: "refused",
    status: 400,
    step: "chat.post.1.9",
    field: "message",
    message: /must be 1 to 4096 characters/,
  });
  await assert.rejects(ada.lookUpUser({ userHandle: "nobody" }), {
    reason: "unknown handle",
    status: 404,
    message: "There is no user with this handle.",
  });
  await assert.rejects(new PlainchatClient(app.origin).listUsers(), { status: 400, step: "users.get.1.1" });
  const other = await join(app.secret, app.origin, "other");
  const listening = Array.fromAsync(other.listen());
  while (app.store.figures().users < 2) await setTimeout(5);
  // Expected before it happens: the stream may end before the reply to removeUser() arrives.
  const refused = assert.rejects(listening, { status: 401 });
  await other.removeUser();
  await refused;
});

/** Two people, and ada, whose requests wait until `before` has run. */
async function withSwap(t: TestContext) {
  const app = await startApp(t);
  const [uma, eve] = [await join(app.secret, app.origin, "uma"), await join(app.secret, app.origin, "eve")];
  const { credentials } = await join(app.secret, app.origin, "ada");
  const on: { before?: (request: string) => unknown } = {};
  const ada = new PlainchatClient(app.origin, {
    credentials,
    fetch: async (url, request) => {
      await on.before?.(`${request.method} ${new URL(url).pathname}`);
      return fetch(url, request);
    },
  });
  /** Runs once, before the first request like this. */
  const once = (like: string, work: () => Promise<unknown>) => {
    on.before = async (request) => {
      if (request !== like) return;
      on.before = () => {};
      await work();
    };
  };
  const swap = async () => {
    await uma.changeUser({ userHandle: "umi" });
    await eve.changeUser({ userHandle: "uma" });
  };
  const queues = async () =>
    (await Promise.all([uma.fetchQueue(), eve.fetchQueue()])).map(({ messages }) => messages.map((m) => m.message));
  return { app, ada, uma, eve, userId: uma.credentials?.myId ?? 0, once, swap, queues };
}

test("sendToUser() sends to the user with this id, whatever their handle is by now", async (t) => {
  const { ada, uma, userId, once, swap, queues } = await withSwap(t);
  await swap();
  assert.equal((await sendToUser(ada, { userId, message: "one" })).userHandle, "umi");
  // The handle that it found is nobody's when the message is sent.
  once("POST /api/v1/chat", () => uma.changeUser({ userHandle: "ume" }));
  assert.equal((await sendToUser(ada, { userId, message: "two" })).userHandle, "ume");
  assert.deepEqual(await queues(), [["one", "two"], []]);
});

test("sendToUser() takes back what somebody else got, and says so", async (t) => {
  const { ada, userId, once, swap, queues } = await withSwap(t);
  once("POST /api/v1/chat", swap);
  await assert.rejects(sendToUser(ada, { userId, message: "secret" }), { reason: "wrong recipient" });
  assert.deepEqual(await queues(), [[], []]);
});

test("sendToUser() says when it could not take the message back", async (t) => {
  const { app, ada, userId, once, swap } = await withSwap(t);
  once("POST /api/v1/chat", async () => {
    await swap();
    once("DELETE /api/v1/chat", () => app.send({ method: "DELETE", path: "/api/v1/register", user: userOf(ada) }));
  });
  const sending = sendToUser(ada, { userId, message: "secret" });
  await assert.rejects(sending, { reason: "not taken back", message: /Try to delete message 1\.$/ });
});

test("sendToUser() sends nothing to a user who has left", async (t) => {
  const { app, ada, uma, userId } = await withSwap(t);
  await uma.removeUser();
  const next = await join(app.secret, app.origin, "uma");
  await assert.rejects(sendToUser(ada, { userId, message: "hello?" }), { reason: "has left", status: 404 });
  assert.deepEqual((await next.fetchQueue()).messages, []);
});

test("sendToUser() makes one message, even if the reply is lost and the handle changes hands before the next try", async (t) => {
  const { ada, userId, once, swap, queues } = await withSwap(t);
  const idempotencyKey = "the-same";
  await ada.publishMessage({ userHandle: "uma", message: "once", idempotencyKey });
  once("POST /api/v1/chat", swap);
  assert.equal((await sendToUser(ada, { userId, message: "once", idempotencyKey })).userHandle, "umi");
  assert.deepEqual(await queues(), [["once"], []]);
});

test("no server, or something else at its address, gets a clear error", async (t) => {
  const nobody = new PlainchatClient("http://127.0.0.1:1", { attempts: 2 });
  await assert.rejects(nobody.listUsers(), {
    reason: "no reply",
    status: 0,
    message: /cannot be reached. Is the server running/,
  });

  let requests = 0;
  const other = createServer((_request, reply) => {
    requests++;
    if (requests === 1) reply.writeHead(503, { "retry-after": "1" }).end();
    else if (requests === 2) reply.end("<h1>hello</h1>");
    else if (requests === 3) reply.writeHead(418).end("I am a teapot");
    else reply.write("{");
  });
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  atEnd(t, () => {
    other.closeAllConnections();
    other.close();
  });
  const address = other.address();
  const port = typeof address === "object" ? address?.port : 0;
  const client = new PlainchatClient(`http://127.0.0.1:${port}/`, { attempts: 2, timeoutSeconds: 0.2 });
  const began = performance.now();
  await assert.rejects(client.listUsers(), {
    reason: "strange reply",
    status: 200,
    message: /did not answer with JSON/,
  });
  assert.ok(performance.now() - began > 950, "it waits as long as Retry-After says");
  await assert.rejects(client.listUsers(), { reason: "strange reply", status: 418, message: /answered 418/ });
  await assert.rejects(client.listUsers(), { reason: "no reply", status: 0, message: /took too long/ });
});

test("a call and a stream can both be aborted", async (t) => {
  const app = await startApp(t);
  const ada = await join(app.secret, app.origin, "ada");
  const abort = new AbortController();
  const waiting = ada.fetchQueue({ wait: 60 }, { signal: abort.signal });
  const listening = Array.fromAsync(ada.listen({ signal: abort.signal }));
  while ((await app.send({ path: "/metrics" })).text.match(/^plainchat_(waiting_fetches|streams) 1$/gm)?.length !== 2) {
    await setTimeout(10);
  }
  abort.abort();
  await assert.rejects(waiting, { name: "AbortError" });
  assert.deepEqual(await listening, []);
});
