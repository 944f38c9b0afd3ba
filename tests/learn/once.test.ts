/**
 * `plainchat learn` without a person: --once, --list, pipes, and a course or a folder in which something is wrong. And the
 * class, which is told how far a pupil is.
 */
import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { isListening } from "../../check/node/server-under-test.ts";
import { EXIT } from "../../cli/cli-error.ts";
import { startServer } from "../../testing/start-server.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";
import { isReady, learner, SERVERS, until, words } from "../../testing/terminal-course.ts";

const { starter, second } = SERVERS.python;

test("--once prints what check prints, has its exit code, and leaves the folder as it is", async (t) => {
  const { once, here, folder, server, port } = await learner(t);
  const before = await readFile(join(folder, "plainchat.json"), "utf8");
  const passed = await once();
  assert.deepEqual([passed.exitCode, passed.error], [0, ""]);
  assert.match(passed.out, /✓ The one check passed\.\nNext: lesson 2, .* Check it with --lesson 2\.\n$/);
  const failed = await once("--lesson", "2");
  assert.equal(failed.exitCode, EXIT.failed, failed.error);
  assert.match(failed.out, /✗ 2 Words for machines.*Start your server first: the check has stopped it\./s);
  const inJson = await once("--lesson", "2", "--json");
  assert.deepEqual([inJson.exitCode, JSON.parse(inJson.out).failed], [EXIT.failed, 1]);
  // What check says about the same server.
  const start = `cd "${folder}" && python3 server.py ${port} data`;
  const check = ["check", `:${port}`, "--secret", "river-candle-orbit-maple", "--lesson", "2", "--start", start];
  const { out } = await here.run(check);
  const plain = (text: string) => text.replace(/new-\w+|port \d+|\[.*?\]|\d+ passed/g, "");
  assert.equal(plain(failed.out), plain(out));
  await writeFile(server, second);
  assert.equal((await once("--lesson", "2")).exitCode, 0);
  assert.equal(await readFile(join(folder, "plainchat.json"), "utf8"), before);
  assert.equal(await isListening(`http://127.0.0.1:${port}`), false);
});

test("a server that does not start: its last lines, and the exit code of a server that is not there", async (t) => {
  const { once } = await learner(t, { code: "x = (\n" });
  const { exitCode, out, error } = await once();
  assert.deepEqual([exitCode, out], [EXIT.unreachable, ""]);
  assert.match(
    error,
    /^✗ Your server ended with exit code 1 before it listened\.\n.*SyntaxError.*line 1 of server\.py/s,
  );
  const inJson = await once("--json");
  assert.equal(inJson.exitCode, EXIT.unreachable);
  assert.match(JSON.parse(inJson.error).error, /^Your server ended with exit code 1/);
});

