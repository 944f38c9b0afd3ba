/**
 * Runs the servers of the course against the check. A solution passes its lesson with all before it, and not the next
 * one. The solutions of the slow lessons are checked by the proof `course`: `npm run prove -- course`.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { LAST_LESSON } from "../../check/last-lesson.ts";
import {
  answersToVectors,
  type CourseServer,
  courseSolutions,
  courseStarters,
  isLast,
  lessonFailure,
  listensAt,
  nextLessonFailure,
  SLOW_LESSONS,
  STARTERS,
  seedFailure,
  starterFailure,
  whatIsMissing,
} from "../../testing/course-servers.ts";

const COURSE = join(import.meta.dirname, "..", "..", "course");
/** The lesson after which a server answers `--vectors`. */
const TEXT_LESSON = 8;
const AT_ONCE = 3;
const OTHER_HOST = "127.0.0.2";

const solutions = courseSolutions();

test("starters.json matches its schema, and every language has its file", () => {
  const read = (name: string) => JSON.parse(readFileSync(join(COURSE, "starters", name), "utf8"));
  const isValid = new Ajv2020({ allErrors: true }).compile(read("starters.schema.json"));
  assert.ok(isValid(read("starters.json")), JSON.stringify(isValid.errors, null, 2));
  for (const { path, starter } of courseStarters()) {
    assert.ok(existsSync(join(COURSE, path)), path);
    assert.ok(starter.start.includes(` ${starter.file} `), starter.start);
  }
});

test("a language with solutions of lessons has one of each lesson", () => {
  const every = Array.from({ length: LAST_LESSON }, (_, i) => i + 1);
  for (const starter of Object.values(STARTERS)) {
    const lessons = solutions.flatMap((each) => (each.starter === starter ? (each.lesson ?? []) : []));
    assert.deepEqual(lessons, lessons.length > 0 ? every : [], starter.name);
  }
  assert.ok(solutions.some(({ path }) => path === "solutions/python/01.py"));
});

suite("a server of the course listens at HOST, so the class server can reach it", { concurrency: AT_ONCE }, () => {
  for (const server of [...courseStarters(), ...solutions]) {
    checked(server, "listens at HOST", async (t) => {
      // Only Linux has more than one address of its own without being asked.
      if (process.platform !== "linux") return t.skip("unproven: this system has no address 127.0.0.2");
      assert.deepEqual(await listensAt(t, server, OTHER_HOST), [true, false]);
    });
  }
});

suite("the servers of the course", { concurrency: AT_ONCE }, () => {
  for (const server of courseStarters()) {
    checked(server, "answers", async () => assert.equal(await starterFailure(server), undefined));
  }
  for (const server of solutions) {
    const { lesson } = server;
    if (lesson === undefined) {
      checked(server, "passes the seed", async () => assert.equal(await seedFailure(server), undefined));
      continue;
    }
    if (!SLOW_LESSONS.includes(lesson)) {
      checked(server, `passes lesson ${lesson} and not the next`, async () => {
        assert.equal(await lessonFailure(server), undefined);
        assert.ok(isLast(server) || (await nextLessonFailure(server)) !== undefined, "it passes the next lesson, too");
      });
    }
    if (lesson >= TEXT_LESSON) checked(server, "answers the vectors", () => answersVectors(server));
  }
});

/** A language that this machine lacks is unproven, which never counts as passed. */
function checked(server: CourseServer, what: string, run: (t: TestContext) => unknown): void {
  test(`${server.path} ${what}`, async (t) => {
    const missing = whatIsMissing(server);
    if (missing !== undefined) return t.skip(`unproven: ${missing}`);
    await run(t);
  });
}

interface Vector {
  text: string;
  codePoints: number;
  isHandle: boolean;
  isMessage: boolean;
  nfc: string;
}

const VECTORS: Vector[] = [
  { text: "zo\u00e9", codePoints: 3, isHandle: true, isMessage: true, nfc: "zo\u00e9" },
  { text: "zoe\u0301", codePoints: 4, isHandle: true, isMessage: true, nfc: "zo\u00e9" },
  { text: "a\tb", codePoints: 3, isHandle: false, isMessage: true, nfc: "a\tb" },
  { text: "\u{1f600}\u{1f600}", codePoints: 2, isHandle: false, isMessage: true, nfc: "\u{1f600}\u{1f600}" },
  { text: "abc ", codePoints: 4, isHandle: false, isMessage: true, nfc: "abc " },
  { text: "", codePoints: 0, isHandle: false, isMessage: false, nfc: "" },
];

function answersVectors(server: CourseServer): void {
  const answers = answersToVectors(
    server,
    VECTORS.map(({ text }) => JSON.stringify({ text })),
  );
  assert.deepEqual(
    answers.map((line) => JSON.parse(line)),
    VECTORS.map(({ text: _text, ...expected }) => expected),
  );
}
