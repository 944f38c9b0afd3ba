/**
 * Shows the vectors as one more case of their lesson, so that the report, the JSON, the exit code and the class treat
 * them like every other check. check-once.ts puts it before the other cases of the lesson.
 */
import type { Failure } from "../../check/report/failure.ts";
import { visible, visibleInLine } from "../../check/report/visible.ts";
import type { CaseResult, Report } from "../../check/run-check.ts";
import { runVectors, type VectorsOptions, type WrongVector } from "./run-vectors.ts";
import { codePointsOf, question, rightLine } from "./vector.ts";

/** The lesson that teaches `--vectors`. From then on, the server answers them. */
export const VECTORS_LESSON = 8;
export const VECTORS_CASE = "vectors";
const MAX_CHARACTERS = 300;
const MAX_LINES = 8;
const MAX_SENT_CHARACTERS = 120;
const HINT =
  "Started with --vectors, your server reads lines of JSON from standard input. For each line it prints one line of JSON and flushes it, and nothing else. When the input ends, it ends.";
const HINT_FOR_ANSWER =
  "Answer with the same functions that your server uses for handles and messages, and mend them there. A length counts code points, not bytes and not pieces of 16 bits.";

export interface VectorsCheck {
  result: CaseResult;
  /** For the end of the failure: how to ask about the same text again. */
  more: string[];
}

/** Runs them. @param place says where in the learner's file a mistake is, if its output says so. */
export async function vectorsCase(
  options: VectorsOptions,
  place: (printed: string) => string | undefined = () => undefined,
): Promise<VectorsCheck> {
  const began = performance.now();
  const { right, wrong } = await runVectors(options);
  const of = options.vectors.length;
  const title = `Started with --vectors, it says what is right about ${of} texts`;
  const milliseconds = performance.now() - began;
  const hint = wrong?.line !== undefined && wrong.why === "answer" ? HINT_FOR_ANSWER : HINT;
  const made = { id: VECTORS_CASE, title, steps: [], do: [], hint };
  if (wrong === undefined) return { result: { case: made, outcome: "passed", milliseconds }, more: [] };
  const which = wrong.vector === undefined ? [] : [`text ${right + 1} of ${of} is ${inWords(wrong.vector.text)}`];
  const where = place(wrong.printed);
  const failure: Failure = {
    mistakes: [...which, ...mistakesOf(wrong), ...(where === undefined ? [] : [where])],
    ...(wrong.vector !== undefined && { expected: cut(rightLine(wrong.vector)) }),
    received: wrong.line === undefined ? lastOf(wrong.printed) : cut(visible(wrong.line)),
    before: [],
  };
  return { result: { case: made, outcome: "failed", failure, milliseconds }, more: howToAsk(wrong, options.command) };
}

/** Puts it before the other cases of its lesson, if the lesson is asked. */
export function addVectors({ stages }: Report, result: CaseResult): void {
  stages.find(({ stage, isLesson }) => isLesson && stage === VECTORS_LESSON)?.results.unshift(result);
}

/** The text as it looks, and its code points. */
function inWords(text: string): string {
  return `${cut(visible(JSON.stringify(text)))}, ${codePointsOf(text)}`;
}

function mistakesOf({ why, mistakes, exitCode, milliseconds = 0 }: WrongVector): string[] {
  const code = exitCode === undefined ? "" : ` with exit code ${exitCode}`;
  const seconds = Math.round(milliseconds / 1000);
  switch (why) {
    case "answer":
      return mistakes;
    case "ended":
      return [`your server ended${code} before it had answered this text`];
    case "silent":
      return [
        `for ${seconds} seconds, no line came`,
        "Does your server read standard input, and flush each line? When its first argument is --vectors, it must not listen at a port",
      ];
    case "too much":
      return ["your server printed more than 2 MiB, so it was stopped. Does it write in an endless loop?"];
    case "more":
      return ["all texts were answered, and then one more line came"];
    case "goes on":
      return [`all answers are right, but ${seconds} seconds after the end of its input your server had not ended`];
    case "failed":
      return [`all answers are right, but then your server ended${code}`];
  }
}

/** For shells that have printf. Long texts are no fun to copy. */
function howToAsk({ vector }: WrongVector, command: string): string[] {
  if (vector === undefined || process.platform === "win32") return [];
  const line = question(vector);
  if (line.length > MAX_SENT_CHARACTERS || line.includes("'")) return [];
  return ["Send it yourself:", `  printf '%s\\n' '${line}' | ${visibleInLine(command)}`];
}

function lastOf(printed: string): string {
  if (printed === "") return "nothing";
  return printed
    .split(/\r?\n/)
    .slice(-MAX_LINES)
    .map((line) => cut(visible(line)))
    .join("\n");
}

function cut(text: string): string {
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text;
}
