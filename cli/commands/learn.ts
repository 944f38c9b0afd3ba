/**
 * plainchat learn: the course in the terminal. It makes a folder with a starter, or goes on in one. cli/learn/ has what it
 * does.
 */
import { basename, join } from "node:path";
import { type Command, Option } from "commander";
import { LAST_LESSON } from "../../check/lessons.ts";
import type { Compare, Tell } from "../check/check-once.ts";
import { classOf } from "../check/report-progress.ts";
import { CliError, EXIT } from "../cli-error.ts";
import { examples, pathFrom, print, wholeNumberFrom } from "../context.ts";
import { LAUNCHER } from "../launcher.ts";
import { Course, LANGUAGES, type Language, type Words } from "../learn/course.ts";
import { KeyPrompt } from "../learn/key-prompt.ts";
import { isLearnersFolder, LearnersFolder } from "../learn/learners-folder.ts";
import { languageHere, makeFolder } from "../learn/make-folder.ts";
import { learnOnce } from "../learn/once.ts";
import { listOfLessons, listPage } from "../learn/pages.ts";
import type { LearnOptions } from "../learn/run-lesson.ts";
import { Session } from "../learn/session.ts";
import { say } from "../output.ts";
import { shellWord } from "../shell-word.ts";
import { line } from "../styled.ts";

const DEFAULT_FOLDER = "my-chat-server";
const COURSE = join(import.meta.dirname, "..", "..", "course");
const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export function addLearn(program: Command, compare: Compare, tell: Tell): void {
  program
    .command("learn")
    .summary("write your own server, lesson by lesson")
    .description(
      "The course: fourteen lessons in which you write your own chat server. Makes a folder with a server that says " +
        "hello, or goes on in one. Shows the lesson, and runs its checks whenever you save your server.",
    )
    .argument("[folder]", `your server's folder (this one if you have begun here, or ./${DEFAULT_FOLDER})`)
    .addOption(
      new Option("--language <language>", "the language of your server; without it you are asked").choices(LANGUAGES),
    )
    .addOption(new Option("--texts <language>", "the language of the lessons").choices(["en", "de"]))
    .option("--lesson <n>", "go to this lesson", wholeNumberFrom(1, LAST_LESSON))
    .option("--once", "run the checks of the lesson once and end, for scripts; changes nothing in the folder")
    .option("--list", "list the lessons, and which you have passed")
    .option("--explain", "show what plainchat itself does with the request that failed, step by step")
    .option("--report", "tell your class which lessons your server passes, and where it stops")
    .option("--no-report", "do not tell your class")
    .addOption(new Option("--course <folder>", "another course, in the same layout").env("PLAINCHAT_COURSE"))
    .addHelpText(
      "after",
      examples(
        ["learn", "begin, or go on"],
        ["learn ~/my-server --language go", "write your server in Go, in this folder"],
        ["learn --lesson 5 --once", "run the checks of lessons 1 to 5 once, for a class or CI"],
        ["learn --list", "see which lessons there are"],
      ),
    )
    .action(async (typed: string | undefined, options: LearnOptions, command: Command) => {
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
      } else await learn(path, course, { compare, tell, options, command });
    });
}

/** In a terminal, until the learner leaves. */
async function learn(
  path: string,
  course: Course,
  { compare, tell, options, command }: { compare: Compare; tell: Tell; options: LearnOptions; command: Command },
): Promise<void> {
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
