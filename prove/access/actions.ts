/**
 * For each row of the table: what to send, who sees a change if the call is allowed, and who may read which text in the
 * reply. A row that is missing here can be tried only if it is a plain address: then the proof asks for the path
 * itself.
 */
import { createHash } from "node:crypto";
import { teach } from "../../testing/lesson.ts";
import type { Question } from "./ask.ts";
import type { PersonName, Situation } from "./situation.ts";
import type { CallerName } from "./table.ts";

export interface Action {
  request: (situation: Situation) => Question | Promise<Question>;
  /** Who sees a change after an allowed call. Everybody else must see the same as before. */
  changes?: (caller: CallerName) => PersonName[];
  /** Which texts a 200 shows to this caller. */
  tells?: (caller: CallerName, isClass: boolean) => ("text" | "note")[];
  /** The same call for something that does not exist. If the reply is a 404, both replies must be the same. */
  absent?: (situation: Situation) => Question;
  /** An allowed call changes something for everybody, also for the people of other cells. */
  isForEveryone?: true;
}

/** No message has this id. */
const UNKNOWN_MESSAGE = 9_000_000_000;
/** Nothing listens there. */
const PORT_OF_NOBODY = 1024;
const UNKNOWN_ID = 8_000_000_000;
const PEOPLE: Partial<Record<CallerName, PersonName>> = {
  "another user": "other",
  "the sender": "sender",
  "the recipient": "recipient",
};

const itself = (caller: CallerName): PersonName[] => [PEOPLE[caller] ?? []].flat();
const bothOfTheMessage = (): PersonName[] => ["sender", "recipient"];
const own = (caller: CallerName): ("text" | "note")[] => (caller === "another user" ? ["note"] : ["text"]);
const handle = (name: string) => `?userHandle=${encodeURIComponent(name)}`;
const register = (body: object): Question => ({ path: "/api/v1/register", body });

let handles = 0;
function freeHandle(): string {
  handles++;
  return `free ${handles}`;
}

const CLASS = "/api/v1/class";
/** In class mode, for a code that the teacher made for the other user. */
async function rejoin({ place, other }: Situation): Promise<Question> {
  const { json } = await teach(place.app, "POST /codes", { userId: other.userId });
  return { path: `${CLASS}/rejoin`, body: { userHandle: other.userHandle, rejoinCode: json.code } };
}

const checkAt = (port: number): Question => ({
  path: `${CLASS}/checks`,
  body: { port, lesson: 1, secret: "the secret of a pupil" },
});
const chat = (body: object): Question => ({ path: "/api/v1/chat", body });
const edit = (messageId: number) => chat({ messageId, message: "another text" });
/** A stream sends its position at the beginning, and again once it has sent everything there was. */
const ALL_IS_TOLD = /^id: \d+\n\n[\s\S]*^id: \d+\n\n/m;

