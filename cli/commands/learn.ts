/**
 * plainchat learn: the course in the terminal. It makes a folder with a starter, or goes on in one. cli/learn/ has what it
 * does.
 */
import { type Command, Option } from "commander";
import { LAST_LESSON } from "../../check/last-lesson.ts";
import type { Compare, Tell } from "../check/check-once.ts";
import { examples, wholeNumberFrom } from "../context.ts";
import { LANGUAGES } from "../learn/course.ts";
import { DEFAULT_FOLDER } from "../learn/learners-folder.ts";
import type { LearnOptions } from "../learn/run-lesson.ts";

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
      const { learn } = await import("../learn/learn.ts");
      await learn(typed, { compare, tell, options, command });
    });
}
