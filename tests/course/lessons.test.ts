/**
 * Tests that the lessons are true: each fits its schema, English and German have the same sections, links lead to files,
 * the lines for curl get the replies that are shown, and no text speaks of what only a later lesson teaches.
 */
import assert from "node:assert/strict";
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { loadLessons } from "../../check/lessons.ts";
import type { Ending } from "../../testing/at-end.ts";
import { type Answer, CurlSession } from "./curl-session.ts";
import { AHEAD_OF_CASES, INTRODUCED, KINDS, type Kind, laterThan, MENTIONS } from "./introduced.ts";
import { type Exchange, exchangesIn, readText, section } from "./lesson-text.ts";

interface Words {
  en: string;
  de: string;
}

interface LessonFile {
  lesson: number;
  title: Words;
  tryWith: string[];
  plainchat: (Words & { file: string; text: string })[];
  predict: {
    server: Words & { change: { find: string; replace: string }; case: string; explain: Words };
    trace?: Words & { request: string; step: string; explain?: Words };
  };
}

const LANGUAGES = ["en", "de"] as const;
const HEADINGS = {
  en: ["The idea", "Try it", "Your task", "Look, it works", "Hints", "How plainchat does it"],
  de: ["Die Idee", "Probier es aus", "Deine Aufgabe", "Schau, es läuft", "Hinweise", "So macht es plainchat"],
};
const HINT = { en: "Hint", de: "Hinweis" };
/** A learner reads a lesson alone, and to its end. */
const LINES = { min: 60, max: 180 };
const MAX_LINES_OF_CODE = 10;
/** From this lesson on, the check has to stop the server and start it again. */
const FIRST_WITH_RESTART = 6;
const STEP = /\b[a-z]+\.(?:get|post|patch|delete)\.\d+(?:\.\d+)*\b/g;

const root = join(import.meta.dirname, "..", "..");
const course = join(root, "course", "lessons");
const checked = loadLessons();
const read = (...path: string[]) => readFileSync(join(root, ...path), "utf8");
const specification = read("docs", "spec.md");

