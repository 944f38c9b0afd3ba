/**
 * A class in the terminal: `plainchat class` for the teacher, `hand` and `rejoin` for pupils, and what everybody sees of
 * the teacher.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ClassNews } from "../cli/chat/class-news.ts";
import { inOrderOfNeed } from "../cli/class/pupils.ts";
import { EXIT } from "../cli/cli-error.ts";
import { addClass } from "../cli/commands/class.ts";
import { createProgram } from "../cli/program.ts";
import { markedName, Names } from "../cli/show.ts";
import { PlainchatClient } from "../client/plainchat-client.ts";
import type { Pupil } from "../client/teacher-types.ts";
import { folderTag } from "../server/store/files/folder-tag.ts";
import { atEnd } from "../testing/at-end.ts";
import { type Machine, machine } from "../testing/machine.ts";
import { startServer } from "../testing/start-server.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";

const GUIDE = join(import.meta.dirname, "..", "docs", "guides", "terminal.md");

/** A class with two pupils, and the teacher's computer, on which the server runs. */
async function startClass(t: TestContext) {
  const root = await temporaryFolder(t);
  const server = await startServer(t, root, { PLAINCHAT_CLASS: "1", PLAINCHAT_HOST: "127.0.0.1" });
  const here = await machine(t, server.origin);
  here.environment.PLAINCHAT_ROOT = root;
  const join = async (userHandle: string) => {
    const client = new PlainchatClient(server.origin);
    await client.registerUser({ secret: server.secret, userHandle });
    return client;
  };
  const pupils = { ada: await join("ada"), grace: await join("grace") };
  return { root, server, here, ...pupils };
}

/** Runs a command that must succeed. */
async function said(here: Machine, ...command: string[]): Promise<string> {
  const { exitCode, out, error } = await here.run(command);
  assert.equal(exitCode, 0, `${command.join(" ")}: ${error}`);
  return out.trimEnd();
}

function keysOf(root: string): { teacher: string; projector: string } {
  return JSON.parse(readFileSync(join(root, "class", "keys.json"), "utf8"));
}