test("lesson 8 asks the server about texts, too, and then goes on to the other checks", async (t) => {
  const course = join(import.meta.dirname, "..", "..", "course");
  const solution = await readFile(join(course, "solutions", "python", "08.py"), "utf8");
  const { once, here, port } = await learner(t, {
    code: solution.replace('"codePoints": len(text)', '"codePoints": len(text.encode())'),
    state: { lesson: 8 },
  });
  here.environment.PLAINCHAT_COURSE = course;
  const { exitCode, out, error } = await once();
  assert.equal(exitCode, EXIT.failed, error);
  assert.match(out, /✗ 8 Text is not bytes {2}22 passed, 1 failed\n/);
  assert.match(
    out,
    /✗ Started with --vectors, .* \(vectors\)\n {2}Expected {3}\{"codePoints":3,.*\n {2}Received {3}\{"codePoints": 4,/,
  );
  assert.match(out, /Text 6 of 60 is "zoé", U\+007A U\+006F U\+00E9\.\n {2}`codePoints` should be 3, but it is 4\./);
  const check = ["check", `:${port}`, "--lesson", "8", "--vectors", "node --version", "--patience", "1"];
  const away = await here.run(check);
  assert.deepEqual([away.exitCode, /The line is not JSON/.test(away.out)], [EXIT.unreachable, true], away.out);
  const early = await here.run(check.with(3, "7"));
  assert.deepEqual([early.exitCode, early.error], [EXIT.usage, "plainchat: --vectors needs --lesson 8 or more\n"]);
});

test("without a terminal, learn is like --once, and needs a language to begin", async (t) => {
  const { here, folder } = await learner(t);
  assert.match((await here.run(["learn", folder])).out, /The one check passed/);
  const path = join(folder, "new");
  const nobody = await here.run(["learn", path]);
  assert.equal(nobody.exitCode, EXIT.usage);
  assert.match(nobody.error, /^plainchat: Nobody has begun in \S+ yet\. .* --language python\n$/);
  const begun = await here.run(["learn", path, "--language", "typescript"]);
  assert.match(begun.out, /The one check passed/, begun.error);
  assert.equal(await readFile(join(path, "server.ts"), "utf8"), SERVERS.typescript.starter);
  // Its program is not installed.
  const missing = await here.run(["learn", join(folder, "go"), "--language", "go"]);
  assert.equal(missing.exitCode, EXIT.unreachable);
  assert.match(missing.error, /The program that runs server\.go is not installed on this computer\./);
});

test("--list has the ticks, also for programs", async (t) => {
  const { here, folder } = await learner(t, { state: { lesson: 2, passed: { 1: "2030-01-02T12:00:00.000Z" } } });
  const { out } = await here.run(["learn", folder, "--list"]);
  assert.match(out, /^ {2}✓ {2}1 {2}Somebody answers .*2030-01-02.*\n> {4}2 {2}Words for machines/);
  const lessons: { lesson: number; passedAt?: string; isCurrent: boolean }[] = await here.json(
    "learn",
    folder,
    "--list",
  );
  assert.equal(lessons.length, 14);
  assert.deepEqual(lessons.map(({ passedAt }) => passedAt !== undefined).slice(0, 2), [true, false]);
  const nobody = await here.run(["learn", "--list"]);
  assert.match(nobody.out, /^ {5}1 {2}Somebody answers/);
});

test("what is missing in the course is said in a sentence", async (t) => {
  const { here, course, learn, folder } = await learner(t);
  await writeFile(join(course, "lessons/01-first/en.md"), "# Lesson 1\n\n## The idea\n");
  await rm(join(course, "lessons/02-second/lesson.json"));
  const terminal = learn();
  await until(terminal, "en.md: it has 1 parts that begin with", "hints, and how plainchat does it");
  await isReady(terminal);
  terminal.type("\r");
  await until(terminal, "The one check passed.");
  await isReady(terminal);
  terminal.type("n");
  await until(terminal, "lesson.json: there is no such file");
  await isReady(terminal, 2);
  terminal.type("q");
  assert.equal(await terminal.ended, 0);
  await writeFile(join(course, "starters/starters.json"), JSON.stringify({ starters: { python: { name: "Python" } } }));
  const { exitCode, error } = await here.run(["learn", join(folder, "new"), "--language", "python"]);
  assert.equal(exitCode, EXIT.folder);
  assert.match(error, /starters\.json: `starters\.python\.file` is missing\n$/);
});

test("a plainchat.json that cannot be used is said in a sentence, and stays", async (t) => {
  const { once, folder } = await learner(t);
  const file = join(folder, "plainchat.json");
  const right = JSON.parse(await readFile(file, "utf8"));
  for (const [contents, sentence] of [
    ["{", /plainchat\.json cannot be used: it is not JSON\. Repair it/],
    [JSON.stringify({ ...right, lesson: "3" }), /`lesson` is not a positive whole number/],
    [JSON.stringify({ ...right, lesson: 15 }), /`lesson` is 15, and there are 14/],
    [JSON.stringify({ ...right, file: "../server.py" }), /`file` is not a file of this folder/],
  ] as const) {
    await writeFile(file, contents);
    const { exitCode, error } = await once();
    assert.equal(exitCode, EXIT.folder);
    assert.match(error, sentence);
    assert.equal(await readFile(file, "utf8"), contents);
  }
});

test("in a class, learn says once that the class is told, and tells it; --no-report does not", async (t) => {
  const root = await temporaryFolder(t);
  const server = await startServer(t, root, { PLAINCHAT_CLASS: "1", PLAINCHAT_HOST: "127.0.0.1" });
  const { here, learn, once } = await learner(t, { state: { lesson: 2 } });
  const address = { PLAINCHAT_URL: server.origin };
  const joined = await here.run(["register", "ada", "--secret", server.secret], "", address);
  assert.equal(joined.exitCode, 0, joined.error);
  const progress = async () => (await here.run(["progress"], "", address)).out;
  await once();
  const quiet = learn(["--no-report"]);
  await isReady(quiet, 2);
  quiet.type("\r");
  await until(quiet, "✗ 2 Words for machines");
  await isReady(quiet, 2);
  assert.doesNotMatch(words(quiet.screen()), /class/);
  quiet.type("q");
  await quiet.ended;
  assert.match(await progress(), /^Nothing yet/);
  const terminal = learn();
  await until(terminal, `Your class at ${server.origin} sees which lessons you have passed`, "--no-report");
  await isReady(terminal, 2);
  terminal.type("\r");
  await until(terminal, "The class knows: lesson 2 stops at register.");
  await isReady(terminal, 2);
  assert.equal(words(terminal.screen()).match(/Your class at/g)?.length, 1);
  terminal.type("q");
  await terminal.ended;
  assert.match(await progress(), /^ {3}1 {2}passed .*\n> {2}2 {2}register/);
  const { error } = await once("--report");
  assert.match(error, /^The class knows: lesson 2 stops at register\.\n$/);
});

test("a server that was already there stays, and a starter is put beside nothing", async (t) => {
  const { here, folder } = await learner(t);
  const path = await temporaryFolder(t);
  await writeFile(join(path, "server.py"), second);
  const { exitCode, error } = await here.run(["learn", path, "--language", "python", "--lesson", "2"]);
  assert.equal(exitCode, 0, error);
  assert.equal(await readFile(join(path, "server.py"), "utf8"), second);
  assert.equal(await readFile(join(folder, "server.py"), "utf8"), starter);
});