/** By method, path and the column `With`, spelled as in docs/access.md. */
export const ACTIONS: Record<string, Action> = {
  "POST /api/v1/register, the class secret": {
    request: (each) => register({ secret: each.place.app.secret, userHandle: freeHandle() }),
  },
  "POST /api/v1/register, a wrong secret": {
    request: () => register({ secret: "not the class secret", userHandle: freeHandle() }),
  },
  "POST /api/v1/register, no secret": { request: () => register({ userHandle: freeHandle() }) },
  "POST /api/v1/register, a handle that is taken": {
    request: (each) => register({ secret: each.place.app.secret, userHandle: each.place.witness.userHandle }),
  },
  "GET /api/v1/register, somebody's handle": {
    request: ({ place }) => ({ path: `/api/v1/register${handle(place.witness.userHandle)}` }),
  },
  "GET /api/v1/register, an unknown handle": {
    request: () => ({ path: `/api/v1/register${handle(freeHandle())}` }),
  },
  "PATCH /api/v1/register, a new handle": {
    request: () => register({ userHandle: freeHandle() }),
    changes: itself,
  },
  "PATCH /api/v1/register, `rotateAuth`": {
    request: () => register({ rotateAuth: true }),
    changes: itself,
  },
  "PATCH /api/v1/register, a handle that is taken": {
    request: (each) => register({ userHandle: each.place.witness.userHandle }),
  },
  "DELETE /api/v1/register, nothing else": {
    request: () => register({}),
    // A recipient's queue is removed with them, so the message is gone for its sender, too.
    changes: (caller) => (caller === "the recipient" ? bothOfTheMessage() : itself(caller)),
  },
  "DELETE /api/v1/register, somebody's handle": {
    request: (each) => register({ userHandle: each.recipient.userHandle }),
  },
  "GET /api/v1/users, nothing else": { request: () => ({ path: "/api/v1/users" }) },
  "POST /api/v1/chat, the recipient's handle": {
    request: ({ recipient }) => chat({ userHandle: recipient.userHandle, message: "from this caller" }),
    changes: (caller) => ["recipient", ...itself(caller)],
  },
  "POST /api/v1/chat, an unknown handle": {
    request: () => chat({ userHandle: freeHandle(), message: "for a stranger" }),
  },
  "POST /api/v1/chat, the `Idempotency-Key` of the message, another text": {
    request: ({ recipient, idempotencyKey }) => ({
      ...chat({ userHandle: recipient.userHandle, message: "another text" }),
      headers: { "Idempotency-Key": idempotencyKey },
    }),
    changes: (caller) => ["recipient", ...itself(caller)],
  },
  "GET /api/v1/chat, both boxes": { request: () => ({ path: "/api/v1/chat?box=both" }), tells: own },
  "GET /api/v1/chat, the sender's handle": {
    request: ({ sender }) => ({ path: `/api/v1/chat${handle(sender.userHandle)}` }),
    tells: (caller) => (caller === "the recipient" ? ["text"] : []),
  },
  "PATCH /api/v1/chat, the message": {
    request: ({ messageId }) => edit(messageId),
    absent: () => edit(UNKNOWN_MESSAGE),
    changes: bothOfTheMessage,
  },
  "PATCH /api/v1/chat, a message that does not exist": { request: () => edit(UNKNOWN_MESSAGE) },
  "DELETE /api/v1/chat, the message": {
    request: ({ messageId }) => chat({ messageId }),
    absent: () => chat({ messageId: UNKNOWN_MESSAGE }),
    changes: bothOfTheMessage,
  },
  "DELETE /api/v1/chat, a message that does not exist": { request: () => chat({ messageId: UNKNOWN_MESSAGE }) },
  "GET /api/v1/chat/stream, both boxes, from the beginning": {
    request: () => ({ path: "/api/v1/chat/stream?box=both&after=0", until: ALL_IS_TOLD }),
    tells: own,
  },
  "GET /api/v1/chat/stream, `Last-Event-ID`, from before the message": {
    request: ({ beforeId }) => ({
      path: "/api/v1/chat/stream?box=both",
      headers: { "Last-Event-ID": String(beforeId) },
      until: ALL_IS_TOLD,
    }),
    tells: own,
  },
  "GET /api/v1/explain/{id}, the id of the message's trace": {
    request: ({ traceId }) => ({ path: `/api/v1/explain/${traceId}` }),
    // In class mode the texts of messages are covered, but not for the teacher.
    tells: (caller, isClass) => (isClass && caller !== "teacher's key" ? [] : ["text"]),
  },
  "GET /api/v1/explain/{id}, an id that was never given out": {
    request: ({ traceId }) => ({ path: `/api/v1/explain/${createHash("md5").update(traceId).digest("base64url")}` }),
  },
  "POST /api/v1/class/rejoin, a rejoin code, in class mode": { request: rejoin, changes: () => ["other"] },
  "PATCH /api/v1/class/pupils, a pupil who does not exist, in class mode": {
    request: () => ({ path: `${CLASS}/pupils`, body: { userId: UNKNOWN_ID, isMuted: true } }),
  },
  "POST /api/v1/class/checks, the port of the class server, in class mode": {
    request: ({ place }) => checkAt(Number(new URL(place.app.origin).port)),
  },
  "DELETE /api/v1/class/messages, a message that does not exist, in class mode": {
    request: () => ({ path: `${CLASS}/messages`, body: { messageId: UNKNOWN_MESSAGE } }),
  },
  "GET /api/v1/explain, in class mode": { request: () => ({ path: "/api/v1/explain", until: /^retry: / }) },
};

