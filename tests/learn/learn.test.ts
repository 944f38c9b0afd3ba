/**
 * `plainchat learn` as a learner meets it: two lessons in a pseudo-terminal, in Python and in TypeScript, with every key.
 */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { isListening } from "../../check/node/server-under-test.ts";
import { isReady, learner, SERVERS, until, words } from "../../testing/terminal-course.ts";

const stateIn = async (folder: string) => JSON.parse(await readFile(join(folder, "plainchat.json"), "utf8"));

for (const [number, language] of (["python", "typescript"] as const).entries()) {
  test(`a learner begins in ${language}, and passes two lessons`, async (t) => {
    const { here, folder } = await learner(t);
    const path = join(folder, "new");
    const terminal = here.terminal("learn", path);
    await until(terminal, "In which language do you write your server?", "Python", "Go not installed", "Press 1 to 3:");
    terminal.type(String(number + 1));
    await until(
      terminal,
      "Lesson 1: English title 1",
      "(about 30 minutes)",
      "The idea",
      "Which check fails in lesson 1?",
    );
    assert.doesNotMatch(
      words(terminal.screen()),
      /Your task|Hint|Look, it works/,
      "the question comes before the task",
    );
    terminal.type("1");
    await until(terminal, "✓ Right: answers. So it is.", "Your task", "The checks run when you save it");
    await isReady(terminal);
    const server = join(path, SERVERS[language].file);
    assert.equal(await readFile(server, "utf8"), SERVERS[language].starter);
    terminal.type("\r");
    await until(terminal, "The one check passed.", "Lesson 1 is passed.");
    await until(
      terminal,
      "Look at lesson 1.",
      "server/http/monitor/probes.ts:",
      "It says so.",
      "Press n for lesson 2.",
    );
    await isReady(terminal);
    terminal.type("n");
    await until(terminal, "Lesson 2: English title 2", "Which check fails in lesson 2?");
    terminal.type("1");
    await until(terminal, "1 is not it. It is 2, register-content-type.", "At which step does it stop?");
    terminal.type("\r");
    await until(terminal, "It is 2, register.post.1.4.", "hello 2");
    await isReady(terminal, 2);
    // A mistake first: the failure is the one of the check.
    await writeFile(server, SERVERS[language].starter.replace("hello", "good morning"));
    await until(terminal, "✗ 2 Words for machines", "(register)", "Send it yourself:", "What to do:");
    assert.doesNotMatch(words(terminal.screen()), /the check has stopped it/);
    await isReady(terminal, 2);
    await writeFile(server, SERVERS[language].second);
    await until(terminal, "All 3 checks passed.", "Next: lesson 3, Trust nobody.", "Press n.", "Lesson 2 is passed.");
    await isReady(terminal, 2);
    terminal.type("q");
    assert.equal(await terminal.ended, 0);
    const { passed, asked, ...rest } = await stateIn(path);
    assert.deepEqual(
      [Object.keys(passed), asked],
      [
        ["1", "2"],
        [1, 2],
      ],
    );
    assert.deepEqual([rest.language, rest.lesson], [language, 2]);
    assert.equal(await readFile(server, "utf8"), SERVERS[language].second, "nothing is written into the code");
  });
}

test("a server in several files runs the checks when any of them is saved", async (t) => {
  const code = SERVERS.python.starter.replace("import sys", "import sys, words").replace("b'hello'", "words.HELLO");
  const { learn, folder } = await learner(t, { code });
  await writeFile(join(folder, "words.py"), "HELLO = b'hello'\n");
  const terminal = learn();
  await isReady(terminal);
  await writeFile(join(folder, "words.py"), "HELLO = b'good morning'\n");
  await until(terminal, "The one check passed.");
  terminal.type("q");
  assert.equal(await terminal.ended, 0);
});

