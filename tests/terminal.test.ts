/**
 * The program for the terminal, as people and scripts use it: these tests type into a pseudo-terminal, and run commands
 * and look at their output.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { basename, join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { EXIT } from "../cli/cli-error.ts";
import { PlainchatClient } from "../client/plainchat-client.ts";
import { isRestoreWaiting } from "../server/store/backup/restore.ts";
import { Lock } from "../server/store/files/lock.ts";
import { Paths } from "../server/store/files/paths.ts";
import { atEnd } from "../testing/at-end.ts";
import { startBadNetwork } from "../testing/bad-network.ts";
import { startGate } from "../testing/gate.ts";
import { type Machine, machine, serverAndMachine } from "../testing/machine.ts";
import { COLUMNS } from "../testing/pseudo-terminal.ts";
import { startServer } from "../testing/start-server.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";

const REPOSITORY = join(import.meta.dirname, "..");
const LAUNCHER_FILE = join(REPOSITORY, "plainchat");

test("register, send, inbox, edit, delete, people, rename, whoami and leave print JSON for programs", async (t) => {
  const { server, here } = await serverAndMachine(t);
  const secret = ["--secret", server.secret];
  assert.deepEqual(await here.json("register", "ada", ...secret), {
    userId: 1,
    userHandle: "ada",
    url: server.origin,
    identity: "ada",
  });
  await here.json("register", "grace", "--as", "second", ...secret);
  const { messageId } = (await here.json("send", "grace", "hello", "you", "--as", "ada")) as { messageId: number };
  await here.json("edit", String(messageId), "hello again", "--as", "ada");
  const { messages } = (await here.json("inbox")) as { messages: { message: string; fromHandle: string }[] };
  assert.deepEqual(
    messages.map(({ message, fromHandle }) => [fromHandle, message]),
    [["ada", "hello again"]],
  );
  // As inbox shows it, with a #.
  await here.json("edit", `#${messageId}`, "hello again", "--as", "ada");
  const newer = (await here.json("inbox", "--after", `#${messageId}`)) as { messages: object[] };
  assert.deepEqual(newer.messages, []);
  const { messageId: second } = (await here.json("send", "grace", "hi", "--as", "ada")) as { messageId: number };
  assert.deepEqual(await here.json("delete", String(messageId), `#${second}`), { messageIds: [messageId, second] });
  assert.deepEqual(((await here.json("inbox")) as { messages: object[] }).messages, []);
  await here.json("rename", "hopper", "--new-token");
  const { users } = (await here.json("people")) as { users: object[] };
  assert.deepEqual(users, [
    { userId: 1, userHandle: "ada" },
    { userId: 2, userHandle: "hopper" },
  ]);
  assert.deepEqual(await here.json("whoami"), {
    userId: 2,
    userHandle: "hopper",
    url: server.origin,
    identity: "second",
    others: ["ada"],
  });
  await here.json("leave", "--yes");
  assert.equal(((await here.json("whoami")) as { userHandle: string }).userHandle, "ada");
});

test("credentials are in a file that only its owner can read, and are never printed", async (t) => {
  const { server, here } = await serverAndMachine(t);
  const outcomes = [await here.run(["register", "ada", "--secret", server.secret])];
  const path = join(here.environment.XDG_CONFIG_HOME ?? "", "plainchat", "identities.json");
  if (process.platform !== "win32") assert.equal((await stat(path)).mode & 0o777, 0o600);
  const { myAuth } = JSON.parse(await readFile(path, "utf8")).identities.ada;
  outcomes.push(await here.run(["whoami"]), await here.run(["whoami", "--json"]), await here.run(["rename", "ada2"]));
  for (const { out, error } of outcomes) assert.ok(!`${out}${error}`.includes(myAuth));
});

test("docs/guides/terminal.md lists all exit codes, and its session runs as it is written, from any folder", async (t) => {
  const document = await readFile(join(REPOSITORY, "docs", "guides", "terminal.md"), "utf8");
  const codes = [...document.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  assert.deepEqual(codes, [0, ...Object.values(EXIT)]);
  const { root, server, here } = await serverAndMachine(t);
  const [session = "", folder = ""] = [...document.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, code = ""]) => code);
  const script = `set -e\n${session}${folder}`
    .replaceAll("./plainchat", `'${LAUNCHER_FILE}'`)
    .replace("paste-the-class-secret-here", server.secret);
  const out = await new Promise<string>((resolve, reject) => {
    const environment = { ...process.env, ...here.environment, PLAINCHAT_ROOT: root };
    const options = { cwd: here.environment.INIT_CWD, env: environment, timeout: 60_000 };
    const port = new URL(server.origin).port;
    execFile(
      "bash",
      ["-c", script.replace("plainchat' doctor", `plainchat' doctor --port ${port}`)],
      options,
      (error, text) => (error === null ? resolve(text) : reject(error)),
    );
  });
  const expected = [...session.matchAll(/^# (.*)$/gm)].map(([, line = ""]) => line);
  const comparable = (line: string) =>
    line.replace(/\d\d:\d\d/, "12:00").replace(server.origin, "http://127.0.0.1:8080");
  assert.equal(expected.length, 12);
  assert.deepEqual(out.split("\n").slice(0, expected.length).map(comparable), expected);
});

test("explain shows what the server did, as in docs/guides/explain.md", async (t) => {
  const { server, here } = await serverAndMachine(t);
  await here.run(["register", "ada", "--secret", server.secret]);
  const document = await readFile(join(REPOSITORY, "docs", "guides", "explain.md"), "utf8");
  const [, shown = ""] = /```\n(GET [\s\S]*?\n)```/.exec(document) ?? [];
  const { out } = await here.run(["explain", "GET", "/api/v1/register?userHandle=nobody"]);
  const withoutTimes = (text: string) => text.replace(/ +[\d.]+ ms/g, " TIME");
  assert.equal(withoutTimes(out), withoutTimes(shown));
});

test("explain sends no token to another server, takes none from it, and says when you are not registered", async (t) => {
  const { server, here } = await serverAndMachine(t);
  const nobody = await here.run(["explain", "GET", "/api/v1/users"]);
  assert.match(
    nobody.error,
    /^You are not registered at .* on this computer \(\.\/plainchat register HANDLE\), so the request has no id/,
  );
  await here.run(["register", "ada", "--secret", server.secret]);
  let came: string | undefined = "nothing came";
  const other = createServer((request, response) => {
    came = request.headers.authorization;
    response.end('{"userId":1,"authToken":"ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ"}');
  }).listen(0, "127.0.0.1");
  atEnd(t, () => other.close());
  await once(other, "listening");
  const address = other.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  for (const method of ["PATCH", "DELETE"]) {
    const { exitCode, error } = await here.run(["--url", url, "explain", method, "/api/v1/register", "-d", "{}"]);
    assert.equal(exitCode, EXIT.refused);
    assert.match(error, /but explained nothing/);
    assert.equal(came, undefined);
  }
  assert.equal((await here.run(["--url", url, "people"])).exitCode, EXIT.nobody);
  // The variables may have been set for other servers.
  for (const [command, changed] of [
    [["--url", url, "people"], { PLAINCHAT_AS: "ada" }],
    [["--as", "ada", "people"], { PLAINCHAT_URL: url }],
    [["people"], { PLAINCHAT_AS: "ada", PLAINCHAT_URL: url }],
    [["chat", "ada"], { PLAINCHAT_AS: "ada", PLAINCHAT_URL: url }],
    [["leave", "--yes", "--as", "ada"], { PLAINCHAT_URL: url }],
  ] satisfies [string[], NodeJS.ProcessEnv][]) {
    const { exitCode, error } = await here.run(command, "", changed);
    assert.equal(exitCode, EXIT.nobody, error);
    assert.match(error, /"ada" is registered at .*, and its token goes nowhere else\. .* move --as ada http/);
  }
  const asAda = { PLAINCHAT_AS: "ada" };
  assert.equal((await here.run(["--url", url, "explain", "GET", "/x"], "", asAda)).exitCode, EXIT.refused);
  assert.equal(came, undefined);
  const file = join(await temporaryFolder(t), "inputs.json");
  await writeFile(file, '{"userHandle":"ada"}');
  const asked = await here.json("explain", "GET", "/api/v1/register", "-d", `@${file}`);
  assert.equal((asked as { status: number }).status, 200);
  const missing = await here.run(["explain", "GET", "/api/v1/register", "-d", "@nowhere.json"]);
  assert.match(missing.error, /cannot be read from nowhere\.json, the file after @: there is no such file/);
  const wrong = await here.run(["explain", "GET", "/api/v1/users", "-u", `1:${"x".repeat(32)}`]);
  assert.match(wrong.out, /✗ users\.get\.3\.1/);
});

test("explain uses the server where you registered, even if your token is not sent", async (t) => {
  const { server, here } = await serverAndMachine(t);
  await here.run(["register", "ada", "--secret", server.secret]);
  // Only the identity says where the server is.
  const known = { PLAINCHAT_URL: undefined };
  const own = await readFile(join(here.environment.XDG_CONFIG_HOME ?? "", "plainchat", "identities.json"), "utf8");
  const { myId, myAuth } = JSON.parse(own).identities.ada;
  const asked = async (...options: string[]) =>
    JSON.parse((await here.run(["explain", "--json", ...options], "", known)).out) as { status: number };
  assert.equal((await asked("GET", "/api/v1/users", "--no-credentials")).status, 400);
  assert.equal((await asked("GET", "/api/v1/users", "-u", `${myId}:${myAuth}`)).status, 200);
  const registered = JSON.stringify({ secret: server.secret, userHandle: "grace" });
  assert.equal((await asked("POST", "/api/v1/register", "-d", registered)).status, 200);
  // The data contains the own id and token: the new token is saved.
  const rotated = JSON.stringify({ myId, myAuth, rotateAuth: true });
  assert.equal((await asked("PATCH", "/api/v1/register", "-d", rotated)).status, 200);
  assert.equal((await asked("GET", "/api/v1/users")).status, 200);
});

test("explain shows a file before and after, lists steps without sending, and saves a new handle and token", async (t) => {
  const { server, here } = await serverAndMachine(t);
  await here.run(["register", "ada", "--secret", server.secret]);
  const renamed = await here.run([
    "explain",
    "patch",
    "/api/v1/register",
    "-d",
    '{"userHandle":"lovelace","rotateAuth":true}',
  ]);
  assert.match(renamed.out, /users\/1\.json changed\n {6}- \{"userHandle":"ada".*\n {6}\+ \{"userHandle":"lovelace"/);
  assert.equal(((await here.json("whoami")) as { userHandle: string }).userHandle, "lovelace");
  const { trace, status } = (await here.json("explain", "GET", "/api/v1/chat", "-d", '{"limit":1}')) as never;
  assert.equal(status, 200);
  assert.equal((trace as { operation: string }).operation, "chat.get");
  const refused = await here.run(["explain", "GET", "/api/v1/chat", "-d", "{}", "--no-credentials"]);
  assert.match(
    refused.out,
    /✗ chat\.get\.1\.2 .*\n {4}stopped here: `myId` is missing\. `myAuth` is missing, too\. .*`-u ID:TOKEN`.*\n {4}server\/operations\/fetch-queue\.ts:\d+\n·/,
  );
  const stream = await here.run(["explain", "GET", "/api/v1/chat/stream"]);
  assert.match(stream.out, /\n200 \(a stream, which continues\)\n$/);

  const steps = [
    ...(await readFile(join(REPOSITORY, "docs", "spec.md"), "utf8")).matchAll(/^- `(chat\.post\.[\d.]+)`/gm),
  ];
  const plan = await here.run(["explain", "--plan", "chat.post"]);
  assert.deepEqual(
    [...plan.out.matchAll(/^(chat\.post\.[\d.]+) /gm)].map(([, id]) => id),
    steps.map(([, id]) => id),
  );

  await here.run(["explain", "DELETE", "/api/v1/register"]);
  assert.equal((await here.run(["whoami"])).exitCode, EXIT.nobody);
  assert.equal((await here.run(["explain", "GET", "/healthz"])).exitCode, EXIT.refused);
  assert.equal((await here.run(["explain", "--plan", "chat.psot"])).exitCode, EXIT.usage);
  assert.equal((await here.run(["explain", "GET", "api/v1/chat"])).exitCode, EXIT.usage);
  assert.equal((await here.run(["explain", "FETCH", "/api/v1/chat"])).exitCode, EXIT.usage);
});

test("every mistake gets one line that says what to do, and an exit code", async (t) => {
  const { root, server, here } = await serverAndMachine(t);
  const nobody = await machine(t, server.origin);
  const away = await machine(t, "http://127.0.0.1:1");
  const damaged = await machine(t, server.origin);
  await damaged.run(["register", "eve", "--secret", server.secret]);
  const identities = join(damaged.environment.XDG_CONFIG_HOME ?? "", "plainchat", "identities.json");
  await writeFile(identities, '{"current":"eve","identities":{"eve":5}}');
  await here.run(["register", "ada", "--secret", server.secret]);
  const cases: [Machine, string[], number, RegExp][] = [
    [here, ["sned", "grace"], 2, /unknown command 'sned' \(Did you mean send\?\)/],
    [here, ["inbox", "--last", "many"], 2, /Use a whole number\. \(\.\/plainchat inbox --help/],
    [here, ["send"], 2, /missing required argument 'handle'/],
    [here, ["register", "ada", "--secret", server.secret], 2, /already has an identity "ada".*--as/],
    [here, ["register", "bob"], 2, /class secret is missing.*--secret/],
    // The server's own sentence, but in the words of the command line.
    [
      here,
      ["register", "bob", "--secret", "wrong-wrong-wrong"],
      3,
      /^plainchat: This is not the class secret\. Unless/,
    ],
    [here, ["register", "bob", "--secret", "wrong-wrong-wrong "], 3, /Yours has a blank at its end/],
    [here, ["inbox", "--limit", "x"], 2, /unknown option '--limit'\. Did you mean --last\? \(/],
    [here, ["people", "--limit", "5"], 2, /unknown option '--limit' \(/],
    [here, ["inbox", "--sideways"], 2, /'--sideways'\. inbox has --from, --box, --last, --after, --wait \(/],
    [here, ["inbox", "--lasst", "5"], 2, /Did you mean --last\?/],
    [here, ["edit", "1", "--fast"], 2, /put -- before it/],
    [here, ["explain"], 2, /Type a method \(GET, /],
    [
      here,
      ["explain", "PUT", "/api/v1/chat"],
      2,
      /"PUT" is not a method of this server.*To change something, use PATCH/,
    ],
    [here, ["explain", "get"], 2, /The path is missing\. For example: \S+ explain GET \/api/],
    [
      here,
      ["explain", "/api/v1/users?a=1&b=2"],
      2,
      /missing before the path: \S+ explain GET '\/api\/v1\/users\?a=1&b=2'\n/,
    ],
    [
      here,
      ["explain", "POST", "/api/v1/chat", "-d", "@nofile"],
      2,
      /from nofile, the file after @: there is no such file\n/,
    ],
    [here, ["explain", "POST", "/api/v1/chat", "-d", `@${root}`], 2, /the file after @: it is a folder\n/],
    [here, ["send", "nobody", "hello"], 3, /no user with this handle.*\.\/plainchat people/],
    [here, ["edit", "99", "text"], 3, /neither sent nor received a message with this number/],
    [here, ["edit", "x", "text"], 2, /^plainchat: "x" is not valid for <id>\. Use a whole number\. \(/],
    [here, ["edit", "##1", "text"], 2, /^plainchat: "##1" is not valid for <id>\. Use a whole number\. \(/],
    [here, ["delete", "98", "99"], 3, /no messages 98, 99/],
    [here, ["send", "5", "text"], 3, /^plainchat: The handle must be 3 to 64/],
    [here, ["register", "bob", "--secret", "short"], 3, /^plainchat: The class secret must be.* Ask the person/],
    [here, ["register", "bob", "--as", ""], 2, /name after --as/],
    [here, ["leave"], 2, /add --yes/],
    [here, ["whoami", "--as", "grace"], 5, /no identity "grace".*You can be: ada/],
    [nobody, ["inbox"], 5, /not registered on this computer.*\.\/plainchat register/],
    [here, ["compact", "--root", join(root, "nothing")], 6, /no plainchat data folder/],
    [here, ["backup", "x.tar.gz", "--root", join(root, "nothing")], 6, /no plainchat data folder/],
    [here, ["restore", "nothing.tar.gz", "--root", join(root, "new")], 6, /There is no file/],
    [here, ["doctor", "--port", "99999"], 2, /Use a number from 1 to 65535/],
    [here, ["inbox", "--last", "500"], 2, /Use a number from 1 to 200.*plainchat inbox --help/],
    [here, ["people", "--url", "ftp://127.0.0.1"], 2, /not an address/],
    [here, ["backup", "/nothing/x.tar.gz", "--root", root], 6, /no folder \/nothing/],
    [here, ["restore", root, "--root", root], 6, /is a folder/],
    [damaged, ["inbox"], 5, /identities\.json is damaged\. Repair it/],
    [away, ["register", "ada", "--secret", server.secret], 4, /cannot be reached. Is the server running/],
  ];
  for (const [where, command, exitCode, sentence] of cases) {
    const outcome = await where.run(command);
    assert.equal(outcome.exitCode, exitCode, `${command.join(" ")}: ${outcome.error}`);
    assert.match(outcome.error, sentence);
    assert.equal(outcome.error.trimEnd().split("\n").length, 1, outcome.error);
    assert.equal(outcome.out, "");
  }
  assert.equal(JSON.parse((await nobody.run(["inbox", "--json"])).error).exitCode, 5);
  assert.equal(JSON.parse((await nobody.run(["sned", "--json"])).error).exitCode, 2);
});

test("send reads its message from a pipe, without the last line break", async (t) => {
  const { server, here } = await serverAndMachine(t);
  await here.run(["register", "ada", "--secret", server.secret]);
  await here.run(["send", "ada"], "two\nlines\n");
  const { messages } = (await here.json("inbox")) as { messages: { message: string }[] };
  assert.equal(messages[0]?.message, "two\nlines");
});

test("register asks for the class secret and does not show it", async (t) => {
  const { server, here } = await serverAndMachine(t);
  const terminal = here.terminal("register", "ada");
  await terminal.until((screen) => screen.join().includes("The class secret:"), "it asks");
  terminal.type(`${server.secret}\r`);
  assert.equal(await terminal.ended, 0);
  await terminal.until((screen) => screen.join().includes("You are ada, user 1"), "it says who you are");
  assert.ok(!terminal.screen().join().includes(server.secret));
  const leaving = here.terminal("leave");
  await leaving.until((screen) => screen.join().includes("for ever?"), "it asks");
  leaving.type("\r");
  assert.notEqual(await leaving.ended, 0, "Enter alone means no");
  assert.equal((await here.run(["whoami"])).exitCode, 0);
});

test("chat: two people talk live, and a new message leaves the typed line as it is", async (t) => {
  const { server, here } = await serverAndMachine(t);
  await here.run(["register", "ada", "--secret", server.secret]);
  const there = new PlainchatClient(server.origin);
  await there.registerUser({ secret: server.secret, userHandle: "grace" });
  await there.publishMessage({ userHandle: "ada", message: "from before" });

  const terminal = here.terminal("chat", "grace");
  const last = (screen: string[]) => screen.at(-1) ?? "";
  await terminal.until((screen) => last(screen) === "ada → grace>", "the prompt");
  assert.ok(terminal.screen().some((line) => /#1 .* grace {2}from before$/.test(line)));

  // The line is longer than a row of the screen, and not finished when a message arrives.
  const long = "word ".repeat(30).trim();
  terminal.type(long);
  const typed = (screen: string[]) => screen.join("").endsWith(`ada → grace> ${long}`);
  await terminal.until(typed, "the typed line");
  assert.ok(long.length > COLUMNS);
  await there.publishMessage({ userHandle: "ada", message: "I interrupt you" });
  await terminal.until((screen) => screen.some((line) => /grace {2}I interrupt you$/.test(line)), "the message");
  await terminal.until(typed, "the typed line is still there");
  const prompts = terminal.screen().filter((line) => line.includes("ada → grace>"));
  assert.equal(prompts.length, 1, terminal.screen().join("\n"));
  terminal.type(" end\r");
  await terminal.until((screen) => screen.join("").includes(`you → grace  ${long} end`), "the sent message");
  const { messages } = await there.fetchQueue();
  assert.equal(messages[0]?.message, `${long} end`);
  await terminal.until((screen) => last(screen) === "ada → grace>", "an empty prompt");

  terminal.type("\x1b[A");
  await terminal.until((screen) => screen.join("").endsWith(`ada → grace> ${long} end`), "the history");
  terminal.type("\x15/edit changed\r");
  await terminal.until((screen) => screen.some((line) => line.endsWith("changed (edited)")), "the edit");
  terminal.type("/delete\r");
  await terminal.until((screen) => screen.join().includes("was deleted: changed"), "the deletion");
  terminal.type("/to nobody\r");
  await terminal.until((screen) => screen.join().includes("  There is no user"), "a refusal");
  // Not "./plainchat people": this is the chat.
  await terminal.until((screen) => /matter\. ?\/people lists ?everybody/.test(screen.join("")), "what to type here");
  terminal.type("/delete 1\r");
  await terminal.until(
    (screen) => screen.join().includes("only deletes your last message"),
    "an argument is not ignored",
  );
  terminal.type("/people\r");
  await terminal.until((screen) => screen.join().includes("ada, grace"), "the people");
  terminal.type("\x03");
  assert.equal(await terminal.ended, 0);
  assert.match(last(terminal.screen()), /You have left the chat/);
});

test("chat says when the connection is lost and when it is back, and shows the messages in between", async (t) => {
  const root = await temporaryFolder(t);
  let server = await startServer(t, root);
  const network = await startBadNetwork(t, server.origin);
  const here = await machine(t, network.origin);
  await here.run(["register", "ada", "--secret", server.secret]);
  const there = new PlainchatClient(network.origin, { attempts: 20 });
  await there.registerUser({ secret: server.secret, userHandle: "grace" });
  const terminal = here.terminal("chat", "grace");
  await terminal.until((screen) => screen.at(-1) === "ada → grace>", "the prompt");
  await server.stop("SIGKILL");
  const words = (screen: string[]) => screen.join(" ").replace(/\s+/g, " ");
  await terminal.until(
    (screen) => /The connection is lost\.( http:\S+ cannot be reached\. [^…]*[.?])? Trying again…/.test(words(screen)),
    "it says so, in whole sentences",
  );
  terminal.type("hello?\r");
  await terminal.until((screen) => words(screen).includes("Not sent: http://127.0.0.1:"), "it was not sent");
  await terminal.until((screen) => screen.at(-1) === "ada → grace> hello?", "it can be sent again");
  server = await startServer(t, root);
  network.target = server.origin;
  await there.publishMessage({ userHandle: "ada", message: "in between" });
  await terminal.until((screen) => screen.some((line) => line.endsWith("grace  in between")), "the message in between");
  assert.ok(terminal.screen().join().includes("The connection is back"));
  // The text that was not sent is removed first.
  terminal.type("\x15\x04");
  assert.equal(await terminal.ended, 0);
});

test("chat sends every line of a pipe, even those from before it was ready, and then ends", async (t) => {
  const { server, here } = await serverAndMachine(t);
  await here.run(["register", "ada", "--secret", server.secret]);
  const { exitCode, out } = await here.run(["chat", "ada"], "hello\nsecond\n");
  assert.equal(exitCode, 0, out);
  assert.match(out, /You have left the chat/);
  const { messages } = (await here.json("inbox")) as { messages: { message: string }[] };
  assert.deepEqual(
    messages.map(({ message }) => message),
    ["hello", "second"],
  );
});

test("chat: a line typed while the chat is loading is sent, and removes nothing from the screen", async (t) => {
  const { server, here } = await serverAndMachine(t);
  await here.run(["register", "ada", "--secret", server.secret]);
  await here.json("send", "ada", "from before");
  const gate = await startGate(t, server.origin);
  const loading = Promise.withResolvers<void>();
  const open = Promise.withResolvers<void>();
  gate.before = (_method, path) => {
    if (!path.startsWith("/api/v1/chat?")) return undefined;
    loading.resolve();
    return open.promise;
  };
  const terminal = here.terminal("chat", "ada", "--url", gate.origin, "--as", "ada");
  await loading.promise;
  terminal.type("too early\r");
  terminal.type("half a line");
  await terminal.until((screen) => screen.at(-1) === "half a line", "the terminal shows what is typed");
  open.resolve();
  await terminal.until((screen) => screen.some((line) => line.endsWith("you → ada  too early")), "it was sent");
  assert.ok(
    terminal.screen().some((line) => line.endsWith("you → ada  from before")),
    terminal.screen().join("\n"),
  );
  await terminal.until((screen) => screen.at(-1) === "ada → ada> half a line", "the last typed text is still there");
  terminal.type("\x03");
  assert.equal(await terminal.ended, 0);
});

test("chat: /delete deletes the last message, even before the stream has shown it", async (t) => {
  const { server, here } = await serverAndMachine(t);
  await here.run(["register", "ada", "--secret", server.secret]);
  await here.json("send", "ada", "older");
  const gate = await startGate(t, server.origin);
  const late = Promise.withResolvers<void>();
  gate.before = (_method, path) => (path.startsWith("/api/v1/chat/stream") ? late.promise : undefined);
  const terminal = here.terminal("chat", "ada", "--url", gate.origin, "--as", "ada");
  await terminal.until((screen) => screen.at(-1) === "ada → ada>", "the prompt");
  // They run one after the other. When /people has printed, the others are done.
  terminal.type("newer\r/edit newest\r/people\r");
  await terminal.until((screen) => screen.includes("  ada"), "the people");
  const texts = async () =>
    ((await here.json("inbox")) as { messages: { message: string }[] }).messages.map(({ message }) => message);
  assert.deepEqual(await texts(), ["older", "newest"]);
  terminal.type("/delete\r/delete\r");
  await terminal.until(
    (screen) => screen.join().includes("not sent a message here that can be changed"),
    "there is no message left to delete",
  );
  assert.deepEqual(await texts(), ["older"]);
  late.resolve();
  terminal.type("\x03");
  assert.equal(await terminal.ended, 0);
});

test("chat shows every message that arrives while it is loading, from anybody, exactly once", async (t) => {
  const { server, here } = await serverAndMachine(t);
  await here.run(["register", "ada", "--secret", server.secret]);
  const [grace, bob] = [new PlainchatClient(server.origin), new PlainchatClient(server.origin)];
  await grace.registerUser({ secret: server.secret, userHandle: "grace" });
  await bob.registerUser({ secret: server.secret, userHandle: "bob" });
  await grace.publishMessage({ userHandle: "ada", message: "from before" });
  const gate = await startGate(t, server.origin);
  let messageId = 0;
  gate.before = async (_method, path) => {
    // Between the request for the last message of all and the request for the messages with grace.
    if (path.startsWith("/api/v1/chat?") && path.includes("userHandle=grace")) {
      await bob.publishMessage({ userHandle: "ada", message: "bob, while loading" });
      ({ messageId } = await grace.publishMessage({ userHandle: "ada", message: "grace, while loading" }));
    }
    // And between that request and the stream.
    if (path.startsWith("/api/v1/chat/stream")) await grace.editMessage({ messageId, message: "grace, corrected" });
  };
  const terminal = here.terminal("chat", "grace", "--url", gate.origin, "--as", "ada");
  await terminal.until((screen) => screen.at(-1) === "ada → grace>", "the prompt");
  await grace.publishMessage({ userHandle: "ada", message: "at last" });
  await terminal.until((screen) => screen.some((line) => line.endsWith("grace  at last")), "the last message");
  const shown = terminal.screen().flatMap((line) => /^#\d+ \S+ {2}(.*)$/.exec(line)?.[1] ?? []);
  assert.deepEqual(shown, [
    "grace  from before",
    "grace  grace, while loading",
    "bob  bob, while loading",
    "grace  grace, corrected (edited)",
    "grace  at last",
  ]);
  terminal.type("\x03");
  assert.equal(await terminal.ended, 0);
});

for (const [what, held] of [
  ["it is loading", /^GET \/api\/v1\/chat\?/],
  ["a message is being sent", /^POST/],
] as const) {
  test(`chat: Ctrl-C leaves at once, even while ${what}`, async (t) => {
    const { server, here } = await serverAndMachine(t);
    await here.run(["register", "ada", "--secret", server.secret]);
    const gate = await startGate(t, server.origin);
    const [waiting, never] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    gate.before = (method, path) => {
      if (!held.test(`${method} ${path}`)) return undefined;
      waiting.resolve();
      return never.promise;
    };
    const terminal = here.terminal("chat", "ada", "--url", gate.origin, "--as", "ada");
    terminal.type("hello\rand more\r");
    await waiting.promise;
    const start = performance.now();
    terminal.type("\x03");
    assert.equal(await terminal.ended, 0);
    // Without Ctrl-C, the chat would wait three times 5 seconds for the server.
    assert.ok(performance.now() - start < 10_000, `after ${performance.now() - start} ms`);
    assert.match(terminal.screen().at(-1) ?? "", /You have left the chat/);
    const isSaid = terminal.screen().includes("  Stopped. Perhaps this was not sent: hello");
    assert.equal(isSaid, what === "a message is being sent", terminal.screen().join("\n"));
    assert.deepEqual(((await here.json("inbox")) as { messages: object[] }).messages, []);
  });
}

test("compact, backup and restore work while a server runs, and ids are never used again", async (t) => {
  const { root, server, here } = await serverAndMachine(t);
  await here.run(["register", "ada", "--secret", server.secret]);
  for (let i = 1; i <= 5; i++) await here.json("send", "ada", `message ${i}`);
  await here.json("delete", "2", "3");
  const compacted = (await here.json("compact", "--root", root)) as { bytesBefore: number; bytesAfter: number };
  assert.ok(compacted.bytesAfter < compacted.bytesBefore);
  const backup = (await here.json("backup", "one.tar.gz", "--root", root)) as { users: number; lines: number };
  assert.equal(backup.users, 1);
  await here.json("send", "ada", "lost by the restore");
  const newFolder = join(await temporaryFolder(t), "a", "b");
  await writeFile(join(here.environment.INIT_CWD ?? "", "no-backup"), "hello");
  const noBackup = await here.run(["restore", "no-backup", "--root", newFolder]);
  assert.match(noBackup.error, /no-backup is not a plainchat backup: it is not a tar\.gz file/);
  assert.ok(!existsSync(join(newFolder, "..")), "a refused restore makes no folder");
  const refused = await here.run(["restore", "one.tar.gz", "--root", root]);
  assert.match(refused.error, /add --yes/);
  const restored = (await here.json("restore", "one.tar.gz", "--root", root, "--yes")) as { lines: number };
  assert.equal(restored.lines, backup.lines);
  const { messageId } = (await here.json("send", "ada", "after")) as { messageId: number };
  assert.equal(messageId, 7, "6 was the message that the restore removed");
  const { messages } = (await here.json("inbox")) as { messages: { messageId: number }[] };
  assert.deepEqual(
    messages.map((message) => message.messageId),
    [1, 4, 5, 7],
  );
  assert.equal(await server.stop("SIGTERM"), 0);
  await here.json("restore", "one.tar.gz", "--root", join(root, "elsewhere"));
  await here.json("compact", "--root", join(root, "elsewhere"));
});

test("restore asks again when a server that was just starting did not see the backup", async (t) => {
  const { root, server, here } = await serverAndMachine(t);
  await here.run(["register", "ada", "--secret", server.secret]);
  await here.json("backup", "one.tar.gz", "--root", root);
  assert.equal(await server.stop("SIGTERM"), 0);

  // This test plays the server: it holds the lock, and removes the first control file as a start does.
  const paths = new Paths(root);
  const lock = new Lock(paths.lock);
  const restored = here.json("restore", "one.tar.gz", "--root", root, "--yes");
  for (let asked = 1; asked <= 2; asked++) {
    const endsAt = performance.now() + 30_000;
    while (!existsSync(paths.request("restore"))) {
      assert.ok(performance.now() < endsAt, `it has asked ${asked - 1} times`);
      await setTimeout(10);
    }
    if (asked === 1) await rm(paths.request("restore"));
  }
  lock.release();
  await restored;
  assert.equal(await isRestoreWaiting(root), false);
});

test("register sends nothing to the server when the token could not be saved", async (t) => {
  const { server, here } = await serverAndMachine(t);
  await writeFile(join(here.environment.XDG_CONFIG_HOME ?? "", "plainchat"), "a file, where the folder should be");
  const { exitCode, error } = await here.run(["register", "ada", "--secret", server.secret]);
  assert.equal(exitCode, 5);
  assert.match(error, /identities.json cannot be read|could not be saved, so nothing was done/);
  const client = new PlainchatClient(server.origin);
  assert.equal((await client.registerUser({ secret: server.secret, userHandle: "ada" })).userId, 1);
});

test("rename does not ask the server for a new token when it could not be saved", async (t) => {
  const { server, here } = await serverAndMachine(t);
  await here.run(["register", "ada", "--secret", server.secret]);
  // A folder is in the place of the lock, so nobody can write any more, not even root.
  const lock = join(here.environment.XDG_CONFIG_HOME ?? "", "plainchat", "identities.json.lock");
  await rm(lock);
  await mkdir(lock);
  const { exitCode, error } = await here.run(["rename", "lovelace", "--new-token"]);
  assert.equal(exitCode, 5);
  assert.match(error, /could not be saved, so nothing was done/);
  assert.equal(((await here.json("whoami")) as { userHandle: string }).userHandle, "ada", "the old token still works");
});

test("doctor finds nothing wrong with a good folder, and says what is wrong with a damaged one", async (t) => {
  const { root, server, here } = await serverAndMachine(t);
  const { port } = new URL(server.origin);
  const good = await here.run(["doctor", "--root", root, "--port", port]);
  assert.equal(good.exitCode, 0, good.out);
  assert.match(good.out, /lines of the journal are undamaged/);
  assert.match(good.out, /A plainchat server answers/);
  assert.match(good.out, /Nobody else can reach the server|not connected to a network/);
  const journal = join(root, "messages", "000001.jsonl");
  await here.run(["register", "ada", "--secret", server.secret]);
  const { open } = await import("node:fs/promises");
  const spoil = async () => {
    const handle = await open(journal, "r+");
    await handle.write("x", 10);
    await handle.close();
  };
  await spoil();
  const mended = await here.run(["doctor", "--root", root, "--port", port]);
  assert.equal(mended.exitCode, 0, mended.out);
  assert.match(mended.out, /! messages\/000001\.jsonl was changed by hand\. 1 line was changed without a new crc/);
  assert.match(mended.out, /lines of the journal are undamaged/);
  await server.stop("SIGTERM");
  await spoil();
  const bad = await here.run(["doctor", "--root", root, "--port", port]);
  assert.equal(bad.exitCode, 6);
  assert.match(bad.out, /1 damaged line in the journal\. First: 000001\.jsonl at byte 0/);
  await writeFile(join(root, "users", "secret.dat"), "");
  const worse = await here.run(["doctor", "--root", root, "--port", port]);
  assert.match(worse.out, /The class secret is empty, so nobody can register\.\n {2}Write 12 to 64 characters/);
});

test("doctor does not take the server of another folder for the server of this one", async (t) => {
  const { server, here } = await serverAndMachine(t);
  const { port } = new URL(server.origin);
  const root = await temporaryFolder(t);
  const taken = await here.run(["doctor", "--root", root, "--port", port]);
  assert.equal(taken.exitCode, EXIT.folder);
  assert.match(
    taken.out,
    new RegExp(`✗ A plainchat server with another data folder is using port ${port}\\n {2}Stop it`),
  );
  assert.doesNotMatch(taken.out, /reach the server at|Nobody else can reach/);
  const own = await startServer(t, root);
  const elsewhere = await here.run(["doctor", "--root", root, "--port", port]);
  assert.equal(elsewhere.exitCode, 0);
  assert.match(
    elsewhere.out,
    /! The plainchat server on port \d+ has another data folder\n {2}The server of this folder/,
  );
  const right = await here.run(["doctor", "--root", root, "--port", new URL(own.origin).port]);
  assert.match(right.out, /✓ A plainchat server answers on port/);
});

test("--help has examples for every command, and Tab completes all of them", async (t) => {
  const here = await machine(t, "http://127.0.0.1:1");
  const { out } = await here.run(["--help"]);
  const commands = [...out.matchAll(/^ {2}([a-z]+)(?: .*)? {2,}\S/gm)].map(([, name = ""]) => name);
  assert.deepEqual(
    commands.sort().join(" "),
    "backup chat check class compact completion delete doctor edit explain hand help inbox learn leave move people progress register rejoin rename restore send serve whoami",
  );
  for (const name of commands.filter((each) => each !== "serve" && each !== "help")) {
    const help = await here.run([name, "--help"]);
    assert.equal(help.exitCode, 0);
    assert.match(help.out, new RegExp(`Examples:\n {2}\\$ \\./plainchat ${name}`), name);
  }
  assert.match((await here.run(["serve", "--help"])).out, /\.\/plainchat serve \[options\]/);
  const { out: script } = await here.run(["completion", "bash"]);
  const complete = (line: string) =>
    new Promise<string>((resolve) => {
      const words = line.split(" ");
      const code = `${script}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; _plainchat; echo "\${COMPREPLY[@]}"`;
      execFile("bash", ["-c", code], (_error, text) => resolve(text.trim()));
    });
  assert.equal(await complete("plainchat re"), "register rename rejoin restore");
  assert.equal(await complete("./plainchat inbox --b"), "--box");
  assert.equal(await complete("plainchat --json inbox --la"), "--last");
  assert.equal(await complete("plainchat --as inbox se"), "serve send");
  assert.equal(await complete("plainchat inbox --box "), "received sent both");
  assert.equal(await complete("plainchat completion "), "bash zsh");
  assert.equal(await complete("plainchat serve --p"), "--port");
  assert.equal(await complete("plainchat class m"), "mute");
  assert.equal(await complete("plainchat --json class --key mute texts "), "show hide");
  assert.equal(await complete("plainchat class remove --y"), "--yes");
  assert.equal(await complete("plainchat class pause --r"), "--root");
  assert.equal(await complete("plainchat hand "), "up down");
});

test("backup has what was taken away by hand a moment ago", async (t) => {
  const { root, server, here } = await serverAndMachine(t);
  await here.run(["register", "ada", "--secret", server.secret]);
  await here.run(["send", "ada", "hello"]);
  await rm(join(root, "messages"), { recursive: true });
  const file = join(root, "..", `${basename(root)}.tar.gz`);
  const backup = await here.run(["backup", file, "--root", root]);
  assert.equal(backup.exitCode, 0, backup.out);
  assert.match(backup.out, /1 user and 3 journal lines/);
  await rm(file);
});
