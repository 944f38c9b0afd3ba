/**
 * The course as the class server gives it: the list of lessons, and the text of each. learn-page.ts loads it.
 */
import { currentLanguage } from "../words/language.ts";
import { type LessonText, readMarkdown, sectionsOf } from "./markdown.ts";

/** A text in each language. English is always there. */
export type Words = Record<string, string>;

export interface Prediction {
  question: Words;
  change?: { find: string; replace: string };
  request?: string;
  choices: { id: string; text: string }[];
  right: string;
  explain?: Words;
}

export interface Lesson {
  lesson: number;
  folder: string;
  title: Words;
  minutes: number;
  /** How many of its checks want a restart, and how many kill the server: those cannot be run from here. */
  restarts: number;
  kills: number;
  plainchat: { file: string; text: string; words: Words }[];
  predictions: Prediction[];
}

export interface Starter {
  name: string;
  path: string;
  start: string;
  install: Words;
}

export interface Course {
  lessons: Lesson[];
  starters: Starter[];
  hasCheckProgram: boolean;
  problems: string[];
}

const PATH = "/learn/";

/** @throws {Error} when it cannot be loaded. */
export async function loadCourse(): Promise<Course> {
  const reply = await fetch(`${PATH}course.json`);
  if (!reply.ok) throw new Error(`The course cannot be loaded: ${reply.status}`);
  return reply.json();
}

/** The text of a lesson in the language of the page, or in English. @throws {Error} when it cannot be loaded. */
export async function loadText({ folder }: Lesson): Promise<LessonText & { language: string }> {
  const language = currentLanguage().split("-")[0] ?? "en";
  for (const each of new Set(["de", "en"].includes(language) ? [language, "en"] : ["en"])) {
    const reply = await fetch(addressOf(folder, `${each}.md`));
    if (reply.ok) return { ...sectionsOf(readMarkdown(atThisServer(await reply.text()))), language: each };
  }
  throw new Error("The lesson has no text");
}

/** The lessons speak of plainchat on one's own computer. Here it is the class server. */
export function atThisServer(text: string): string {
  return text.replaceAll("http://127.0.0.1:8080", location.origin);
}

/** The address of a file of a lesson. */
export function addressOf(folder: string, file: string): string {
  return `${PATH}lessons/${folder}/${file}`;
}

/** What a link or a picture in a lesson leads to. Undefined for files of plainchat that this server does not give out. */
export function addressInLesson(folder: string, to: string): string | undefined {
  if (/^https?:\/\//.test(to)) return to;
  if (/(^|\/)docs\/spec\.md(#.*)?$/.test(to)) return "/docs";
  return /^[\w.-]+$/.test(to) ? addressOf(folder, to) : undefined;
}

/** A text in the language of the page, or in English. */
export function inWords(words: Words): string {
  return words[currentLanguage()] ?? words[currentLanguage().split("-")[0] ?? "en"] ?? words.en ?? "";
}

/** The command that starts a starter. */
export function startOf({ start }: Starter, port = 8000): string {
  return start.replaceAll("{port}", String(port)).replaceAll("{folder}", "data");
}

/** The same command, so that the class server reaches it, for each kind of terminal. */
export function openStartsOf(starter: Starter, port = 8000): { terminal: string; command: string }[] {
  const command = startOf(starter, port);
  // On Windows, Python has another name.
  const onWindows = command.replace(/^python3 /, "py ");
  return [
    { terminal: "macOS, Linux", command: `HOST=0.0.0.0 ${command}` },
    { terminal: "Windows, cmd", command: `set "HOST=0.0.0.0" && ${onWindows}` },
    { terminal: "Windows, PowerShell", command: `$env:HOST="0.0.0.0"; ${onWindows}` },
  ];
}

/** How many checks of the lessons up to this one only the pupil's own computer can run. */
export function leftOutUpTo({ lessons }: Course, { lesson, kills }: Lesson): number {
  const before = lessons.filter((each) => each.lesson < lesson);
  return kills + before.reduce((sum, each) => sum + each.restarts + each.kills, 0);
}
