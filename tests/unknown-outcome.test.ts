/**
 * The answer to a COMMIT gets lost between PostgreSQL and the server. The change counts, and the server cannot know. It
 * must say so, and our client must repeat what does no harm when it is done twice, and report everything else.
 */
import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import { PlainchatClient } from "../client/plainchat-client.ts";
import { TeacherClient } from "../client/teacher-client.ts";
import { databasePrograms, startDatabase } from "../testing/database.ts";
import { linkTo } from "../testing/database-link.ts";
import { startApp, TEACHER_KEY } from "../testing/start-app.ts";

const skip = databasePrograms() === undefined && "PostgreSQL is missing (apt install postgresql)";
const database = skip === false ? await startDatabase({ after: (work) => after(work) }) : undefined;

const UNKNOWN = "503 /problems/outcome-unknown";
const AWAY = "503 /problems/service-unavailable";

/** A class with ada and grace. Its database is reached through a link that can lose an answer. */
async function startScene(t: TestContext) {
  const link = await linkTo(t, (await database?.create()) ?? "");
  const app = await startApp(t, { database: link.address, isClass: true });
  /** The status of each reply, and the kind of problem. */
  const replies: string[] = [];
  const fetchAndNote = async (url: string, request: RequestInit) => {
    const reply = await fetch(url, request);
    const problem = reply.status === 200 ? {} : ((await reply.clone().json()) as { type?: string });
    replies.push([reply.status, problem.type ?? []].flat().join(" "));
    return reply;
  };
  const newClient = () => new PlainchatClient(app.origin, { fetch: fetchAndNote });
  const [ada, grace] = [newClient(), newClient()];
  for (const [client, userHandle] of [[ada, "ada"] as const, [grace, "grace"] as const]) {
    await client.registerUser({ secret: app.secret, userHandle });
  }
  const teacher = new TeacherClient(app.origin, { teacherKey: TEACHER_KEY, fetch: fetchAndNote });
  const idOf = ({ credentials }: PlainchatClient) => credentials?.myId ?? 0;
  const textsOf = async (client: PlainchatClient) =>
    (await client.fetchQueue({ limit: 200 })).messages.map(({ message }) => message);
  return { app, link, replies, ada, grace, teacher, newClient, adaId: idOf(ada), graceId: idOf(grace), textsOf };
}

type Scene = Awaited<ReturnType<typeof startScene>>;

interface Change<Prepared> {
  what: string;
  /** The answer that gets lost: by its tag, after so many others with the same one. */
  tag?: string;
  skip?: number;
  prepare?: (scene: Scene) => Promise<Prepared>;
  act: (scene: Scene, prepared: Prepared) => Promise<unknown>;
  /** The replies that the client gets for it. */
  replies: string[];
  /** What is there afterwards. It is there once. */
  look: (scene: Scene, result: unknown, prepared: Prepared) => Promise<void>;
}

/** Lets TypeScript find out what `prepare` returns. */
function change<Prepared = undefined>(each: Change<Prepared>): Change<never> {
  return each as unknown as Change<never>;
}

const message = { userHandle: "grace", message: "once" };
const publish = ({ ada }: Scene) => ada.publishMessage(message);

