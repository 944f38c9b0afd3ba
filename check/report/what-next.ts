/**
 * What comes next when all checks that were run have passed: the next stage or lesson, the rest of the check, or what else can be
 * done with a server that follows the specification. report-text.ts prints it.
 */
import { type Lesson, loadLessons } from "../lessons.ts";
import type { Profile } from "../match/expectation.ts";
import type { Report } from "../run-check.ts";

/** What was asked for on the command line. */
export interface Asked {
  /** Only this case. */
  case?: string | undefined;
  /** Only this stage. */
  stage?: number | undefined;
  /** Only the lessons up to this one. */
  lesson?: number | undefined;
  /** How to get to the next lesson. Default: with `--lesson`. */
  howToGoOn?: string | undefined;
}

/** @returns a sentence or two. */
export function whatNext({ stages, profile }: Report, asked: Asked): string {
  if (asked.case !== undefined) return "Next: run the check without --case. A change can break what passed before.";
  const open = stages.filter(({ isLesson, needsStart = [] }) => isLesson === true && needsStart.length > 0);
  if (open.length > 0) {
    const numbers = open.map(({ stage }) => stage);
    const last = numbers.at(-1);
    const are =
      numbers.length === 1 ? `Lesson ${last} is` : `Lessons ${numbers.slice(0, -1).join(", ")} and ${last} are`;
    return `${are} not passed yet. Next: add --start "COMMAND" with the command that starts your server, so that the check can kill it and start it again.`;
  }
  const notRun = stages.find(({ notAsked }) => notAsked?.startsWith("needs --start"));
  if (asked.stage !== undefined) {
    const next = stages.find(
      ({ stage, notAsked }) => stage > Number(asked.stage) && notAsked !== "not part of the seed",
    );
    if (next === undefined) return "Next: run all stages, without --stage.";
    return `Next: stage ${next.stage}, ${next.name} (--stage ${next.stage}). Or leave out --stage, to see that the stages before still pass.`;
  }
  if (notRun !== undefined) {
    return `Next: stage ${notRun.stage}, ${notRun.name}. Add --start "COMMAND" with the command that starts your server, so that the check can kill it and start it again.`;
  }
  const lesson = asked.lesson === undefined ? undefined : lessonAfter(asked.lesson, profile);
  if (lesson !== undefined) {
    const { lesson: number, title, can } = lesson;
    return `Next: lesson ${number}, ${title}. There your server learns to ${can}. ${asked.howToGoOn ?? `Check it with --lesson ${number}.`}`;
  }
  if (profile === "seed") {
    return "Next: leave out --profile seed. The full specification (docs/spec.md) has messages with a text, and more rules.";
  }
  return "Your server does what docs/spec.md says, as far as the check can see. Next: put a client in front of it. ./plainchat register and ./plainchat chat work with any such server (--url), and docs/guides/clients.md shows how to write your own.";
}

function lessonAfter(last: number, profile: Profile): Lesson | undefined {
  return loadLessons().find(
    ({ lesson, cases }) => lesson > last && (profile === "full" || cases.some(({ seed }) => seed === true)),
  );
}
