/**
 * Shows what is different between two versions of a file, with some lines around each difference. `s` in `plainchat learn`
 * shows the solution beside the learner's own server with it.
 */
import { diff } from "node:util";
import { line, type Styled, style } from "../styled.ts";

const LINES_AROUND = 3;

interface Line {
  mark: " " | "-" | "+";
  text: string;
  /** In the first version. */
  number: number;
}

/** @returns lines for the terminal. Empty if both are the same. */
export function solutionDiff(own: string, solution: string): Styled[] {
  const lines = compared(linesOf(own), linesOf(solution));
  const isNear = lines.map((_, i) =>
    lines.slice(Math.max(0, i - LINES_AROUND), i + LINES_AROUND + 1).some(({ mark }) => mark !== " "),
  );
  const shown: Styled[] = [];
  for (const [i, { mark, text, number }] of lines.entries()) {
    if (!isNear[i]) continue;
    if (i === 0 || !isNear[i - 1]) shown.push(style("cyan", `@ line ${number}`));
    const colour = mark === "-" ? "red" : mark === "+" ? "green" : "reset";
    const row = `${mark} ${text.replaceAll("\t", "    ")}`;
    shown.push(mark === " " ? line`${row}` : style(colour, row));
  }
  return shown;
}

/** Line breaks of Windows are those of Unix. The blanks at the end of a line do not matter. */
function linesOf(code: string): string[] {
  return code
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .map((each) => each.trimEnd());
}

function compared(own: string[], solution: string[]): Line[] {
  let number = 1;
  return diff(own, solution).map(([what, text]) => {
    const each: Line = { mark: what === 0 ? " " : what > 0 ? "-" : "+", text, number };
    if (what >= 0) number++;
    return each;
  });
}