const REPEATED = [
  change({
    what: "a message with a key",
    act: publish,
    replies: [UNKNOWN, "200"],
    async look({ grace, textsOf }) {
      assert.deepEqual(await textsOf(grace), ["once"]);
    },
  }),
  change({
    what: "an edit",
    prepare: publish,
    act: ({ ada }, { messageId }) => ada.editMessage({ messageId, message: "edited" }),
    replies: [UNKNOWN, "200"],
    async look({ grace, textsOf }) {
      assert.deepEqual(await textsOf(grace), ["edited"]);
    },
  }),
  change({
    what: "a removal",
    prepare: publish,
    act: ({ ada }, { messageId }) => ada.removeMessage({ messageId }),
    replies: [UNKNOWN, "404 /problems/not-found"],
    async look({ grace, textsOf }, result, { messageId }) {
      assert.deepEqual(result, { messageId });
      assert.deepEqual(await textsOf(grace), []);
    },
  }),
  change({
    what: "a new handle",
    act: ({ ada }) => ada.changeUser({ userHandle: "lovelace" }),
    replies: [UNKNOWN, "200"],
    async look({ grace, adaId }) {
      assert.deepEqual(await grace.lookUpUser({ userHandle: "lovelace" }), { userId: adaId });
    },
  }),
  change({
    what: "leaving",
    act: ({ ada }) => ada.removeUser(),
    replies: [UNKNOWN, "401 /problems/unauthorized"],
    async look({ ada, grace, graceId }) {
      assert.equal(ada.credentials, undefined);
      assert.deepEqual(
        (await grace.listUsers()).users.map(({ userId }) => userId),
        [graceId],
      );
    },
  }),
  change({
    what: "becoming the teacher",
    act: ({ teacher }) => teacher.becomeTeacher({ userHandle: "ms-hopper" }),
    replies: [UNKNOWN, "200"],
    async look({ ada }) {
      const { users } = await ada.listUsers();
      assert.deepEqual(
        users.map(({ userHandle }) => userHandle),
        ["ada", "grace", "ms-hopper"],
      );
    },
  }),
  change({
    what: "a decision for the class",
    act: ({ teacher }) => teacher.changeClass({ isPaused: true }),
    replies: [UNKNOWN, "200"],
    async look({ ada }) {
      await assert.rejects(ada.publishMessage(message), { step: "chat.post.3.2" });
    },
  }),
  change({
    what: "a decision for one pupil",
    act: ({ teacher, adaId }) => teacher.changePupil({ userId: adaId, isMuted: true, userHandle: "lovelace" }),
    replies: [UNKNOWN, "200"],
    async look({ teacher }) {
      const { pupils } = await teacher.listPupils();
      assert.deepEqual(
        pupils.map(({ userHandle, isMuted }) => [userHandle, isMuted]),
        [
          ["lovelace", true],
          ["grace", false],
        ],
      );
    },
  }),
  change({
    what: "removing a pupil",
    act: ({ teacher, adaId }) => teacher.removePupil({ userId: adaId }),
    replies: [UNKNOWN, "404 /problems/not-found"],
    async look({ teacher, graceId }, result) {
      assert.ok(typeof result === "object");
      assert.deepEqual(
        (await teacher.listPupils()).pupils.map(({ userId }) => userId),
        [graceId],
      );
    },
  }),
  change({
    what: "a rejoin code",
    tag: "INSERT 0 1",
    act: ({ teacher, adaId }) => teacher.makeRejoinCode({ userId: adaId }),
    replies: [UNKNOWN, "200"],
    async look({ newClient, adaId }, made) {
      const { code: rejoinCode } = made as { code: string };
      assert.equal((await newClient().rejoin({ userHandle: "ada", rejoinCode })).userId, adaId);
    },
  }),
  change({
    what: "a message to all",
    prepare: ({ teacher }) => teacher.becomeTeacher({ userHandle: "ms-hopper" }),
    act: ({ teacher }) => teacher.writeToAll({ message: "to all" }),
    replies: [UNKNOWN, "200"],
    async look({ ada, grace, textsOf }) {
      assert.deepEqual([await textsOf(ada), await textsOf(grace)], [["to all"], ["to all"]]);
    },
  }),
  change({
    what: "taking a message down",
    prepare: publish,
    act: ({ teacher }, { messageId }) => teacher.takeDownMessage({ messageId }),
    replies: [UNKNOWN, "404 /problems/not-found"],
    async look({ grace, textsOf }) {
      assert.deepEqual(await textsOf(grace), []);
    },
  }),
  change({
    what: "a raised hand",
    act: ({ ada }) => ada.raiseHand({ isUp: true }),
    replies: [UNKNOWN, "200"],
    async look({ teacher }) {
      assert.deepEqual(
        (await teacher.listPupils()).pupils.map(({ isHandUp }) => isHandUp),
        [true, false],
      );
    },
  }),
  change({
    what: "a report of progress",
    act: ({ ada }) => ada.reportProgress({ lesson: 1, passed: 3, total: 3 }),
    replies: [UNKNOWN, "200"],
    async look({ ada }) {
      assert.equal((await ada.myProgress()).lessons[0]?.passed, 3);
    },
  }),
  // Nothing counts before the COMMIT is sent. The server knows that, and says that it did nothing.
  change({
    what: "a new token whose transaction breaks before its COMMIT",
    tag: "UPDATE 1",
    act: ({ ada }) => ada.changeUser({ rotateAuth: true }),
    replies: [AWAY, "200"],
    async look({ ada, adaId }) {
      assert.equal((await ada.listUsers()).users[0]?.userId, adaId);
    },
  }),
  change({
    what: "a new token whose transaction breaks as it begins",
    tag: "BEGIN",
    act: ({ ada }) => ada.changeUser({ rotateAuth: true }),
    replies: [AWAY, "200"],
    async look({ ada, adaId }) {
      assert.equal((await ada.listUsers()).users[0]?.userId, adaId);
    },
  }),
  change({
    what: "a registration that breaks before anybody has the handle",
    tag: "INSERT 0 1",
    act: ({ newClient, app }) => newClient().registerUser({ secret: app.secret, userHandle: "alan" }),
    replies: [AWAY, "200"],
    async look({ ada }, result) {
      const { userId } = result as { userId: number };
      assert.deepEqual(await ada.lookUpUser({ userHandle: "alan" }), { userId });
      assert.equal((await ada.listUsers()).users.length, 3);
    },
  }),
];

