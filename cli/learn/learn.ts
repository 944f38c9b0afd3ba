/**
 * The course in the terminal: lists the lessons, runs the checks once, or stays with the learner until the learner
 * leaves. commands/learn.ts calls it.
 */
import { basename, join } from "node:path";
import type { Command } from "commander";
import type { Compare, Tell } from "../check/check-once.ts";
import { classOf } from "../check/report-progress.ts";
import { CliError, EXIT } from "../cli-error.ts";
import { pathFrom, print } from "../context.ts";
import { LAUNCHER } from "../launcher.ts";
import { say } from "../output.ts";
import { shellWord } from "../shell-word.ts";
import { line } from "../styled.ts";
import { Course, type Language, type Words } from "./course.ts";
import { KeyPrompt } from "./key-prompt.ts";
import { DEFAULT_FOLDER, isLearnersFolder, LearnersFolder } from "./learners-folder.ts";
import { languageHere, makeFolder } from "./make-folder.ts";
import { learnOnce } from "./once.ts";
import { listOfLessons, listPage } from "./pages.ts";
import type { LearnOptions } from "./run-lesson.ts";
import { Session } from "./session.ts";

const COURSE = join(import.meta.dirname, "..", "..", "course");
const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

interface Run {
  compare: Compare;
  tell: Tell;
  options: LearnOptions;
  command: Command;
}

export async function learn(typed: string | undefined, { compare, tell, options, command }: Run): Promise<void> {
  const course = new Course(options.course === undefined ? COURSE : pathFrom(options.course));
  const path = folderFrom(typed);
  if (options.list === true) {
    const state = isLearnersFolder(path) ? LearnersFolder.open(path, { canWrite: false }).state : undefined;
    const lessons = listOfLessons(course, state, wordsFor(options, state?.words));
    print(command, lessons, listPage(lessons));
    return;
  }
  const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const isJson = command.optsWithGlobals<{ json?: true }>().json === true;
  if (options.once === true || !isTerminal || isJson) {
    for (const signal of ENDING_SIGNALS) process.once(signal, () => process.exit(EXIT.interrupted));
    const folder = await folderForOnce(path, course, options);
    await learnOnce({ course, folder, command, compare, tellClass: options.report === true ? tell : undefined });
  } else await learnInTerminal(path, course, { compare, tell, options, command });
}

/** In a terminal, until the learner leaves. */
async function learnInTerminal(path: string, course: Course, { compare, tell, options, command }: Run): Promise<void> {
  const leave = (exitCode: number) => {
    prompt.close();
    if (isLearnersFolder(path)) say(line`Your progress is saved. Go on with: ${LAUNCHER} learn ${shellWord(path)}`);
    // The server ends with this process.
    process.exit(exitCode);
  };
  const prompt = new KeyPrompt((how) => leave(how === "q" ? 0 : EXIT.interrupted));
  for (const signal of ENDING_SIGNALS) process.once(signal, () => leave(EXIT.interrupted));
  try {
    const folder = isLearnersFolder(path)
      ? LearnersFolder.open(path, { canWrite: true })
      : await makeFolder(path, course, options.language as Language | undefined, prompt);
    const { lesson = folder.state.lesson, texts } = options;
    folder.change({ lesson, ...(texts !== undefined && { words: texts }) });
    const words = wordsFor(options, folder.state.words);
    const tellClass = (await isClassTold(options, command)) ? tell : undefined;
    await new Session({ course, folder, words, prompt, command, compare, tellClass }).run();
  } finally {
    prompt.close();
  }
}

/** Whether the class is told. It says so if nobody has asked for it. */
async function isClassTold({ report }: LearnOptions, command: Command): Promise<boolean> {
  if (report !== undefined) return report;
  const url = await classOf(command);
  if (url === undefined) return false;
  say(
    line`Your class at ${url} sees which lessons you have passed, and where your server stops. Nothing else is sent.`,
  );
  say("Without that: --no-report.");
  return true;
}

async function folderForOnce(path: string, course: Course, { language }: LearnOptions): Promise<LearnersFolder> {
  if (isLearnersFolder(path)) return LearnersFolder.open(path, { canWrite: false });
  if (language !== undefined) {
    const chosen = await languageHere(course, language as Language);
    return LearnersFolder.make(path, chosen, course.starterCode(chosen.language, chosen.starter));
  }
  throw new CliError(
    `Nobody has begun in ${path} yet. Begin in a terminal with ${LAUNCHER} learn, or say the language: --language python`,
    EXIT.usage,
  );
}

/** The folder that was typed, the one somebody is in, or the default one. */
function folderFrom(typed: string | undefined): string {
  if (typed !== undefined) return pathFrom(typed);
  const here = pathFrom(".");
  return isLearnersFolder(here) || basename(here) === DEFAULT_FOLDER ? here : pathFrom(DEFAULT_FOLDER);
}

/** The language of the texts: the one that was asked for, the one from last time, or the one of this computer. */
function wordsFor({ texts }: LearnOptions, saved: Words | undefined): Words {
  const { LC_ALL, LC_MESSAGES, LANG } = process.env;
  const locale = LC_ALL || LC_MESSAGES || LANG || Intl.DateTimeFormat().resolvedOptions().locale;
  return texts ?? saved ?? (/^de(_|-|$)/.test(locale) ? "de" : "en");
}
