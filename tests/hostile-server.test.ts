/**
 * A server that wants to harm the terminal of those who talk to it: it puts escape sequences and hidden characters into
 * every text, and texts into every place for a number. Whatever the command, none of them may reach the terminal.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSocketServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { EXIT } from "../cli/cli-error.ts";
import { atOnce } from "../prove/at-once.ts";
import { atEnd } from "../testing/at-end.ts";
import { type Machine, machine } from "../testing/machine.ts";

/** Clears the screen, renames the window, turns the text around, hides letters, and begins a line of its own. */
const EVIL = "\x1b[2J\x1b]0;evil\x07\x9b31m\x9d0;evil\x9c\u202eevil\u2066\u200b\u061c\r\x08\x7f\u2028\nplainchat: evil";
const HIDDEN = /[^\P{Cc}\n\t]|[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;

/** Each command is a process. More at once would keep the tests of other files from the processor. */
const AT_ONCE = 4;

type Kind = "texts" | "numbers" | "refusals" | "no JSON" | "redirects";

const user = { userId: 1, userHandle: EVIL };
const message = {
  messageId: 1,
  fromId: 2,
  fromHandle: EVIL,
  toId: 1,
  toHandle: EVIL,
  message: EVIL,
  sentAt: "2030-01-02T12:00:00.000Z",
  editedAt: "2030-01-02T12:00:00.000Z",
};
const excerpt = { bytes: 1, from: 0, text: EVIL };
const trace = {
  id: EVIL,
  at: "2030-01-02T12:00:00.000Z",
  operation: EVIL,
  request: { method: EVIL, path: EVIL, inputs: [{ name: EVIL, value: EVIL }] },
  status: 200,
  reason: EVIL,
  steps: ["pass", "stop", "not reached"].map((outcome) => ({
    id: EVIL,
    sentence: EVIL,
    source: { file: EVIL, line: 1, code: EVIL },
    outcome,
    milliseconds: 1.5,
    compared: { given: 1, kept: 1, equal: true },
    files: ["read", "looked for", "changed"].map((did) => ({ path: EVIL, did, before: excerpt, after: excerpt })),
  })),
};

const lastRequest = { at: "2030-01-02T12:00:00.000Z", operation: EVIL, status: 404, step: EVIL, reason: EVIL };
const pupil = { ...user, isHere: true, isMuted: true, isHidden: true, isHandUp: true, last: lastRequest };

/** Every field of every reply. */
const everything = {
  ...message,
  ...trace,
  ...pupil,
  pupils: [pupil, { ...pupil, userId: 2, stuckSince: lastRequest.at, refused: lastRequest }],
  isPaused: true,
  showsTexts: true,
  lesson: 3,
  isUp: true,
  recipients: 3,
  code: EVIL,
  validUntil: "2030-01-02T12:00:00.000Z",
  userId: 1,
  userHandle: EVIL,
  authToken: EVIL.slice(0, 30),
  users: [user, { userId: 2, userHandle: EVIL }],
  myId: 1,
  messages: [
    message,
    { ...message, messageId: 2, fromId: 1 },
    { ...message, messageId: 3, fromId: 3, isTeacher: true, isToAll: true },
  ],
};

function withEvilNumbers(value: unknown): unknown {
  if (typeof value === "number") return EVIL;
  if (Array.isArray(value)) return value.map(withEvilNumbers);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withEvilNumbers(each)]));
}

const TEACHER_KEY = "key-of-the-teacher";
/** It says what it was sent, too: a key may not stand on the screen. */
const DETAIL = `${EVIL} \`userHandle\` Bearer ${TEACHER_KEY}`;
const PROBLEM = { type: EVIL, title: EVIL, status: 409, detail: DETAIL, step: EVIL, field: EVIL };
/** Those that a server can put into a header at all. */
const EVIL_HEADER = "\x9b31m\x9d0;evil\x9c";