for (const { what, tag = "COMMIT", skip: others = 0, prepare, act, replies, look } of REPEATED) {
  test(`our client sends it again and it is done once: ${what}`, { skip }, async (t) => {
    const scene = await startScene(t);
    const prepared = (await prepare?.(scene)) as never;
    scene.replies.length = 0;
    const lost = scene.link.loseAnswer(tag, others);
    const result = await act(scene, prepared);
    await lost;
    assert.deepEqual(scene.replies, replies);
    await look(scene, result, prepared);
  });
}

const REPORTED = [
  change({
    what: "a registration",
    tag: "INSERT 0 1",
    // The first one writes the token.
    skip: 1,
    act: ({ newClient, app }) => newClient().registerUser({ secret: app.secret, userHandle: "alan" }),
    replies: [UNKNOWN],
    async look({ ada, adaId, graceId }) {
      const { userId } = await ada.lookUpUser({ userHandle: "alan" });
      assert.ok(userId !== adaId && userId !== graceId);
    },
  }),
  change({
    what: "a new token",
    act: ({ ada }) => ada.changeUser({ rotateAuth: true }),
    replies: [UNKNOWN],
    async look({ ada }) {
      await assert.rejects(ada.listUsers(), { status: 403, field: "myAuth" });
    },
  }),
  change({
    what: "coming back with a code",
    prepare: ({ teacher, adaId }) => teacher.makeRejoinCode({ userId: adaId }),
    act: ({ newClient }, { code: rejoinCode }) => newClient().rejoin({ userHandle: "ada", rejoinCode }),
    replies: [UNKNOWN],
    async look({ newClient, ada }, _result, { code: rejoinCode }) {
      await assert.rejects(newClient().rejoin({ userHandle: "ada", rejoinCode }), { field: "rejoinCode" });
      await assert.rejects(ada.listUsers(), { status: 403, field: "myAuth" });
    },
  }),
];

for (const { what, tag = "COMMIT", skip: others = 0, prepare, act, replies, look } of REPORTED) {
  test(`our client does not send it again, and says that the outcome is unknown: ${what}`, { skip }, async (t) => {
    const scene = await startScene(t);
    const prepared = (await prepare?.(scene)) as never;
    scene.replies.length = 0;
    const lost = scene.link.loseAnswer(tag, others);
    await assert.rejects(act(scene, prepared), { reason: "outcome unknown", status: 503, message: /^Nobody knows/ });
    await lost;
    assert.deepEqual(scene.replies, replies);
    await look(scene, undefined, prepared);
  });
}

test("whoever publishes without a key is told that nobody knows, and not to send it again at once", {
  skip,
}, async (t) => {
  const { app, link, ada, grace, textsOf } = await startScene(t);
  const lost = link.loseAnswer("COMMIT");
  const { myId, myAuth } = ada.credentials ?? {};
  const reply = await app.send({ method: "POST", path: "/api/v1/chat", user: `${myId}:${myAuth}`, body: message });
  await lost;
  assert.equal(reply.status, 503);
  assert.equal(reply.headers["retry-after"], undefined);
  const { type, title, detail, step } = JSON.parse(reply.text);
  assert.deepEqual([type, title, step], ["/problems/outcome-unknown", "Outcome Unknown", "chat.post.7"]);
  assert.match(detail, /^Nobody knows whether your request was carried out: .* Look first\./);
  assert.match((await app.send({ path: type })).text, /<h1>503 Outcome Unknown<\/h1>/);
  assert.deepEqual(await textsOf(grace), ["once"]);
});

test("when every further try fails, our client still says that the first one may have worked", { skip }, async (t) => {
  const { app, link, replies, ada } = await startScene(t);
  const client = new PlainchatClient(app.origin, {
    credentials: ada.credentials,
    attempts: 2,
    async fetch(url, request) {
      const reply = await fetch(url, request);
      replies.push(String(reply.status));
      link.set("refused");
      return reply;
    },
  });
  replies.length = 0;
  const lost = link.loseAnswer("COMMIT");
  await assert.rejects(client.publishMessage(message), { reason: "outcome unknown" });
  await lost;
  assert.deepEqual(replies, ["503", "503"]);
});