/** What the calls of a class send. In class mode, the row says it in words; without, every one is a 404. */
const OF_CLASS: Record<string, Action & { sentWith: string }> = {
  "PATCH /api/v1/class/hand": {
    sentWith: "a hand that goes up, in class mode",
    request: () => ({ path: `${CLASS}/hand`, body: { isUp: true } }),
  },
  "PATCH /api/v1/class/progress": {
    sentWith: "a lesson and its first failure, in class mode",
    request: () => ({
      path: `${CLASS}/progress`,
      body: { lesson: 3, case: "register-no-secret", passed: 2, total: 13 },
    }),
    changes: itself,
  },
  "GET /api/v1/class/progress": {
    sentWith: "an empty object, in class mode",
    request: () => ({ path: `${CLASS}/progress`, body: {} }),
  },
  "POST /api/v1/class/checks": {
    sentWith: "the port of one's own server, in class mode",
    // Nothing listens there, so nothing changes.
    request: () => checkAt(PORT_OF_NOBODY),
  },
  "GET /api/v1/class/checks": {
    sentWith: "an empty object, in class mode",
    request: () => ({ path: `${CLASS}/checks`, body: {} }),
  },
  "POST /api/v1/class/rejoin": {
    sentWith: "a wrong code, in class mode",
    request: ({ other }) => ({
      path: `${CLASS}/rejoin`,
      body: { userHandle: other.userHandle, rejoinCode: "wrong!" },
    }),
  },
  "POST /api/v1/class/teacher": {
    sentWith: "a handle, in class mode",
    request: () => ({ path: `${CLASS}/teacher`, body: { userHandle: freeHandle() } }),
  },
  "PATCH /api/v1/class": {
    sentWith: "a lesson, in class mode",
    request: () => ({ path: CLASS, body: { lesson: 3 } }),
  },
  "GET /api/v1/class/pupils": {
    sentWith: "an empty object, in class mode",
    // Without any input, the reply would be the 400 that says how to make the call.
    request: () => ({ path: `${CLASS}/pupils`, body: {} }),
  },
  "PATCH /api/v1/class/pupils": {
    sentWith: "a new handle for the sender, in class mode",
    request: ({ sender }) => ({
      path: `${CLASS}/pupils`,
      body: { userId: sender.userId, userHandle: freeHandle() },
    }),
    changes: () => ["sender"],
  },
  "DELETE /api/v1/class/pupils": {
    sentWith: "the sender, in class mode",
    request: ({ sender }) => ({ path: `${CLASS}/pupils`, body: { userId: sender.userId } }),
    changes: () => ["sender"],
  },
  "POST /api/v1/class/codes": {
    sentWith: "the sender, in class mode",
    request: ({ sender }) => ({ path: `${CLASS}/codes`, body: { userId: sender.userId } }),
  },
  "POST /api/v1/class/messages": {
    sentWith: "a message to all, in class mode",
    request: () => ({ path: `${CLASS}/messages`, body: { message: "to everybody" } }),
    changes: () => ["sender", "recipient", "other"],
    isForEveryone: true,
  },
  "DELETE /api/v1/class/messages": {
    sentWith: "the message, in class mode",
    request: ({ messageId }) => ({ path: `${CLASS}/messages`, body: { messageId } }),
    changes: bothOfTheMessage,
  },
  "GET /api/v1/class/export": {
    sentWith: "an empty object, in class mode",
    request: () => ({ path: `${CLASS}/export`, body: {} }),
    tells: () => ["text", "note"],
  },
  "GET /api/v1/class/archives": {
    sentWith: "an empty object, in class mode",
    request: () => ({ path: `${CLASS}/archives`, body: {} }),
  },
  // Nobody opens the folder again here, so it is the last one that can be tried.
  "POST /api/v1/class/archives": {
    sentWith: "an empty object, in class mode",
    request: () => ({ path: `${CLASS}/archives`, body: {} }),
    isForEveryone: true,
  },
  "POST /api/v1/class/open": {
    sentWith: "an archive that does not exist, in class mode",
    request: () => ({ path: `${CLASS}/open`, body: { archive: "2030-01-02T12-00-00Z" } }),
  },
};
for (const [call, { sentWith, ...action }] of Object.entries(OF_CLASS)) {
  for (const words of [sentWith, "without class mode"]) ACTIONS[`${call}, ${words}`] = action;
}

/** One address for each row that stands for many. */
const EXAMPLES: Record<string, string> = {
  "/web/{file}": "/web/main.ts",
  "/client/{file}": "/client/plainchat-client.ts",
  "/lit-html/{file}": "/lit-html/lit-html.js",
  "/uqr/{file}": "/uqr/index.mjs",
  "/learn/{file}": "/learn/course.json",
  "/problems/{name}": "/problems/not-found",
};

/** An address where everybody sees the same. */
export function plainAction(path: string): Action {
  return { request: () => ({ path: EXAMPLES[path] ?? path }) };
}
