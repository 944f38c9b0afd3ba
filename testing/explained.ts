/**
 * For tests of Explain, over files and over a database: sends requests with `Explain: 1`, and has requests to every
 * operation.
 */
import assert from "node:assert/strict";
import type { Trace } from "../server/explain/trace.ts";
import type { Reply, Request } from "./request.ts";
import { type Person, type RunningApp, TEACHER_KEY } from "./start-app.ts";

const REGISTER = "/api/v1/register";
const CHAT = "/api/v1/chat";

export interface Explained {
  reply: Reply;
  trace: Trace;
  /** The trace as text, exactly as it came. */
  text: string;
}

export async function explain(app: RunningApp, request: Request): Promise<Explained> {
  const reply = await app.send({ ...request, headers: { ...request.headers, explain: "1" } });
  const [, path = "no link"] = /^<(.*)>; rel="describedby"$/.exec(String(reply.headers.link)) ?? [];
  const { text, status } = await app.send({ path });
  assert.equal(status, 200, text);
  return { reply, trace: JSON.parse(text) as Trace, text };
}

/** A reply without what differs between two servers, and without what Explain adds. */
export function comparable({ status, headers, text }: Reply): object {
  const { date, link, "server-timing": timing, "request-id": id, ...rest } = headers;
  // Two servers may differ only in random values and times.
  const body = text
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replace(/"authToken":"[^"]{32}"/, '"authToken":"TOKEN"');
  return { status, headers: rest, text: body };
}

/** Right and wrong requests to every operation, with the state that each needs. The last one ends the class. */
export async function requestsToAll(app: RunningApp): Promise<Request[]> {
  const [ada, grace, alan] = [await app.register("ada"), await app.register("grace"), await app.register("alan")];
  const messageId = await app.publish(ada, grace, "hello");
  const second = await app.publish(ada, grace, "second");
  const { secret } = app;
  const post = { method: "POST", path: CHAT, user: ada.user, headers: { "idempotency-key": "1" } };
  return [
    { method: "POST", path: REGISTER, body: { secret, userHandle: "barbara" } },
    { method: "POST", path: REGISTER, body: { secret, userHandle: "ada" } },
    { method: "POST", path: REGISTER, body: { userHandle: "ada" } },
    { method: "POST", path: REGISTER, body: { secret: "wrong-wrong-wrong", userHandle: "ada" } },
    { method: "POST", path: REGISTER, body: "{" },
    { path: `${REGISTER}?userHandle=grace`, user: ada.user },
    { path: `${REGISTER}?userHandle=nobody`, user: ada.user },
    { path: REGISTER, body: { myId: ada.userId, myAuth: grace.authToken, userHandle: "grace" } },
    { path: REGISTER, body: { myId: 99, myAuth: grace.authToken, userHandle: "grace" } },
    { path: "/api/v1/users?limit=2", user: ada.user },
    { path: "/api/v1/users?limt=2", user: ada.user },
    { ...post, body: { userHandle: "grace", message: "hello" } },
    { ...post, body: { userHandle: "grace", message: "another" } },
    { ...post, body: { userHandle: "grace" } },
    { path: CHAT, user: grace.user },
    { path: `${CHAT}?userHandle=ada&limit=1`, user: grace.user },
    { method: "PATCH", path: CHAT, user: ada.user, body: { messageId, message: "edited" } },
    { method: "PATCH", path: CHAT, user: grace.user, body: { messageId, message: "edited" } },
    { method: "DELETE", path: CHAT, user: grace.user, body: { messageId } },
    { method: "DELETE", path: CHAT, user: alan.user, body: { messageId: second } },
    { path: "/api/v1/chat/stream?box=none", user: grace.user },
    { method: "HEAD", path: "/api/v1/chat/stream", user: grace.user },
    { method: "PATCH", path: REGISTER, user: alan.user, body: { userHandle: "grace" } },
    { method: "PATCH", path: REGISTER, user: alan.user, body: { userHandle: "turing", rotateAuth: true } },
    { method: "DELETE", path: REGISTER, user: ada.user },
    ...requestsToClass(grace, alan, second),
  ];
}

/** Without class mode, they are a 404. */
function requestsToClass(grace: Person, alan: Person, messageId: number): Request[] {
  const path = "/api/v1/class";
  const headers = { authorization: `Bearer ${TEACHER_KEY}` };
  const { userId, userHandle } = grace;
  return [
    { method: "POST", path: `${path}/teacher`, headers, body: { userHandle: "ms-hopper" } },
    { method: "POST", path: `${path}/teacher`, headers, body: { userHandle: "ms-hopper" } },
    { method: "PATCH", path, headers, body: { isPaused: true, lesson: 2 } },
    { method: "PATCH", path, headers: { authorization: "Bearer not-the-teachers-key" }, body: { isPaused: false } },
    { path: `${path}/pupils`, headers },
    { method: "PATCH", path: `${path}/pupils`, headers, body: { userId, isMuted: true, userHandle: "hopper" } },
    { method: "PATCH", path: `${path}/hand`, user: grace.user, body: { isUp: true } },
    { method: "PATCH", path: `${path}/progress`, user: grace.user, body: { lesson: 1, passed: 1, total: 1 } },
    { path: `${path}/progress`, user: grace.user },
    {
      method: "POST",
      path: `${path}/checks`,
      user: grace.user,
      body: { port: 80, lesson: 1, secret: "a-class-secret" },
    },
    { path: `${path}/checks`, user: grace.user },
    { method: "POST", path: `${path}/codes`, headers, body: { userId } },
    { method: "POST", path: `${path}/rejoin`, body: { userHandle: "hopper", rejoinCode: "AAAAAA" } },
    { method: "POST", path: `${path}/rejoin`, body: { userHandle, rejoinCode: "AAAAAA" } },
    { method: "POST", path: `${path}/messages`, headers, body: { message: "to all" } },
    { method: "DELETE", path: `${path}/messages`, headers, body: { messageId } },
    { method: "DELETE", path: `${path}/pupils`, headers, body: { userId: alan.userId } },
    { path: `${path}/export`, headers, body: {} },
    { path: `${path}/archives`, headers, body: {} },
    { method: "POST", path: `${path}/open`, headers, body: { archive: "2030-01-02T12-00-00Z" } },
    { method: "POST", path: `${path}/archives`, headers, body: { label: "9b" } },
  ];
}
