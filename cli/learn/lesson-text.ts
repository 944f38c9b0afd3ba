/**
 * Reads the text of a lesson: Markdown with six parts, the same ones in each language, in the same order. course.ts
 * calls it. markdown.ts shows the parts in the terminal.
 */

/** The parts, as Markdown. */
export interface LessonText {
  idea: string;
  tryIt: string;
  task: string;
  look: string;
  hints: string[];
  how: string;
}

/** The message is the end of a sentence. */
export class NoLessonText extends Error {}

const PARTS = 6;
const FENCE = /^\s*```/;
/** What somebody does who starts the server and the check by hand, and what `plainchat learn` says in its place. */
const BY_HAND = /^<!-- by hand -->\n[\s\S]*?^<!-- in learn(?: -->|\n([\s\S]*?)^-->)$/gm;

/** @throws {NoLessonText} when a part is missing. */
export function readLessonText(markdown: string): LessonText {
  const lines = inLearn(markdown).split("\n");
  const [, ...parts] = splitAt("## ", lines);
  const [idea = "", tryIt = "", task = "", look = "", allHints = "", how = ""] = parts;
  if (parts.length !== PARTS) {
    throw new NoLessonText(
      `it has ${parts.length} parts that begin with "## ", but a lesson has ${PARTS}: the idea, what to try, the task, what to see, hints, and how plainchat does it`,
    );
  }
  const [, ...hints] = splitAt("### ", allHints.split("\n"));
  if (hints.length === 0) throw new NoLessonText("it has no hint");
  return { idea, tryIt, task, look, hints: hints.map((each) => each.split("\n").slice(1).join("\n").trim()), how };
}

/** The course as `learn` shows it: `learn` starts the server and runs the checks. course/README.md has the marks. */
function inLearn(markdown: string): string {
  return markdown
    .replace(/^\ufeff/, "")
    .replaceAll("\r\n", "\n")
    .replaceAll(BY_HAND, (_, inItsPlace = "") => inItsPlace);
}

/** Splits before each line with this heading, unless it is in code. The first part is what comes before them all. */
function splitAt(heading: string, lines: string[]): string[] {
  const parts: string[][] = [[]];
  let isCode = false;
  for (const line of lines) {
    if (FENCE.test(line)) isCode = !isCode;
    if (!isCode && line.startsWith(heading)) parts.push([]);
    parts.at(-1)?.push(line);
  }
  return parts.map((part) => part.join("\n").trim());
}
