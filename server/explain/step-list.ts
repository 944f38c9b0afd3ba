/**
 * Reads the steps of every operation from its source: the id, the sentence, and the lines of code. The server reads the
 * source as text once, when it starts. That text is also what runs, so a trace cannot show anything else.
 * docs/spec.md has the same ids and the same sentences, and tests/spec.test.ts compares them.
 */
import { readdirSync, readFileSync } from "node:fs";

/** One step, such as `register.post.1.3`. */
export interface Step {
  id: string;
  /** From docs/spec.md: "Is `secret` a string of 12-64 characters? No: 401." */
  sentence: string;
  source: {
    /** From the repository's root: `server/operations/register-user.ts`. */
    file: string;
    /** The line at which the step and `code` begin, counted from 1. */
    line: number;
    /** The lines of the step. The first is the assignment that names it. */
    code: string;
  };
}

const FOLDER = new URL("../operations/", import.meta.url);

/** The steps by operation: "chat.post" has "chat.post.1.1" and so on, in order. */
export function readSteps(): Map<string, readonly Step[]> {
  const operations = new Map<string, Step[]>();
  for (const name of readdirSync(FOLDER, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".ts") || name.endsWith(".test.ts")) continue;
    const steps = stepsIn(
      readFileSync(new URL(name, FOLDER), "utf8"),
      `server/operations/${name.replaceAll("\\", "/")}`,
    );
    const operation = steps[0]?.id.split(".").slice(0, 2).join(".");
    if (operation !== undefined) operations.set(operation, steps);
  }
  return operations;
}

function stepsIn(source: string, file: string): Step[] {
  const steps: Step[] = [];
  let code: string[] = [];
  const endStep = () => {
    const step = steps.at(-1);
    if (step !== undefined && code.length > 0) step.source.code = withoutIndent(code);
    code = [];
  };
  // What follows the operation, such as a function that it uses, belongs to no step.
  let isInside = false;
  for (const [i, line] of source.split(/\r?\n/).entries()) {
    const [, id, sentence] = /^\s*call\.step = "([^"]+)"; \/\/ (.*)$/.exec(line) ?? [];
    if (id !== undefined && sentence !== undefined) {
      endStep();
      steps.push({ id, sentence, source: { file, line: i + 1, code: "" } });
      isInside = true;
    }
    if (line === "}") {
      endStep();
      isInside = false;
    }
    if (isInside) code.push(line);
  }
  endStep();
  return steps;
}

/** Also cuts off closing braces of a block of several steps, because they belong to none of them. */
function withoutIndent(lines: string[]): string {
  const kept = [...lines];
  const count = (bracket: string) => kept.join("").split(bracket).length - 1;
  while (kept.length > 0 && (count("{") < count("}") || isBlankOrComment(kept.at(-1)))) kept.pop();
  const indent = Math.min(...kept.filter((line) => line.trim() !== "").map((line) => line.search(/\S/)));
  return kept.map((line) => line.slice(indent)).join("\n");
}

function isBlankOrComment(line = ""): boolean {
  return /^\s*(\/\/.*)?$/.test(line);
}