test("learn goes on where it was, and a server that runs between the checks ends with it", async (t) => {
  const { learn, port } = await learner(t, { state: { lesson: 2 } });
  const terminal = learn();
  await until(terminal, "Lesson 2: English title 2", `Your server runs at http://127.0.0.1:${port}.`);
  await isReady(terminal, 2);
  assert.doesNotMatch(words(terminal.screen()), /What do you think/, "the questions were asked before");
  assert.ok(await isListening(`http://127.0.0.1:${port}`));
  terminal.type("\x03");
  assert.equal(await terminal.ended, 130);
  // It has been killed, but the system may need a moment.
  for (let i = 0; i < 100 && (await isListening(`http://127.0.0.1:${port}`)); i++) await setTimeout(20);
  assert.equal(await isListening(`http://127.0.0.1:${port}`), false);
  assert.match(words(terminal.screen()), /Your progress is saved\. Go on with: \.\/plainchat learn \//);
});

test("each h shows one more hint, also the next day", async (t) => {
  const { learn, folder } = await learner(t);
  const terminal = learn();
  await isReady(terminal);
  terminal.type("h");
  await until(terminal, "Hint 1/2", "The first hint of lesson 1.");
  await isReady(terminal);
  terminal.type("q");
  await terminal.ended;
  assert.deepEqual((await stateIn(folder)).hints, { 1: 1 });
  const again = learn();
  await isReady(again);
  again.type("h");
  await until(again, "Hint 2/2", "## no heading", 'print("in Python")');
  assert.doesNotMatch(words(again.screen()), /first hint|in TypeScript/);
  await isReady(again);
  again.type("h");
  await until(again, "The first hint of lesson 1.", "These are all hints of this lesson.");
  again.type("q");
  await again.ended;
});

test("s asks first, and then shows what is different from the solution", async (t) => {
  const { learn } = await learner(t, { code: SERVERS.python.starter.replaceAll("\n", "\r\n"), state: { lesson: 2 } });
  const terminal = learn();
  await isReady(terminal, 2);
  terminal.type("s");
  await until(terminal, "Look at the solution? y/n:");
  terminal.type("n");
  await isReady(terminal, 2);
  terminal.type("s");
  await until(terminal, "Look at the solution?");
  terminal.type("y");
  await until(terminal, "- body = b'hello'", "+ body = b'{");
  const marked = terminal.screen().filter((line) => /^[-+] {5}/.test(line));
  assert.equal(marked.length, 4, marked.join("\n"));
  terminal.type("q");
  await terminal.ended;
});

test("s in a language without a solution shows what the lesson adds in another one", async (t) => {
  const { learn } = await learner(t, { state: { lesson: 2, language: "go" } });
  const terminal = learn();
  await isReady(terminal, 2);
  terminal.type("s");
  await until(terminal, "Look at the solution?");
  terminal.type("y");
  await until(terminal, "There is no solution of this lesson in Go.", "what it adds in Python", "02.py");
  await isReady(terminal, 2);
  assert.equal(terminal.screen().filter((line) => /^[-+] {5}/.test(line)).length, 4);
  terminal.type("q");
  await terminal.ended;
});

test("r puts the starter in the server's place, and keeps what was there", async (t) => {
  const { learn, folder, server } = await learner(t, { code: "mine = 1\n" });
  await writeFile(join(folder, "server.before-1.py"), "older = 1\n");
  const terminal = learn();
  await isReady(terminal);
  terminal.type("r");
  await until(terminal, "Begin again with the starter?");
  terminal.type("y");
  await until(terminal, "server.py is the starter again. Yours is server.before-2.py now.", "The one check passed.");
  await isReady(terminal);
  terminal.type("q");
  await terminal.ended;
  assert.equal(await readFile(server, "utf8"), SERVERS.python.starter);
  assert.equal(await readFile(join(folder, "server.before-1.py"), "utf8"), "older = 1\n");
  assert.equal(await readFile(join(folder, "server.before-2.py"), "utf8"), "mine = 1\n");
});

test("l, n, p and ? move around, and a lesson that is not in the course is said", async (t) => {
  const { learn } = await learner(t, { state: { passed: { 1: "2030-01-02T12:00:00.000Z" } } });
  const terminal = learn();
  await isReady(terminal);
  terminal.type("l");
  await until(terminal, "> ✓ 1 Somebody answers 2030-01-02", "2 Words for machines", "14 Live");
  await isReady(terminal);
  terminal.type("p");
  await until(terminal, "This is the first lesson.");
  terminal.type("nn");
  await until(terminal, "Lesson 2 is not passed yet.", "there is no folder for lesson 3");
  await isReady(terminal, 3);
  terminal.type("?");
  await until(terminal, "there is no folder for lesson 3");
  terminal.type("p");
  await isReady(terminal, 2);
  terminal.type("?");
  await until(terminal, "h a hint; each time one more", "q end; your progress is saved");
  // What is pasted is no key.
  terminal.type("\x1b[200~qqq\x1b[201~");
  terminal.type("\x04");
  assert.equal(await terminal.ended, 0);
});

test("the lessons have German texts", async (t) => {
  const { learn, here, folder } = await learner(t, { state: { asked: [] } });
  const terminal = learn(["--texts", "de"]);
  await until(terminal, "Was meinst du?", "Was scheitert in Lektion 1?", "Drück 1 bis 2");
  terminal.type("2");
  await until(terminal, "2 ist es nicht. Es ist 1, answers. So ist es.", "(Bild: A picture)");
  await until(terminal, "Lektion 1: Deutscher Titel 1", "(etwa 30 Minuten)", "Die Idee");
  await isReady(terminal);
  terminal.type("q");
  await terminal.ended;
  assert.equal((await stateIn(folder)).words, "de");
  const { out } = await here.run(["learn", folder, "--list"]);
  assert.match(out, /^> {4}1 {2}Deutscher Titel 1/);
});
