/**
 * What `plainchat learn` shows of the course: the lesson, the list of lessons, the keys, and what comes when a lesson is
 * passed. It only makes texts; session.ts prints them.
 */
import { readFileSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { LAST_LESSON } from "../../check/last-lesson.ts";
import { loadLessons } from "../../check/lessons.ts";
import { timeOf } from "../show.ts";
import { joined, line, type Printable, type Styled, style } from "../styled.ts";
import type { Course, Language, Lesson, Words } from "./course.ts";
import type { State } from "./learners-folder.ts";
import { proseIn, showMarkdown } from "./markdown.ts";
import { type OwnServer, withOwnCommand } from "./own-command.ts";

const REPOSITORY = join(import.meta.dirname, "..", "..");

interface How {
  words: Words;
  language: Language;
  columns: number;
  server: OwnServer;
}

/** The idea and what to try. The task comes after the questions. */
export function ideaPage(lesson: Lesson, how: How): Styled {
  const { idea, tryIt } = lesson.text;
  const title = `${how.words === "de" ? "Lektion" : "Lesson"} ${lesson.lesson}: ${lesson.title[how.words]}`;
  const minutes = how.words === "de" ? `etwa ${lesson.minutes} Minuten` : `about ${lesson.minutes} minutes`;
  const head = proseIn(`**${title}** (${minutes})`, how.columns);
  return joined(["", head, "", part(idea, lesson, how), "", part(tryIt, lesson, how)]);
}

export function taskPage(lesson: Lesson, how: How): Styled {
  return joined(["", part(lesson.text.task, lesson, how)]);
}

export function hintPage(lesson: Lesson, number: number, how: How): Styled {
  const { hints } = lesson.text;
  const title = `${how.words === "de" ? "Hinweis" : "Hint"} ${number}/${hints.length}`;
  return joined(["", style("bold", title), "", part(hints[number - 1] ?? "", lesson, how)]);
}

/** What there is to see after a lesson, and where plainchat does the same. */
export function afterPage(lesson: Lesson, how: How): Styled {
  const title = lesson.text.how.split("\n")[0]?.replace(/^#+ /, "") ?? "";
  const places = lesson.plainchat.flatMap(({ file, text, ...sentence }) => [
    style("bold", `${file}${lineOf(file, text)}`),
    part(sentence[how.words], lesson, how),
  ]);
  return joined(["", part(lesson.text.look, lesson, how), "", style("bold", title), "", ...places]);
}

function part(markdown: string, { folder }: Lesson, { language, columns, words, server }: How): Styled {
  const picture = words === "de" ? "Bild" : "Picture";
  const code = /script$/.test(language) ? "ts" : "python";
  return showMarkdown(withOwnCommand(markdown, server), {
    columns,
    code,
    picture,
    placeOf: (target) => placeOf(join(folder, target)),
  });
}

/** A file of plainchat's is named as seen from plainchat's folder. */
function placeOf(path: string): string {
  const inside = relative(REPOSITORY, path);
  return inside.startsWith("..") || isAbsolute(inside) ? path : inside.replaceAll("\\", "/");
}

/** The line of plainchat's own file with this code. */
function lineOf(file: string, text: string): string {
  try {
    const found = readFileSync(join(REPOSITORY, file), "utf8")
      .split("\n")
      .findIndex((each) => each.includes(text));
    return found === -1 ? "" : `:${found + 1}`;
  } catch {
    return "";
  }
}

export interface ListedLesson {
  lesson: number;
  title: string;
  /** What the server can do after it. */
  can: string;
  passedAt?: string;
  isCurrent: boolean;
}

export function listOfLessons(course: Course, state: Readonly<State> | undefined, words: Words): ListedLesson[] {
  return loadLessons().map(({ lesson, title, can }) => {
    const passedAt = state?.passed[lesson];
    const isCurrent = state?.lesson === lesson;
    const shown = words === "en" ? title : (titleIn(course, lesson, words) ?? title);
    return { lesson, title: shown, can, isCurrent, ...(passedAt !== undefined && { passedAt }) };
  });
}

/** The list is useful even if the course is not whole. */
function titleIn(course: Course, lesson: number, words: Words): string | undefined {
  try {
    return course.lesson(lesson, words).title[words];
  } catch {
    return undefined;
  }
}

export function listPage(lessons: ListedLesson[]): Styled {
  const width = Math.max(...lessons.map(({ title }) => title.length));
  return joined(
    lessons.map(({ lesson, title, isCurrent, passedAt }) => {
      const tick = passedAt === undefined ? " " : style("green", "✓");
      const name = isCurrent ? style("bold", title.padEnd(width)) : title.padEnd(width);
      const when = passedAt === undefined ? "" : style("dim", timeOf(passedAt));
      return line`${isCurrent ? ">" : " "} ${tick} ${String(lesson).padStart(2)}  ${name}  ${when}`;
    }),
  );
}

const KEYS: [key: string, short: string, what: string][] = [
  ["Enter", "run", "run the checks"],
  ["h", "hint", "a hint; each time one more"],
  ["n", "next", "the next lesson"],
  ["p", "back", "the lesson before"],
  ["s", "solution", "the solution, beside yours"],
  ["l", "list", "all lessons, and which you have passed"],
  ["r", "reset", "begin again with the starter; yours is kept"],
  ["q", "quit", "end; your progress is saved"],
  ["?", "", "these keys, and this lesson again"],
];
/** For a narrow screen: the most important first. */
const IMPORTANT = ["Enter", "?", "h", "q", "n", "s", "l", "p", "r"];

export function helpPage(): Styled {
  return joined(["", ...KEYS.map(([key, , what]) => line`  ${style("bold", key.padEnd(5))}  ${what}`)]);
}

/** As many keys as fit into one row. */
export function keysLine(lesson: number, columns: number): Printable {
  const row = (keys: typeof KEYS) =>
    [`[${lesson}]`, ...keys.map(([key, short]) => `${key} ${short}`.trim())].join("  ");
  let keys: typeof KEYS = [];
  for (const wanted of IMPORTANT) {
    const more = KEYS.filter((each) => each[0] === wanted || keys.includes(each));
    if (row(more).length < columns) keys = more;
  }
  const parts = keys.map(([key, short]) => line`${style("bold", key)}${short === "" ? "" : ` ${short}`}`);
  return joined([style("dim", `[${lesson}]`), ...parts], "  ");
}

export function isLast(lesson: number): boolean {
  return lesson === LAST_LESSON;
}
