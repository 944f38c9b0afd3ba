/**
 * Reads the course at the start: the lessons, their texts and pictures, the starters. learn-routes.ts serves them. The
 * folder may be missing, or somebody may be writing in it: then the server starts all the same, and the page says what
 * cannot be read.
 */
import { readdirSync, readFileSync } from "node:fs";
import type { Step } from "../../../explain/step-list.ts";

/** A text in each language. */
type Words = Record<string, string>;

/** A question, answers to choose from, and the right one. */
export interface Prediction {
  question: Words;
  /** A server with one mistake has a change; a request to plainchat is a line for curl. */
  change?: { find: string; replace: string };
  request?: string;
  choices: { id: string; text: string }[];
  right: string;
  explain?: Words;
}

export interface LessonForPage {
  lesson: number;
  /** The name of its folder. */
  folder: string;
  title: Words;
  minutes: number;
  /** How many of its cases want the pupil to restart the server, and how many kill it, which nobody can do from here. */
  restarts: number;
  kills: number;
  plainchat: { file: string; text: string; words: Words }[];
  predictions: Prediction[];
}

export interface Starter {
  name: string;
  /** Below /learn/. */
  path: string;
  start: string;
  install: Words;
}

export interface Course {
  lessons: LessonForPage[];
  starters: Starter[];
  /** The address of check.mjs, if somebody has built it. */
  hasCheckProgram: boolean;
  /** What cannot be read, in sentences for the person who runs the server. */
  problems: string[];
}

/** What the page shows, and the files that belong to it, by their address below /learn/. */
export interface CourseFiles {
  course: Course;
  files: ReadonlyMap<string, Buffer>;
}

const REPOSITORY = new URL("../../../../", import.meta.url);
export const COURSE = new URL("course/", REPOSITORY);
const CHECK_PROGRAM = new URL("dist/check.mjs", REPOSITORY);
const FOLDER = /^(\d\d)-[a-z][a-z-]{1,60}$/;
const SERVED = /^[a-z0-9][\w.-]*\.(md|svg|png|json)$/i;
const STARTER = /^starters\/[a-z]+\/\w+\.[a-z]+$/i;
const MAX_FILE_BYTES = 512 * 1024;
const CHOICES = 4;

