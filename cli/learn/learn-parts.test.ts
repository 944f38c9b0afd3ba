/**
 * The parts of `plainchat learn` that need no terminal: Markdown, differences, the line that an error names, the questions.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { LAST_LESSON } from "../../check/last-lesson.ts";
import { atEnd } from "../../testing/at-end.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";
import { Course } from "./course.ts";
import { FileWatch } from "./file-watch.ts";
import { NoLessonText, readLessonText } from "./lesson-text.ts";
import { proseIn, showMarkdown } from "./markdown.ts";
import { withOwnCommand } from "./own-command.ts";
import { keysLine } from "./pages.ts";
import { questionsOf } from "./predict.ts";
import { solutionDiff } from "./solution-diff.ts";
import { ownLine } from "./why-not-started.ts";

const plain = ({ text }: { text: string }) => stripVTControlCharacters(text);

test("Markdown becomes plain text: links, pictures, lists, and code that is never broken", () => {
  const markdown = [
    "## A heading",
    "One **bold",
    "word**, `a ** b`, [a file](x.md), [a page](https://a.example/b), [steps](../../docs/spec.md#a) and <http://127.0.0.1:8000>.",
    "",
    "![Alt](x.svg)",
    "- an item that is longer than the line is wide",
    "12. twelve",
    "```sh",
    "curl -i http://127.0.0.1:8080/a-very-long-address",
    "",
    "**not bold**",
    "```",
    "```python",
    "x = 1",
    "```",
    "```ts",
    "const x = 1;",
    "```",
  ].join("\r\n");
  assert.deepEqual(plain(showMarkdown(markdown, { columns: 31, code: "ts" })).split("\n"), [
    "A heading",
    "One bold word, `a ** b`, a",
    "file, a page",
    "(https://a.example/b), steps",
    "and http://127.0.0.1:8000.",
    "",
    "(Picture: Alt)",
    "- an item that is longer than",
    "  the line is wide",
    "12. twelve",
    "",
    "    curl -i http://127.0.0.1:8080/a-very-long-address",
    "    ",
    "    **not bold**",
    "",
    "    const x = 1;",
  ]);
});

test("a link to a file shows where the file is", () => {
  const markdown = "The [specification](../spec.md), [b.json](b.json), `[a](b)` and [a page](https://a.example/b).";
  const placeOf = (target: string) => `docs/${target.replace("../", "")}`;
  assert.equal(
    plain(showMarkdown(markdown, { columns: 200, code: "ts", placeOf })),
    "The specification (docs/spec.md), docs/b.json, `[a](b)` and a page (https://a.example/b).",
  );
});

test("a text with characters that steer the terminal is made visible", () => {
  assert.equal(plain(proseIn("a \x1b[2J b", 80)), "a \\u001b[2J b");
});

test("a lesson has six parts and its hints, and a heading in code is none", () => {
  const text = "# T\n\n## a\n1\n## b\n```\n## no\n```\n## c\n## d\n## e\n### Hint 1\nx\n### Hint 2\ny\n## f\n";
  const { tryIt, hints } = readLessonText(text.replaceAll("\n", "\r\n"));
  assert.equal(tryIt, "## b\n```\n## no\n```");
  assert.deepEqual(hints, ["x", "y"]);
  assert.throws(() => readLessonText(text.replace("## d", "d")), NoLessonText);
  assert.throws(() => readLessonText(text.replaceAll("### Hint", "Hint")), /it has no hint/);
});

test("what somebody does by hand is replaced by what learn does", () => {
  const hand = "<!-- by hand -->\nstop it\n\n```sh\ncheck\n```\n";
  const text = `# T\n## a\nbefore\n\n${hand}<!-- in learn\nPress Enter.\n-->\n\nafter\n## b\n${hand}<!-- in learn -->\nend\n## c\n## d\n## e\n### Hint 1\nx\n## f\n`;
  for (const lineBreak of ["\n", "\r\n"]) {
    const { idea, tryIt } = readLessonText(text.replaceAll("\n", lineBreak));
    assert.equal(idea, "## a\nbefore\n\nPress Enter.\n\n\nafter");
    assert.equal(tryIt, "## b\n\nend");
  }
});

test("in learn, no lesson tells anybody to start the check or to stop the server", () => {
  const course = new Course(join(import.meta.dirname, "..", "..", "course"));
  for (let number = 1; number <= LAST_LESSON; number++) {
    for (const words of ["en", "de"] as const) {
      const { task, look } = course.lesson(number, words).text;
      const said = /plainchat check|--start|Ctrl\+C|Strg\+C|Download|Lade die|<!--|-->/.exec(`${task}\n${look}`);
      assert.equal(said, null, `lesson ${number}, ${words}: ${said?.[0]}`);
    }
  }
});

test("the questions before lesson 6 have no steps about files to choose from, and no words of later lessons", () => {
  const course = new Course(join(import.meta.dirname, "../../course"));
  for (let number = 2; number < 6; number++) {
    const [, trace] = questionsOf(course.lesson(number, "en"), "en");
    assert.equal(trace?.answers.length, 4);
    for (const { text } of trace?.answers ?? []) assert.doesNotMatch(text, /sha256|\.dat|[Ff]ile|NFC|Basic|whole/);
  }
});

test("a difference has three lines around it", () => {
  const own = Array.from({ length: 20 }, (_, i) => `line ${i + 1}`);
  const solution = own.toSpliced(9, 1, "another", "one more");
  assert.deepEqual(solutionDiff(own.join("\r\n"), solution.join("\n")).map(plain), [
    "@ line 7",
    "  line 7",
    "  line 8",
    "  line 9",
    "- line 10",
    "+ another",
    "+ one more",
    "  line 11",
    "  line 12",
    "  line 13",
  ]);
  assert.deepEqual(solutionDiff(own.join("\n"), own.join("  \n")), []);
});

test("the line of the learner's own file is found in the errors of each language", async (t) => {
  const folder = await temporaryFolder(t);
  for (const [file, printed, number] of [
    ["server.py", 'Traceback:\n  File "/a/server.py", line 2, in f\n  File "/a/server.py", line 3, in g\nKeyError', 3],
    ["server.ts", "file:///a/server.ts:2\n  x\n  ^\nError\n    at f (file:///a/server.ts:3:1)", 2],
    ["server.go", "# command-line-arguments\n./server.go:3:5: undefined: x", 3],
    ["server.php", "PHP Parse error: syntax error in /a/server.php on line 2", 2],
    ["Server.java", "Server.java:2: error: ';' expected", 2],
  ] as const) {
    const path = join(folder, file);
    await writeFile(path, "one\r\n two\r\n three\r\n");
    assert.deepEqual(ownLine(printed, path), { number, code: ["one", "two", "three"][number - 1] }, file);
  }
  const path = join(folder, "server.py");
  assert.equal(ownLine('File "/usr/lib/http/my-server.py", line 3', path), undefined);
  assert.equal(ownLine('File "/a/server.py", line 30', path), undefined);
});

test("the keys fit into every width", () => {
  for (let columns = 25; columns < 120; columns++) {
    const row = keysLine(14, columns);
    assert.ok(typeof row === "object" && plain(row).length < columns, `${columns}`);
  }
});

test("a saved file is noticed once it is whole, also if the system says nothing", async (t) => {
  const isNoticed = async (asksSystem: boolean) => {
    const path = join(await temporaryFolder(t), "server.py");
    writeFileSync(path, "1");
    let saved = 0;
    const watch = new FileWatch(path, () => saved++, asksSystem);
    atEnd(t, () => watch.close());
    /** However busy the computer is, it is noticed at some time, and not once more. */
    const isSaved = async (times: number) => {
      while (saved < times) await setTimeout(10);
      await setTimeout(1500);
      assert.equal(saved, times, `asksSystem ${asksSystem}`);
    };
    await setTimeout(50);
    // Written at once: a write that waits for the disk would be a file that stays as it is for a while.
    writeFileSync(path, "");
    await setTimeout(60);
    writeFileSync(path, "12");
    await setTimeout(60);
    writeFileSync(path, "123");
    await isSaved(1);
    // The server may be in several files. Others beside it are not part of it.
    const other = join(dirname(path), "messages.py");
    writeFileSync(join(dirname(path), "notes.txt"), "1");
    writeFileSync(join(dirname(path), ".server.py"), "1");
    await mkdir(join(dirname(path), "data"));
    writeFileSync(join(dirname(path), "data", "data.py"), "1");
    writeFileSync(other, "");
    await setTimeout(60);
    writeFileSync(other, "1");
    await isSaved(2);
    writeFileSync(other, "12");
    await isSaved(3);
    // What was forgotten is no save.
    writeFileSync(path, "1234");
    watch.forget();
    await isSaved(3);
  };
  await Promise.all([isNoticed(true), isNoticed(false)]);
});

test("a lesson shows the learner's own command and port", () => {
  const lesson = [
    "python3 server.py 8000 data      # or: node server.ts 8000 data",
    'plainchat check :8000 --lesson 8 --start "python3 server.py 8000 data" --times 5',
    "curl http://127.0.0.1:8000/ http://127.0.0.1:8080/",
    "python3 server.py --vectors",
  ].join("\n");
  assert.equal(
    withOwnCommand(lesson, { start: "python3 server.py {port} {folder}", port: 8000 }).split("\n")[1],
    lesson.split("\n")[1],
  );
  assert.deepEqual(withOwnCommand(lesson, { start: "node server.ts {port} {folder}", port: 8001 }).split("\n"), [
    "node server.ts 8001 data",
    'plainchat check :8001 --lesson 8 --start "node server.ts 8001 data" --times 5',
    "curl http://127.0.0.1:8001/ http://127.0.0.1:8080/",
    "node server.ts --vectors",
  ]);
  assert.match(
    withOwnCommand(lesson, { start: "php -S 127.0.0.1:{port} server.php", port: 8001 }),
    /^php -S 127\.0\.0\.1:8001 server\.php$/m,
  );
});