test("the teacher sees who needs help, and mutes, hides, renames, removes and lets in again", async (t) => {
  const { here, ada, grace } = await startClass(t);
  for (let i = 0; i < 2; i++) await assert.rejects(grace.publishMessage({ userHandle: "nobody", message: "hello" }));
  // Ada is here.
  const leaving = new AbortController();
  t.after(() => leaving.abort());
  await new Promise<void>((resolve) => {
    const onConnection = () => resolve();
    void ada.listen({ signal: leaving.signal, onConnection }).next();
  });
  await ada.raiseHand({ isUp: true });
  await ada.reportProgress({ lesson: 3, case: "register-no-secret", passed: 2, total: 13 });
  await grace.reportProgress({ lesson: 2, passed: 2, total: 2 });
  const guide = await readFile(GUIDE, "utf8");
  const [, promised = ""] = /\.\/plainchat class pupils\n((?:# .*\n)+)/.exec(guide) ?? [];
  const comparable = (text: string) => text.replace(/\d\d:\d\d/g, "12:00").replace(/\b\d min/g, "0 min");
  const shown = await said(here, "class", "pupils");
  assert.equal(comparable(shown), comparable(promised.replace(/^# /gm, "").trimEnd()));
  leaving.abort();
  const { pupils } = (await here.json("class", "pupils")) as { pupils: Pupil[] };
  assert.deepEqual(
    pupils.map(({ userHandle, refused }) => [userHandle, refused?.step]),
    [
      ["ada", undefined],
      ["grace", "chat.post.5.1"],
    ],
  );

  assert.equal(await said(here, "class", "hand-down", "ada"), "ada has the hand down.");
  assert.equal(await said(here, "class", "mute", "ada"), "ada is muted.");
  await assert.rejects(ada.publishMessage({ userHandle: "grace", message: "hello" }), /muted you/);
  const hidden = { userId: 1, userHandle: "ada", isMuted: true, isHidden: true, isHandUp: false };
  assert.deepEqual(await here.json("class", "hide", "#1"), hidden);
  assert.equal(await said(here, "class", "unmute", "1"), "ada can send again.");
  const { messageId } = await ada.publishMessage({ userHandle: "grace", message: "something rude" });
  assert.equal(await said(here, "class", "take-down", `#${messageId}`), `Message ${messageId} is gone for everybody.`);
  assert.deepEqual((await grace.fetchQueue()).messages, []);
  assert.equal(await said(here, "class", "rename", "ada", "lovelace"), "ada is now called lovelace.");

  const { code } = (await here.json("class", "code", "lovelace")) as { code: string };
  const wrong = await here.run(["rejoin", "lovelace", "222222"]);
  assert.equal(wrong.exitCode, EXIT.refused);
  assert.match(wrong.error, /^plainchat: The code is not valid for this handle.* Ask the teacher for a new one\.$/m);
  const back = await said(here, "rejoin", "lovelace", code.toLowerCase());
  assert.match(back, /^You are lovelace, user 1, at http/);
  assert.equal(await said(here, "hand", "up"), "Your hand is up. The teacher sees it.");
  await assert.rejects(ada.listUsers(), { status: 403 });
  // Whoever has lost the token again need not say that the useless one may go.
  const again = (await said(here, "class", "code", "lovelace")).split("\n")[0] ?? "";
  await said(here, "rejoin", "lovelace", again);

  const asked = await here.run(["class", "remove", "grace"]);
  assert.equal(asked.exitCode, EXIT.usage);
  assert.match(asked.error, /removes grace for ever\. If you are sure, add --yes/);
  assert.equal(await said(here, "class", "remove", "grace", "--yes"), "grace is removed.");
  await assert.rejects(grace.listUsers(), { status: 401 });
  const gone = await here.run(["class", "mute", "grace", "--json"]);
  assert.deepEqual(JSON.parse(gone.error), {
    error: 'There is no pupil "grace". Capital letters matter. ./plainchat class pupils lists everybody',
    exitCode: EXIT.refused,
  });
});

test("class remove asks, and Enter alone means no", async (t) => {
  const { here, ada } = await startClass(t);
  const terminal = here.terminal("class", "remove", "ada");
  await terminal.until((screen) => screen.join("").includes("Remove ada (user 1) and all messages to ada"), "it asks");
  terminal.type("\r");
  assert.notEqual(await terminal.ended, 0);
  assert.equal((await ada.listUsers()).users.length, 2);
});

test("the teacher pauses the class and writes to all, and everybody sees who the teacher is", async (t) => {
  const { root, here, ada, grace } = await startClass(t);
  const nameless = await here.run(["class", "say", "hello"]);
  assert.equal(nameless.exitCode, EXIT.refused);
  assert.equal(nameless.error, "plainchat: You need a name first, as the teacher: ./plainchat class teacher HANDLE\n");
  assert.match(await said(here, "class", "teacher", "ms-hopper"), /^You are ms-hopper, user 3, at http/);
  assert.equal(await said(here, "class", "pause"), "The class is paused. ./plainchat class resume lets it go on.");
  await assert.rejects(ada.publishMessage({ userHandle: "grace", message: "hello" }), /paused the class/);
  const piped = await here.run(["class", "say"], "Look at the wall,\r\nplease.\n");
  assert.equal(piped.out, "Sent to 2 pupils.\n", piped.error);
  const { messages } = await grace.fetchQueue();
  assert.deepEqual(
    messages.map(({ fromHandle, message, isTeacher, isToAll }) => [fromHandle, message, isTeacher, isToAll]),
    [["ms-hopper", "Look at the wall,\nplease.", true, true]],
  );
  assert.deepEqual(await here.json("class", "resume"), { isPaused: false, showsTexts: false });
  await said(here, "class", "texts", "show");
  assert.deepEqual(await here.json("class", "lesson", "3"), { isPaused: false, showsTexts: true, lesson: 3 });
  assert.deepEqual(await here.json("class", "texts", "hide"), { isPaused: false, showsTexts: false, lesson: 3 });
  const withBoard = { isPaused: false, showsTexts: false, showsBoard: true, lesson: 3 };
  assert.deepEqual(await here.json("class", "board", "show"), withBoard);
  assert.deepEqual(await here.json("class", "board", "hide"), { isPaused: false, showsTexts: false, lesson: 3 });
  assert.equal(await readFile(join(root, "class", "lesson.dat"), "utf8"), "3");

  assert.equal(await said(here, "people"), "1  ada\n2  grace\n3  ms-hopper (teacher)   (you)");
  assert.match(
    await said(here, "inbox", "--box", "sent"),
    /^#1 \d\d:\d\d {2}you → ada, to all {2}Look at the wall,\n {4}please\.\n#2/,
  );
  await said(here, "send", "ada", "well done");
  const code = (await said(here, "class", "code", "ada")).split("\n")[0] ?? "";
  await said(here, "rejoin", "ada", code);
  const lines = (await said(here, "inbox")).split("\n");
  assert.match(lines[0] ?? "", /^#1 \d\d:\d\d {2}ms-hopper \(teacher\), to all {2}Look at the wall,$/);
  assert.match(lines.at(-1) ?? "", /^#3 \d\d:\d\d {2}ms-hopper \(teacher\) {2}well done$/);
  const chat = await here.run(["chat", "ms-hopper"], "/people\n");
  assert.match(chat.out, /ms-hopper \(teacher\) {2}well done/);
  assert.match(chat.out, /ada, grace, ms-hopper \(teacher\)/);
});

test("class keys shows the addresses, and --new replaces the keys of a running server and of none", async (t) => {
  const { root, server, here } = await startClass(t);
  const { teacher, projector } = keysOf(root);
  const shown = (await here.json("class", "keys")) as { pupils: string[]; teacher: string; projector: string };
  assert.equal(shown.teacher, `${server.origin}/teacher#${teacher}`);
  assert.equal(shown.projector, `${server.origin}/projector#${projector}`);
  // The server listens on this computer only.
  assert.deepEqual(shown.pupils, []);
  // A variable for a server on another computer changes nothing: the keys are those of this folder.
  const elsewhere = { PLAINCHAT_URL: "http://192.0.2.77:9999", PLAINCHAT_PORT: "8087" };
  const text = (await here.run(["class", "keys"], "", elsewhere)).out;
  assert.match(
    text,
    /^for the class {6}.*\nfor the teacher {4}http:\/\/127\.0\.0\.1:8087\/teacher#[\w-]{22}\nfor the projector {2}http:/,
  );

  assert.match(await said(here, "class", "keys", "--new"), /Both keys are new\./);
  const changed = keysOf(root);
  assert.ok(changed.teacher !== teacher && changed.projector !== projector);
  // The server has them when the command ends.
  await said(here, "class", "pupils");
  const old = await here.run(["class", "pupils", "--key", teacher]);
  assert.equal(old.exitCode, EXIT.refused);
  assert.equal(
    old.error,
    "plainchat: This is not the teacher's key. On the server's computer, ./plainchat class keys shows it\n",
  );
  const reply = await fetch(`${server.origin}/api/v1/class/secret`, {
    headers: { authorization: `Bearer ${projector}` },
  });
  assert.equal(reply.status, 403);

  await server.stop("SIGTERM");
  await said(here, "class", "keys", "--new");
  assert.notEqual(keysOf(root).teacher, changed.teacher);
  await writeFile(join(root, "class", "keys.json"), "{");
  const damaged = await here.run(["class", "keys"]);
  assert.match(damaged.error, /keys\.json is damaged\. Make new keys: \.\/plainchat class keys --new/);
  await said(here, "class", "keys", "--new");
  await rm(join(root, "class"), { recursive: true });
  for (const command of [
    ["class", "keys"],
    ["class", "keys", "--new"],
    ["class", "pupils"],
  ]) {
    const { exitCode, error } = await here.run(command);
    assert.equal(exitCode, EXIT.folder, command.join(" "));
    assert.match(error, /There is no class in .*: \.\/plainchat serve --class/);
  }
  assert.ok(!existsSync(join(root, "class")));
});

test("for a class in a database, the terminal says where the keys are, and shows none of a folder", async (t) => {
  const { here, root } = await startClass(t);
  const { teacher } = keysOf(root);
  here.environment.PLAINCHAT_STORE = "postgres://plainchat@127.0.0.1:5432/class";
  for (const command of [
    ["class", "keys"],
    ["class", "keys", "--new"],
    ["class", "pupils"],
  ]) {
    const { exitCode, error, out } = await here.run(command);
    assert.equal(exitCode, EXIT.folder, command.join(" "));
    assert.match(error, /psql "\$PLAINCHAT_STORE" -c "select teacher, projector from class_keys"/);
    assert.ok(!out.includes(teacher));
  }
  assert.equal(keysOf(root).teacher, teacher);
  const withKey = await here.run(["class", "pupils", "--key", teacher]);
  assert.equal(withKey.exitCode, 0, withKey.error);
  here.environment.PLAINCHAT_STORE = "postgres://plainchat@db-1,db-2/class";
  const { error } = await here.run(["class", "keys"]);
  assert.match(error, /New keys: PGTARGETSESSIONATTRS=read-write psql "\$PLAINCHAT_STORE" -c "update/, "not a standby");
});

/** A server that notes what keys it is sent, and says that it has the folder. */
async function startThief(t: TestContext, host: string, root: string): Promise<{ url: string; stolen: string[] }> {
  const stolen: string[] = [];
  const server = createServer((request, reply) => {
    if (request.headers.authorization !== undefined) stolen.push(request.headers.authorization);
    if (request.url === "/readyz") reply.setHeader("data-folder", folderTag(root));
    reply.end('{"pupils":[]}');
  }).listen(0, host);
  atEnd(t, () => server.close());
  await once(server, "listening");
  const address = server.address();
  return { url: `http://${host}:${typeof address === "object" ? address?.port : 0}`, stolen };
}

test("the key in a folder goes only to the server of this folder, on this computer", async (t) => {
  const { root, here } = await startClass(t);
  const { teacher } = keysOf(root);
  // It belongs to this folder, as far as it says, but another computer has it: its name is not one of this computer's.
  const thief = await startThief(t, "127.0.0.1", root);
  const named = thief.url.replace("127.0.0.1", "computer.localhost");
  const away = await here.run(["class", "pupils", "--url", named]);
  assert.equal(away.exitCode, EXIT.usage);
  assert.match(away.error, /key of http:\/\/computer\.localhost:\d+ is missing\. Set PLAINCHAT_TEACHER_KEY/);
  const other = await startThief(t, "127.0.0.1", await temporaryFolder(t));
  const wrongFolder = await here.run(["class", "pupils", "--url", other.url]);
  assert.equal(wrongFolder.exitCode, EXIT.folder);
  assert.match(wrongFolder.error, /has another data folder than/);
  const nobody = await here.run(["class", "pupils", "--url", "http://127.0.0.1:1"]);
  assert.equal(nobody.exitCode, EXIT.unreachable);
  assert.deepEqual([thief.stolen, other.stolen], [[], []]);
  // A key that was given is meant for the server that was named.
  const given = await here.run(["class", "pupils", "--url", other.url], "", { PLAINCHAT_TEACHER_KEY: teacher });
  assert.equal(given.out, "There are no pupils yet.\n", given.error);
  assert.deepEqual(other.stolen, [`Bearer ${teacher}`]);
});

test("a teacher at another computer gives the key or the whole address, and neither is shown anywhere", async (t) => {
  const { root, server } = await startClass(t);
  const { teacher } = keysOf(root);
  const there = await machine(t, server.origin);
  there.environment.PLAINCHAT_ROOT = join(root, "nothing");
  const page = `${server.origin}/teacher#${teacher}`;
  // The address is enough: it says where the server is.
  const byAddress = await there.run(["class", "pupils", "--key", page], "", { PLAINCHAT_URL: undefined });
  assert.match(byAddress.out, /^2 pupils: /, byAddress.error);
  const outcomes = [
    await there.run(["class", "pupils"], "", { PLAINCHAT_TEACHER_KEY: teacher }),
    await there.run(["class", "mute", "nobody", "--key", teacher]),
    await there.run(["class", "take-down", "99", "--key", teacher, "--json"]),
    await there.run(["class", "teacher", "ms-hopper", "--key", page]),
    await there.run(["class", "pupils", "--key", `${teacher} ${teacher}`]),
    await there.run(["class", "pupils", "--key", teacher, "too", "many"]),
    await there.run(["class", "pupils", "--key", teacher, "--url", "http://127.0.0.1:1"]),
  ];
  assert.deepEqual(
    outcomes.map(({ exitCode }) => exitCode),
    [0, EXIT.refused, EXIT.refused, 0, EXIT.usage, EXIT.usage, EXIT.unreachable],
  );
  for (const { out, error } of outcomes) assert.ok(!`${out}${error}`.includes(teacher), out + error);
});

test("the list of processes does not show the key", { skip: process.platform !== "linux" }, async (t) => {
  const root = await temporaryFolder(t);
  const key = "key-of-the-teacher";
  let shown = "";
  const reached = Promise.withResolvers<void>();
  const server = createServer((_request, reply) => {
    // While the command waits for this reply, it is in the list.
    shown = readFileSync(`/proc/${child.pid}/cmdline`, "utf8");
    reply.end('{"pupils":[]}');
    reached.resolve();
  }).listen(0, "127.0.0.1");
  atEnd(t, () => server.close());
  await once(server, "listening");
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  const main = join(import.meta.dirname, "..", "cli", "main.ts");
  const environment = { ...process.env, XDG_CONFIG_HOME: root };
  const child = execFile(process.execPath, [main, "class", "pupils", "--url", url, "--key", key], { env: environment });
  await reached.promise;
  await once(child, "exit");
  assert.match(shown, /^plainchat class/);
  assert.ok(!shown.includes(key));
});

test("--help has examples for every command of a class, and the guide lists all of them", () => {
  let help = "";
  const program = createProgram("").configureOutput({
    writeOut: (text) => {
      help += text;
    },
  });
  addClass(program);
  const commands = program.commands[0]?.commands ?? [];
  assert.ok(commands.length >= 17);
  const guide = readFileSync(GUIDE, "utf8");
  for (const command of commands) {
    help = "";
    command.outputHelp();
    assert.match(help, new RegExp(`Examples:\n {2}\\$ \\./plainchat class ${command.name()}`), command.name());
    assert.ok(guide.includes(`\`class ${command.name()}`), command.name());
  }
});

test("those who need help most come first", () => {
  const pupil = (userId: number, userHandle: string, more: Partial<Pupil> = {}): Pupil => ({
    ...{ userId, userHandle, isHere: false, isMuted: false, isHidden: false, isHandUp: false, lessonsPassed: [] },
    ...more,
  });
  const at = (minute: number) => new Date(Date.UTC(2030, 0, 1, 8, minute)).toISOString();
  const place = (minutes: number) => {
    const since = new Date(Date.now() - minutes * 60_000).toISOString();
    return { lesson: 3, case: "register-no-secret", passed: 2, total: 13, since };
  };
  const sorted = inOrderOfNeed([
    pupil(1, "away-b"),
    pupil(2, "here", { isHere: true }),
    pupil(3, "stuck", { isHere: true, stuckSince: at(9) }),
    pupil(4, "stuck-longer", { stuckSince: at(1) }),
    pupil(5, "hand", { isHandUp: true, isHere: true }),
    pupil(6, "hand-and-stuck", { isHandUp: true, stuckSince: at(20) }),
    pupil(7, "away-a"),
    pupil(8, "at-one-case-for-long", { progress: place(15) }),
    pupil(9, "at-a-new-case", { progress: place(1) }),
  ]);
  assert.deepEqual(
    sorted.map(({ userHandle }) => userHandle),
    [
      ...["hand-and-stuck", "hand", "at-one-case-for-long", "stuck-longer", "stuck"],
      ...["here", "at-a-new-case", "away-a", "away-b"],
    ],
  );
});

test("nobody looks like the teacher by choosing a handle", () => {
  assert.equal(markedName({ userId: 1, userHandle: "ms-hopper", isTeacher: true }), "ms-hopper (teacher)");
  for (const userHandle of [
    "ms-hopper (teacher)",
    "ms-hopper (teacher), to all",
    "ms-hopper （teacher）",
    "ada (user 3)",
  ]) {
    assert.equal(markedName({ userId: 7, userHandle }), `${userHandle} (user 7)`);
    assert.equal(new Names().nameOf({ userId: 7, userHandle }), `${userHandle} (user 7)`);
  }
  const names = new Names();
  assert.equal(names.nameOf({ userId: 3, userHandle: "ada" }), "ada");
  assert.equal(names.nameOf({ userId: 7, userHandle: "ada" }), "ada (user 7)");
});

test("a chat tells what the teacher has decided once, when it changes", () => {
  const news = new ClassNews();
  const usual = { isPaused: false, showsTexts: false, isMuted: false, isHandUp: false };
  assert.deepEqual(news.in({ type: "class", ...usual }), []);
  const paused = { type: "class", ...usual, isPaused: true, lesson: 3 } as const;
  assert.deepEqual(news.in(paused), [
    "The teacher has paused the class: nobody can send.",
    "The class is at lesson 3.",
  ]);
  assert.deepEqual(news.in(paused), []);
  // What is missing has not changed.
  assert.deepEqual(news.in({ type: "class", isMuted: true }), ["The teacher has muted you: you cannot send."]);
  assert.deepEqual(news.in({ type: "class", ...usual }), ["The class goes on.", "You are not muted any more."]);
});

test("the teacher saves the class, puts it away, begins a new one and brings the first one back", async (t) => {
  const { root, server, here, ada } = await startClass(t);
  await ada.publishMessage({ userHandle: "grace", message: "on Monday" });
  assert.equal(await said(here, "class", "archives"), "No class was put away yet.");
  const folder = await temporaryFolder(t);
  const zip = join(folder, "9b.zip");
  assert.match(await said(here, "class", "export", zip), /^Saved as .*9b\.zip \(\d+ KiB\)\.$/);
  assert.ok(readFileSync(zip, "latin1").includes("on Monday"));
  const twice = await here.run(["class", "export", zip]);
  assert.deepEqual([twice.exitCode, /9b\.zip is there already/.test(twice.error)], [EXIT.usage, true]);
  const nowhere = await here.run(["class", "export", join(folder, "no", "folder.zip")]);
  assert.match(nowhere.error, /^plainchat: The class could not be saved: /m);

  const asked = await here.run(["class", "end"]);
  assert.deepEqual([asked.exitCode, /add --yes/.test(asked.error)], [EXIT.usage, true]);
  const ended = await said(here, "class", "end", "--label", "9b, Monday", "--yes");
  const [, archive = ""] = /^The class is put away as (\S+), and a new class begins/.exec(ended) ?? assert.fail(ended);
  assert.equal(await said(here, "class", "pupils"), "There are no pupils yet.");
  await assert.rejects(ada.listUsers(), { status: 401 });
  assert.match(await said(here, "class", "archives"), /^2\S+ {2}9b, Monday, ended \d\d:\d\d, 2 users, 1 message$/);
  const empty = await here.run(["class", "end", "--yes"]);
  assert.match(empty.error, /Nobody has joined this class yet/);
  const archived = join(root, "archive", archive);
  const examined = await said(here, "doctor", "--root", archived, "--port", new URL(server.origin).port);
  assert.match(
    examined,
    /No server is using this folder\n.*lines of the journal are undamaged\n✓ The files of the class are undamaged$/,
  );
  const saved = await said(here, "backup", join(folder, "9b.tar.gz"), "--root", archived);
  assert.match(saved, /has 2 users and \d+ journal lines/);
  assert.match(await said(here, "compact", "--root", archived), /^The journal had/);
  const unknown = await here.run(["class", "open", "9c", "--yes"]);
  assert.match(unknown.error, /There is no archive "9c"\. .*class archives lists them/);

  assert.match(await said(here, "class", "open", "9b, Monday", "--yes"), new RegExp(`^${archive} is the class now\\.`));
  assert.ok(!existsSync(archived), "neither doctor nor backup leaves anything there");
  assert.equal((await ada.listUsers()).users.length, 2);
  assert.equal((await readFile(join(root, "users", "secret.dat"), "utf8")).trim(), server.secret);
});

test("doctor looks into the folder of a class when no server runs: damaged files, nobody's files, files of others", async (t) => {
  const { root, server, here } = await startClass(t);
  const { port } = new URL(server.origin);
  await said(here, "class", "teacher", "ms-hopper");
  await said(here, "class", "mute", "ada");
  await server.stop("SIGTERM");
  const examined = () => here.run(["doctor", "--root", root, "--port", port]);
  const good = await examined();
  assert.equal(good.exitCode, 0, good.out);
  assert.match(good.out, /The files of the class are undamaged/);

  const classFile = (...names: string[]) => join(root, "class", ...names);
  await writeFile(classFile("keys.json"), "{}");
  await writeFile(classFile("teacher.dat"), "77");
  await writeFile(classFile("muted", "78.json"), "{}");
  await writeFile(classFile("muted", "list.txt"), "ada");
  const bad = await examined();
  assert.equal(bad.exitCode, 6, bad.out);
  assert.match(bad.out, /class\/keys\.json is damaged/);
  assert.match(bad.out, /class\/teacher\.dat names user 77, who does not exist/);
  assert.match(bad.out, /1 file about users who do not exist\. First: class\/muted\/78\.json/);
  assert.match(bad.out, /1 file that no server has made\. First: class\/muted\/list\.txt/);
  assert.equal(readFileSync(classFile("keys.json"), "utf8"), "{}", "it changes nothing");
});
