/**
 * Tests what the server gives out of the course: only in class mode, only the files of the course, and also when the
 * folder is missing or broken.
 */
import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { lessonsUpTo } from "../../check/lessons.ts";
import { planFor } from "../../server/checks/process/result.ts";
import { type Course, readCourse } from "../../server/http/routes/learn/read-course.ts";
import { smallCourse } from "../../testing/small-course.ts";
import { startApp } from "../../testing/start-app.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";

async function courseOf(origin: string): Promise<Course> {
  return (await (await fetch(`${origin}/learn/course.json`)).json()) as Course;
}

test("the course is a list of lessons with their questions, their texts and the starters", async (t) => {
  const app = await startApp(t, { isClass: true, courseFolder: await smallCourse(t) });
  const { lessons, starters, problems } = await courseOf(app.origin);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    lessons.map(({ lesson, title }) => [lesson, title]),
    [
      [1, { en: "Somebody answers", de: "Jemand antwortet" }],
      [2, { en: "Words for machines", de: "Worte für Maschinen" }],
    ],
  );
  const [about, trace] = lessons[1]?.predictions ?? [];
  assert.ok(about !== undefined && trace !== undefined);
  assert.equal(about.right, "register");
  assert.equal(about.choices.length, 4);
  assert.ok(about.choices.some(({ id, text }) => id === "register" && text !== id));
  assert.ok(trace.choices.some(({ id, text }) => id === trace.right && /JSON/.test(text)));
  assert.deepEqual(starters[0]?.path, "starters/python/server.py");
  for (const [path, type, isSaved] of [
    ["lessons/02-words-for-machines/en.md", "text/markdown; charset=utf-8", false],
    ["lessons/02-words-for-machines/boxes.svg", "image/svg+xml; charset=utf-8", false],
    ["starters/python/server.py", "text/plain; charset=utf-8", true],
  ] as const) {
    const reply = await fetch(`${app.origin}/learn/${path}`);
    assert.deepEqual([reply.status, reply.headers.get("content-type")], [200, type], path);
    assert.equal(reply.headers.get("x-content-type-options"), "nosniff");
    assert.match(reply.headers.get("content-security-policy") ?? "", /default-src 'none'.*sandbox/);
    assert.equal(reply.headers.get("content-disposition")?.startsWith("attachment") ?? false, isSaved);
  }
});

test("the course of this repository is whole, and every question has answers to choose from", async (t) => {
  const app = await startApp(t, { isClass: true });
  const { lessons, starters, problems } = await courseOf(app.origin);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    lessons.map(({ lesson }) => lesson),
    Array.from({ length: 14 }, (_, i) => i + 1),
  );
  assert.equal(starters.length, 6);
  for (const { lesson, folder, predictions, title } of lessons) {
    assert.ok(title.en !== undefined && title.de !== undefined);
    for (const language of ["en", "de"]) {
      assert.equal((await fetch(`${app.origin}/learn/lessons/${folder}/${language}.md`)).status, 200);
    }
    for (const { right, choices } of predictions) {
      assert.equal(choices.length, 4, `${lesson}: ${right}`);
      assert.ok(
        choices.some(({ id }) => id === right),
        right,
      );
      for (const { id, text } of choices) assert.notEqual(id, text);
    }
  }
});

test("the page knows of each lesson what cannot be checked from there, as the check itself does", async (t) => {
  const app = await startApp(t, { isClass: true });
  const { lessons } = await courseOf(app.origin);
  for (const { lesson, restarts, kills } of lessons) {
    const before = lessons.filter((each) => each.lesson < lesson);
    const leftOut = kills + before.reduce((sum, each) => sum + each.restarts + each.kills, 0);
    const plan = planFor(lessonsUpTo(lesson), lesson);
    assert.equal([...plan.leftOut.values()].flat().length, leftOut, `lesson ${lesson}`);
    const own = plan.stages.at(-1)?.cases.filter((each) => each.do.some((action) => "restart" in action));
    assert.equal(own?.length, restarts, `lesson ${lesson}`);
  }
  assert.ok(lessons.some(({ restarts, kills }) => restarts > 0 && kills > 0));
});

test("check.mjs is offered if somebody has built it", async (t) => {
  const folder = await smallCourse(t);
  const built = new URL("check.mjs", folder);
  assert.equal(readCourse(folder, new Map(), built).course.hasCheckProgram, false);
  await writeFile(built, "// the check");
  const { course, files } = readCourse(folder, new Map(), built);
  assert.equal(course.hasCheckProgram, true);
  assert.equal(String(files.get("check.mjs")), "// the check");
});

test("no other file is given out", async (t) => {
  const app = await startApp(t, { isClass: true, courseFolder: await smallCourse(t) });
  for (const path of [
    ...[
      "",
      "lessons",
      "lessons/",
      "starters/",
      "starters/starters.json",
      "lessons/02-words-for-machines/",
      "nothing.md",
    ],
    ...["../package.json", "..%2fpackage.json", "%2e%2e/package.json", "lessons/../../package.json", "/etc/passwd"],
    ...["lessons/02-words-for-machines/..%2f..%2fstarters%2fpython%2fserver.py", "constructor", "__proto__"],
  ]) {
    assert.equal((await fetch(`${app.origin}/learn/${path}`)).status, 404, path);
  }
});

test("without class mode there is no course", async (t) => {
  const app = await startApp(t, { courseFolder: await smallCourse(t) });
  for (const path of ["/learn", "/learn/course.json", "/learn/lessons/02-words-for-machines/en.md"]) {
    const reply = await fetch(app.origin + path);
    assert.equal(reply.status, 404);
    assert.match(await reply.text(), /class mode/);
  }
});

test("the server starts without a course and with a broken one, and says what is wrong", async (t) => {
  const nothing = pathToFileURL(`${await temporaryFolder(t)}/nothing/`);
  const empty = await startApp(t, { isClass: true, courseFolder: nothing });
  assert.equal((await fetch(`${empty.origin}/learn`)).status, 200);
  const { lessons, problems } = await courseOf(empty.origin);
  assert.deepEqual(lessons, []);
  assert.ok(problems.some((each) => each.includes("There are no lessons")));
  assert.match(empty.logged(), /A part of the course cannot be read/);

  const folder = await smallCourse(t);
  await writeFile(new URL("lessons/01-somebody-answers/lesson.json", folder), "{");
  await rm(new URL("starters/python/server.py", folder));
  for (const [name, text] of [
    ["03-no-number", '{"lesson": 4}'],
    ["04-no-title", '{"lesson": 4, "title": {"de": "Nur"}}'],
    ["05-a-list", "[]"],
    ["06-strange", '{"lesson": 6, "title": {"en": "x"}, "plainchat": "no", "predict": {"trace": 7}}'],
  ] as const) {
    await mkdir(new URL(`lessons/${name}/`, folder));
    await writeFile(new URL(`lessons/${name}/lesson.json`, folder), text);
  }
  const broken = await startApp(t, { isClass: true, courseFolder: folder });
  const read = await courseOf(broken.origin);
  assert.deepEqual(
    read.lessons.map(({ lesson }) => lesson),
    [2],
  );
  for (const name of ["01-somebody", "03-no-number", "04-no-title", "05-a-list", "06-strange", "starters.json"]) {
    assert.ok(
      read.problems.some((each) => each.includes(name)),
      name,
    );
  }
  assert.equal((await fetch(`${broken.origin}/readyz`)).status, 200);
});