/** @param elsewhere where it sends those who ask, if it is of that kind. */
async function startHostile(t: TestContext, kind: Kind, elsewhere: string): Promise<string> {
  const streamed = Promise.withResolvers<void>();
  const answer = (request: IncomingMessage, reply: ServerResponse) => {
    reply.setHeader("allow", EVIL_HEADER).setHeader("content-type", `text/${EVIL_HEADER}`);
    reply.setHeader("server-timing", `chat.post.1;${EVIL_HEADER}`).setHeader("request-id", EVIL_HEADER);
    const body = (value: unknown) => reply.end(JSON.stringify(value));
    if (kind === "redirects")
      return reply.writeHead(307, { location: `${elsewhere}${request.url}#${EVIL_HEADER}` }).end();
    if (kind === "no JSON") return reply.end(EVIL);
    if (kind === "refusals") {
      reply.writeHead(409, EVIL_HEADER);
      return body(PROBLEM);
    }
    const shown = kind === "texts" ? everything : withEvilNumbers(everything);
    if (request.url?.startsWith("/api/v1/chat/stream")) {
      reply.setHeader("content-type", "text/event-stream");
      for (const event of ["message", "edit", "delete", "leave", "reset", "class", EVIL.replace(/[\r\n]/g, "")]) {
        reply.write(`id: ${EVIL_HEADER}\nevent: ${event}\ndata: ${JSON.stringify(shown)}\n\n`);
      }
      return streamed.resolve();
    }
    if (request.url?.startsWith("/api/v1/explain/")) return body(shown);
    if (request.headers.explain !== undefined) reply.setHeader("link", "</api/v1/explain/1>");
    // The chat hears the whole stream before it ends.
    const isLast = kind === "texts" && request.method === "DELETE" && request.url === "/api/v1/chat";
    return isLast ? streamed.promise.then(() => body(shown)) : body(shown);
  };
  const server = createServer((request, reply) => {
    request.resume().on("end", () => void answer(request, reply));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(t, () => {
    server.close();
    server.closeAllConnections();
  });
  return originOf(server.address());
}

function originOf(address: ReturnType<ReturnType<typeof createServer>["address"]>): string {
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
}

/** A computer on which somebody is registered at this server. */
async function registeredAt(t: TestContext, origin: string): Promise<{ here: Machine; saved: () => Promise<string> }> {
  const here = await machine(t, origin);
  const folder = join(here.environment.XDG_CONFIG_HOME ?? "", "plainchat");
  await mkdir(folder);
  const me = { url: origin, userHandle: "ada", myId: 1, myAuth: "x".repeat(32) };
  const path = join(folder, "identities.json");
  await writeFile(path, JSON.stringify({ current: "ada", identities: { ada: me } }));
  return { here, saved: () => readFile(path, "utf8") };
}

const COMMANDS: [command: string[], input?: string][] = [
  [["register", "grace", "--secret", "a-secret-of-the-class"]],
  [["whoami"]],
  [["people"]],
  [["send", "grace", "hello"]],
  [["inbox", "--box", "both"]],
  [["edit", "1", "hello"]],
  [["delete", "1", "2"]],
  [["rename", "lovelace", "--new-token"]],
  [["explain", "PATCH", "/api/v1/register", "-d", '{"userHandle":"lovelace","rotateAuth":true}']],
  [["explain", "GET", "/api/v1/chat"]],
  [["chat", "grace"], "hello\n/people\n/edit hi\n/to alan\n/delete\nhello\n"],
  [["check", "--secret", "a-secret-of-the-class", "--all", "--patience", "1", "--profile", "seed"]],
  [["hand", "up"]],
  [["rejoin", "grace", "K7Q2MX"]],
  [["class", "teacher", "ms-hopper", "--key", TEACHER_KEY]],
  [["class", "pupils", "--key", TEACHER_KEY]],
  [["class", "rename", "#1", "lovelace", "--key", TEACHER_KEY]],
  [["class", "remove", "#1", "--yes", "--key", TEACHER_KEY]],
  [["class", "code", "#1", "--key", TEACHER_KEY]],
  [["class", "say", "hello", "--key", TEACHER_KEY]],
  [["leave", "--yes"]],
];

for (const [kind, isJson] of [
  ["texts", false],
  ["texts", true],
  ["numbers", false],
  ["refusals", false],
  ["no JSON", false],
  ["redirects", false],
] as const) {
  test(`nothing hostile reaches the terminal: ${kind}${isJson ? ", with --json" : ""}`, async (t) => {
    const arrived: string[] = [];
    const elsewhere = createServer((request, reply) => {
      arrived.push(`${request.method} ${request.url}`);
      reply.end("{}");
    }).listen(0, "127.0.0.1");
    atEnd(t, () => elsewhere.close());
    await once(elsewhere, "listening");
    const origin = await startHostile(t, kind, originOf(elsewhere.address()));
    await atOnce(COMMANDS, AT_ONCE, async ([command, input]) => {
      const { here, saved } = await registeredAt(t, origin);
      const { exitCode, out, error } = await here.run(isJson ? [...command, "--json"] : command, input);
      const what = `${command.join(" ")}: ${JSON.stringify(out + error)}`;
      assert.doesNotMatch(out + error, HIDDEN, what);
      assert.doesNotMatch(out + error, /^plainchat: evil/m, what);
      assert.notEqual(exitCode, EXIT.bug, what);
      if (command[0] === "class") assert.ok(!`${out}${error}`.includes(TEACHER_KEY), what);
      if (isJson && out !== "" && command[0] !== "chat") JSON.parse(out);
      if (kind === "numbers" && command[0] !== "check") assert.match(error, /In the reply of .* is not a/, what);
      if (kind === "redirects" && command[0] !== "check" && command[0] !== "explain") {
        assert.match(error, /says that the server is at .*\. Nothing was sent there\./, what);
      }
      if (kind !== "texts") {
        const { identities } = JSON.parse(await saved());
        assert.deepEqual([Object.keys(identities), identities.ada.myId], [["ada"], 1], what);
      }
    });
    assert.deepEqual(arrived, [], "neither a token, nor the class secret, nor a message went to another server");
  });
}

test("nothing hostile reaches the terminal: what is not HTTP", async (t) => {
  const server = createSocketServer((socket) => {
    socket.on("error", () => {});
    socket.end(EVIL);
  }).listen(0, "127.0.0.1");
  atEnd(t, () => server.close());
  await once(server, "listening");
  const { here } = await registeredAt(t, originOf(server.address()));
  for (const [command] of COMMANDS.filter(([[name = ""]]) => ["people", "explain", "check"].includes(name))) {
    const { exitCode, out, error } = await here.run(command);
    assert.doesNotMatch(out + error, HIDDEN, command.join(" "));
    assert.ok(exitCode > EXIT.bug, error);
  }
});