const folders = readdirSync(course, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();
const lessons = folders.map((folder) => {
  const file: LessonFile = JSON.parse(readFileSync(join(course, folder, "lesson.json"), "utf8"));
  const markdown = {
    en: readFileSync(join(course, folder, "en.md"), "utf8"),
    de: readFileSync(join(course, folder, "de.md"), "utf8"),
  };
  return { folder, file, markdown, text: { en: readText(markdown.en), de: readText(markdown.de) } };
});

test("each folder is the lesson of the check that its name says", () => {
  for (const { folder, file } of lessons) {
    const title = checked.find(({ lesson }) => lesson === file.lesson)?.title;
    assert.equal(file.title.en, title, folder);
    const name = file.title.en.toLowerCase().replaceAll(/[^a-z]+/g, "-");
    assert.equal(folder, `${String(file.lesson).padStart(2, "0")}-${name}`);
  }
});

test("every lesson.json fits its schema", () => {
  const isValid = new Ajv2020({ allErrors: true }).compile(JSON.parse(read("course", "lesson.schema.json")));
  for (const { folder, file } of lessons) {
    assert.equal(isValid(file), true, `${folder}: ${JSON.stringify(isValid.errors?.slice(0, 3))}`);
    for (const wrong of [{ tryWith: ["wget http://127.0.0.1:8080/"] }, { titel: {} }, { lesson: 15 }]) {
      assert.equal(isValid({ ...file, ...wrong }), false, JSON.stringify(wrong));
    }
    assert.equal(file.predict.trace === undefined, file.lesson === 1, `${folder}: only lesson 1 has no trace`);
  }
});

test("English and German have the same sections in the same order, and three hints", () => {
  for (const { folder, text } of lessons) {
    for (const language of LANGUAGES) {
      const of = (level: number) => text[language].headings.filter((each) => each.level === level);
      const names = (level: number) => of(level).map(({ name }) => name);
      assert.equal(of(1).length, 1, folder);
      assert.deepEqual(names(2), HEADINGS[language], `${folder}, ${language}`);
      const hints = [1, 2, 3].map((number) => `${HINT[language]} ${number}`);
      assert.deepEqual(names(3), hints, `${folder}, ${language}`);
      const under = section(text[language], HEADINGS[language][4] ?? "");
      for (const hint of hints) assert.ok(under.includes(`### ${hint}\n`), `${folder}: ${hint} belongs to the hints`);
    }
    const [inEnglish, inGerman] = LANGUAGES.map((language) => text[language].blocks.map((block) => block.language));
    assert.deepEqual(inGerman, inEnglish, `${folder}: the same blocks of code`);
  }
});

test("a lesson can be read at one go", () => {
  for (const { folder, text } of lessons) {
    for (const language of LANGUAGES) {
      const { lines } = text[language];
      assert.ok(
        lines.length >= LINES.min && lines.length <= LINES.max,
        `${folder}, ${language}: ${lines.length} lines`,
      );
    }
  }
});

test("each hint says more than the one before, and code is in hints only, in two languages side by side", () => {
  for (const { folder, text } of lessons) {
    for (const language of LANGUAGES) {
      const where = `${folder}, ${language}`;
      const [first = 0, second = 0, third = 0] = [1, 2, 3].map(
        (number) => section(text[language], `${HINT[language]} ${number}`).length,
      );
      assert.ok(0 < first && first < second && first < third, `${where}: ${[first, second, third]}`);
      const withCode = text[language].blocks.filter((block) => block.language === "python");
      assert.equal(withCode.at(-1)?.under.at(-1), `${HINT[language]} 3`, `${where}: the last hint has code`);
      for (const [i, block] of text[language].blocks.entries()) {
        if (block.language === "ts") assert.equal(text[language].blocks[i - 1]?.language, "python", where);
        if (!["python", "ts"].includes(block.language)) continue;
        assert.ok(block.under.at(-1)?.startsWith(HINT[language]), `${where}: code outside the hints`);
        assert.ok(block.lines.length <= MAX_LINES_OF_CODE, `${where}: ${block.lines.length} lines, ${block.lines[0]}`);
        const next = text[language].blocks[i + 1]?.language;
        if (block.language === "python") assert.equal(next, "ts", `${where}: after Python comes TypeScript`);
      }
    }
  }
});

test("every link and every picture leads to a file, and every picture is shown", () => {
  for (const { folder, markdown } of lessons) {
    for (const language of LANGUAGES) {
      const prose = markdown[language].replaceAll(/^```[\s\S]*?^```/gm, "");
      const targets = [...prose.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, target = ""]) => target);
      for (const target of targets.filter((each) => !/^[a-z]+:/.test(each))) {
        assert.ok(existsSync(join(course, folder, target)), `${folder}, ${language} links to ${target}`);
      }
      for (const picture of globSync("*.svg", { cwd: join(course, folder) })) {
        assert.ok(targets.includes(picture), `${folder}, ${language} does not show ${picture}`);
      }
    }
  }
  for (const [, target = ""] of read("course", "README.md").matchAll(/\]\(([^)#]+)\)/g)) {
    assert.ok(
      /^[a-z]+:/.test(target) || existsSync(join(root, "course", target)),
      `course/README.md links to ${target}`,
    );
  }
});

test("the code that a lesson points at stands once in its file, and no text has the number of a line", () => {
  for (const { folder, file, markdown } of lessons) {
    for (const { file: path, text } of file.plainchat) {
      const found = read(path).split(text).length - 1;
      assert.equal(found, 1, `${folder}: ${text} stands ${found} times in ${path}`);
    }
    for (const language of LANGUAGES) {
      const written = /\.ts:\d|#L\d|\b(?:line|lines|Zeile|Zeilen) \d+\b/.exec(markdown[language]);
      assert.ok(written === null, `${folder}, ${language}: ${written?.[0]}`);
      const last = section(readText(markdown[language]), HEADINGS[language].at(-1) ?? "");
      assert.ok(
        file.plainchat.some(({ file: path }) => last.includes(`(${relativeTo(folder, path)})`)),
        `${folder}, ${language}: the last section links to none of the files`,
      );
    }
  }
});

function relativeTo(folder: string, path: string): string {
  const up = join(course, folder).slice(root.length).split(/[/\\]/).filter(Boolean);
  return `${"../".repeat(up.length)}${path}`;
}

test("each lesson says how to check the server, from lesson 6 on with --start", () => {
  for (const { folder, file, text } of lessons) {
    for (const language of LANGUAGES) {
      const task = section(text[language], HEADINGS[language][2] ?? "");
      const [line = ""] = /^plainchat check .*$/m.exec(task) ?? [];
      assert.match(line, new RegExp(`^plainchat check :8000 --lesson ${file.lesson}\\b`), folder);
      assert.equal(/ --start "\S+ .*8000 data"/.test(line), file.lesson >= FIRST_WITH_RESTART, folder);
    }
  }
});

test("the line that checks the server is for those who do it by hand", () => {
  for (const { folder, markdown } of lessons) {
    const marks = LANGUAGES.map((language) => markdown[language].match(/^<!-- (?:by hand|in learn)/gm));
    assert.deepEqual(marks[1], marks[0], folder);
    for (const language of LANGUAGES) {
      const byHand = markdown[language].match(/^<!-- by hand -->\n[\s\S]*?^<!-- in learn/gm) ?? [];
      assert.equal(byHand.filter((each) => /^plainchat check /m.test(each)).length, 1, `${folder}, ${language}`);
    }
  }
});

test("the case of a prediction is one of its lesson", () => {
  for (const { folder, file } of lessons) {
    const ids = checked.find(({ lesson }) => lesson === file.lesson)?.cases.map(({ id }) => id) ?? [];
    assert.ok(ids.includes(file.predict.server.case), `${folder}: ${file.predict.server.case}`);
  }
});

/** All that a learner reads of a lesson. Code of plainchat itself, and of a wrong server, may have more in it. */
function everythingIn({ file, markdown }: (typeof lessons)[number]): string {
  const { server, trace } = file.predict;
  const words = [file.title, ...file.plainchat, server, server.explain, trace ?? [], trace?.explain ?? []];
  const sentences = words.flatMap((each) => ("en" in each ? [each.en, each.de] : []));
  return [markdown.en, markdown.de, ...sentences, ...file.tryWith, trace?.request ?? "", trace?.step ?? ""].join("\n");
}

test("every step in a text is in docs/spec.md, and no later lesson is the first to test it", () => {
  for (const lesson of lessons) {
    for (const [step] of everythingIn(lesson).matchAll(STEP)) {
      assert.ok(specification.includes(`\n- \`${step}\` `), `${lesson.folder}: there is no step ${step}`);
      const tested = checked.find(({ cases }) => cases.some(({ steps }) => steps.includes(step)));
      assert.ok((tested?.lesson ?? 0) <= lesson.file.lesson, `${lesson.folder}: ${step} belongs to a later lesson`);
    }
  }
});

test("no text speaks of a status, a field, a header, a method or an address of a later lesson", () => {
  for (const lesson of lessons) {
    const text = everythingIn(lesson);
    for (const { kind, thing, lesson: later } of laterThan(lesson.file.lesson)) {
      const found = MENTIONS[kind](thing).exec(text);
      assert.ok(found === null, `${lesson.folder} speaks of ${thing}, which lesson ${later} introduces: ${found?.[0]}`);
    }
  }
});

test("what a lesson introduces is what its cases are the first to ask for", () => {
  assert.equal(INTRODUCED.length, checked.length);
  const mentions = (kind: Kind, thing: string) => {
    const pattern = IN_CASE[kind]?.(thing) ?? MENTIONS[kind](thing);
    return checked.find(({ cases }) => cases.some((each) => pattern.test(JSON.stringify(each.do))))?.lesson;
  };
  for (const [i, introduced] of INTRODUCED.entries()) {
    for (const kind of KINDS) {
      for (const thing of (introduced[kind] ?? []).map(String)) {
        if (!AHEAD_OF_CASES.has(thing)) assert.equal(mentions(kind, thing), i + 1, thing);
      }
    }
  }
  const known = INTRODUCED.flatMap(({ statuses = [] }) => statuses.map(String));
  const asked = JSON.stringify(checked.flatMap(({ cases }) => cases.map((each) => each.do)));
  for (const [, list = ""] of asked.matchAll(/"status":\[?(\d{3}(?:,\d{3})*)/g)) {
    for (const status of list.split(",")) assert.ok(known.includes(status), `no lesson introduces ${status}`);
  }
});

/** Where a case says it in another way than a text. */
const IN_CASE: Partial<Record<Kind, (thing: string) => RegExp>> = {
  statuses: (status) => new RegExp(`"status":(?:\\[[\\d,]*)?${status}\\b|"statuses":\\{[^}]*"${status}"`),
  headers: (header) =>
    header === "authorization" ? /"basic":/ : new RegExp(`"headers":\\{(?:"[^"]*":"[^"]*",)*"${header}":`),
};

for (const { folder, file, text } of lessons) {
  test(`the lines for curl of ${folder} work, and get the replies that are shown`, async (t) => {
    const isHere = ({ command }: Exchange) => /\bhttp:\/\/127\.0\.0\.1:80[08]0\//.test(command);
    const shown = LANGUAGES.map((language) => exchangesIn(text[language]));
    assert.deepEqual(
      shown.map((each) => each.map(({ command }) => command))[1],
      shown[0]?.map(({ command }) => command),
      "English and German send the same",
    );
    const english = shown[0] ?? [];
    assert.ok(english.every(isHere), "sent to plainchat or to the learner's server");
    await runs(t, english);
    // The same lines got the same replies. So German has to show the same ones.
    assert.deepEqual(shown[1], english);
    await runs(
      t,
      file.tryWith.map((command) => ({ command })),
    );
  });

  const { trace } = file.predict;
  if (trace === undefined) continue;
  test(`the request of ${folder} stops at ${trace.step}`, async (t) => {
    const session = await CurlSession.start(t);
    await session.prepareFor([trace.request]);
    const { headers } = await session.send(`${trace.request} -H "Explain: 1"`);
    const reached = [...(headers.get("server-timing") ?? "").matchAll(STEP)].map(([step]) => step);
    assert.equal(reached.at(-1), trace.step, `reached ${reached}`);
  });
}

/** Sends them one after the other to a server of their own. */
async function runs(t: Ending, exchanges: Exchange[]): Promise<void> {
  const session = await CurlSession.start(t);
  await session.prepareFor(exchanges.map(({ command }) => command));
  for (const { command, shown } of exchanges) {
    const answer = await session.send(command);
    assert.ok(answer.status >= 200 && answer.status < 500, `${command}\n${answer.statusLine}`);
    if (shown !== undefined) compare(shown, answer, command);
  }
}

function compare({ language, text }: NonNullable<Exchange["shown"]>, answer: Answer, command: string): void {
  let body = text;
  if (language === "http") {
    const [head = "", ...rest] = text.split("\n\n");
    const [statusLine, ...headers] = head.split("\n");
    assert.equal(answer.statusLine, statusLine, command);
    for (const header of headers) {
      const [name = "", value] = header.split(": ");
      const isFixed = ["content-type", "www-authenticate", "allow"].includes(name.toLowerCase());
      const sent = answer.headers.get(name.toLowerCase());
      if (isFixed) assert.equal(sent, value, command);
      else assert.ok(sent !== undefined, `${command}: no ${name}`);
    }
    body = rest.join("\n\n");
  }
  if (!body.startsWith("{")) return;
  const [shown, sent] = [JSON.parse(body), JSON.parse(answer.body)];
  if ("detail" in shown) assert.deepEqual(sent, shown, command);
  assert.deepEqual(shapeOf(sent), shapeOf(shown), command);
}

/** All field names in a JSON value, also the nested ones: what an example promises about a reply. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== "object" || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shapeOf(each)]));
}
