/**
 * plainchat progress: how far you are in the course, as `check --report` has told the class.
 */
import type { Command } from "commander";
import type { LessonProgress, Progress } from "../../client/types.ts";
import { examples, print } from "../context.ts";
import { howLong } from "../how-long.ts";
import { LAUNCHER } from "../launcher.ts";
import { timeOf } from "../show.ts";
import { whoRuns } from "../somebody.ts";
import { joined, line, type Printable, type Styled, style } from "../styled.ts";

export function addProgress(program: Command): void {
  program
    .command("progress")
    .summary("see how far you are in the lessons")
    .description(
      "Shows which lessons you have passed and where you are, as `check --lesson N --report` has told the class.",
    )
    .addHelpText("after", examples(["progress", "see how far you are, on any computer"]))
    .action(async (_options: object, command: Command) => {
      const { client } = await whoRuns(command);
      const progress = await client.myProgress();
      print(command, progress, textOf(progress));
    });
}

function textOf({ lesson, lessons }: Progress): Printable {
  if (lessons.length === 0) {
    return `Nothing yet. Tell your class how far you are: ${LAUNCHER} check :8000 --lesson 1 --report`;
  }
  return joined(lessons.map((each) => lineFor(each, each.lesson === lesson)));
}

function lineFor(progress: LessonProgress, isHere: boolean): Styled {
  const { lesson, case: failing, passed, total, since, passedAt } = progress;
  const before = passedAt === undefined ? "" : `, passed ${timeOf(passedAt)}`;
  const what: Printable =
    failing === undefined
      ? style("green", `passed ${timeOf(passedAt ?? since)}`)
      : line`${style("bold", failing)}  ${passed} of ${total} checks, for ${howLong(since)}${before}`;
  return line`${isHere ? ">" : " "} ${String(lesson).padStart(2)}  ${what}`;
}