/** @param steps of plainchat's own operations, for the questions about them. */
export function readCourse(
  folder: URL,
  steps: ReadonlyMap<string, readonly Step[]>,
  checkProgram = CHECK_PROGRAM,
): CourseFiles {
  const files = new Map<string, Buffer>();
  const problems: string[] = [];
  const cases = readCases(problems);
  const lessons: LessonForPage[] = [];
  for (const name of namesIn(new URL("lessons/", folder)).filter((each) => FOLDER.test(each))) {
    try {
      const path = `lessons/${name}/`;
      lessons.push(lessonIn(new URL(path, folder), name, { cases, steps }));
      for (const file of namesIn(new URL(path, folder)).filter((each) => SERVED.test(each))) {
        keep(files, path + file, new URL(path + file, folder));
      }
    } catch (error) {
      problems.push(`course/lessons/${name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  lessons.sort((a, b) => a.lesson - b.lesson);
  if (lessons.length === 0) problems.push("There are no lessons in the folder course/lessons.");
  const starters = readStarters(folder, files, problems);
  let hasCheckProgram = false;
  try {
    keep(files, "check.mjs", checkProgram);
    hasCheckProgram = true;
  } catch {
    // Nobody has built it.
  }
  return { course: { lessons, starters, hasCheckProgram, problems }, files };
}

/** All cases in the order of the lessons, with their titles where they have one of their own. */
interface Cases {
  order: string[];
  titles: ReadonlyMap<string, string>;
  /** By lesson, as in server/checks/process/result.ts. */
  restarting: ReadonlyMap<number, number>;
  killing: ReadonlyMap<number, number>;
}

function lessonIn(
  folder: URL,
  name: string,
  known: { cases: Cases; steps: ReadonlyMap<string, readonly Step[]> },
): LessonForPage {
  const lesson = Number(name.slice(0, 2));
  const { lesson: number, title, minutes, plainchat, predict } = Object(readJson(new URL("lesson.json", folder)));
  if (number !== lesson) throw new Error(`lesson.json has the number ${JSON.stringify(number)}`);
  const { server, trace } = Object(predict);
  return {
    lesson,
    folder: name,
    title: wordsIn(title),
    minutes: Number.isInteger(minutes) ? minutes : 45,
    restarts: known.cases.restarting.get(lesson) ?? 0,
    kills: known.cases.killing.get(lesson) ?? 0,
    plainchat: (Array.isArray(plainchat) ? plainchat : []).map(({ file, text, ...words }) => ({
      file: String(file),
      text: String(text),
      words: wordsIn(words),
    })),
    predictions: [
      ...(server === undefined ? [] : [aboutServer(server, known.cases)]),
      ...(trace === undefined ? [] : [aboutTrace(trace, known.steps)]),
    ],
  };
}

function aboutServer({ change, case: right, explain, ...words }: Record<string, unknown>, cases: Cases): Prediction {
  const { find, replace } = Object(change);
  const choices = around(cases.order, String(right)).map((id) => ({ id, text: cases.titles.get(id) ?? id }));
  return {
    question: wordsIn(words),
    change: { find: String(find ?? ""), replace: String(replace ?? "") },
    choices,
    right: String(right),
    ...(explain !== undefined && { explain: wordsIn(explain) }),
  };
}

function aboutTrace(
  { request, step, explain, ...words }: Record<string, unknown>,
  steps: ReadonlyMap<string, readonly Step[]>,
): Prediction {
  const right = String(step);
  const ofCall = steps.get(right.split(".").slice(0, 2).join(".")) ?? [];
  const stopping = ofCall.filter(({ id, sentence }) => id === right || /\d{3}\.$/.test(sentence));
  const ids = around(
    stopping.map(({ id }) => id),
    right,
  );
  return {
    question: wordsIn(words),
    request: String(request),
    choices: ids.map((id) => ({ id, text: stopping.find((each) => each.id === id)?.sentence ?? id })),
    right,
    ...(explain !== undefined && { explain: wordsIn(explain) }),
  };
}

/** The right answer and its neighbours, in their order. */
function around(all: readonly string[], right: string): string[] {
  const place = all.indexOf(right);
  if (place === -1) return [right];
  const first = Math.max(0, Math.min(place - 2, all.length - CHOICES));
  return all.slice(first, first + CHOICES);
}

/** As data: the server runs none of the check's code. */
function readCases(problems: string[]): Cases {
  const folder = new URL("check/", REPOSITORY);
  try {
    const { lessons } = readJson(new URL("lessons.json", folder)) as { lessons: { cases: string[] }[] };
    const titles = new Map<string, string>();
    const does = { restart: new Set<string>(), underFire: new Set<string>() };
    const templates = casesIn(new URL("cases/credentials.json", folder));
    for (const name of namesIn(new URL("cases/", folder)).filter((each) => /^\d.*\.json$/.test(each))) {
      for (const { id, title, credentialsOf, send, do: actions = [] } of casesIn(new URL(`cases/${name}`, folder))) {
        if (id !== undefined) titles.set(id, title ?? id);
        for (const what of ["restart", "underFire"] as const) {
          if (id !== undefined && actions.some((action) => what in action)) does[what].add(id);
        }
        // Some cases are written once for all calls.
        for (const each of credentialsOf === undefined ? [] : templates) {
          const filled = (text = "") => text.replace("{operation}", credentialsOf ?? "").replace("{call}", send ?? "");
          titles.set(filled(each.id), filled(each.title));
        }
      }
    }
    const count = (ids: Set<string>) =>
      new Map(lessons.map(({ cases }, i) => [i + 1, cases.filter((id) => ids.has(id)).length]));
    const restarting = count(does.restart);
    return { order: lessons.flatMap(({ cases }) => cases), titles, restarting, killing: count(does.underFire) };
  } catch (error) {
    problems.push(`check/: ${error instanceof Error ? error.message : error}`);
    return { order: [], titles: new Map(), restarting: new Map(), killing: new Map() };
  }
}

interface CaseInFile {
  id?: string;
  title?: string;
  credentialsOf?: string;
  send?: string;
  do?: object[];
}

function casesIn(file: URL): CaseInFile[] {
  return Object(readJson(file)).cases ?? [];
}

function readStarters(folder: URL, files: Map<string, Buffer>, problems: string[]): Starter[] {
  const file = new URL("starters/starters.json", folder);
  try {
    const { starters } = Object(readJson(file));
    return Object.entries(Object(starters)).map(([language, starter]) => {
      const { name, file: fileName, start, install } = Object(starter);
      const address = `starters/${language}/${fileName}`;
      if (!STARTER.test(address)) throw new Error(`${address} is not the path of a starter`);
      keep(files, address, new URL(address, folder));
      return { name: String(name), path: address, start: String(start), install: wordsIn(install) };
    });
  } catch (error) {
    problems.push(`course/starters/starters.json: ${error instanceof Error ? error.message : error}`);
    return [];
  }
}

/** Only texts, so that a page can rely on it. @throws {Error} */
function wordsIn(value: unknown): Words {
  const words = Object.entries(Object(value)).filter(([language, text]) => /^[a-z-]+$/i.test(language) && isText(text));
  if (!words.some(([language]) => language === "en")) throw new Error("a text is missing in English");
  return Object.fromEntries(words) as Words;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function readJson(file: URL): unknown {
  return JSON.parse(readFileSync(file, "utf8"));
}

function namesIn(folder: URL): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function keep(files: Map<string, Buffer>, address: string, file: URL): void {
  const bytes = readFileSync(file);
  if (bytes.length > MAX_FILE_BYTES) throw new Error(`${address} is larger than ${MAX_FILE_BYTES / 1024} KiB`);
  files.set(address, bytes);
}
