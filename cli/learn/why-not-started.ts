/**
 * Says why a learner's server did not start or has ended: its last lines, and the line of the learner's own file that they
 * name. An error of Python, Node, Go, PHP or Java is long, and a learner does not know yet which part of it matters.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { type CannotStart, endedInWords, type ServerUnderTest } from "../../check/node/server-under-test.ts";
import { joined, line, type Printable, style } from "../styled.ts";
import { proseIn } from "./markdown.ts";

const MAX_LINES = 12;
const MAX_COLUMNS = 200;
/** Lines about the inside of Node, which come after those about the mistake. */
const ABOUT_NODE = /^\s+at .*\bnode:|^Node\.js v\d|^\s*$/;

/** Why it did not start. */
export async function whyNotStarted(
  { why, message }: CannotStart,
  server: ServerUnderTest | undefined,
  serverPath: string,
  columns: number,
): Promise<Printable> {
  const now = await server?.now();
  const url = server?.url ?? "";
  const file = basename(serverPath);
  const sentence = {
    ended: `Your server ended${endedInWords(now ?? {})} before it listened.`,
    "port taken": `Your server ended${endedInWords(now ?? {})}, because its port is taken.`,
    "never listened": `Your server was started, but nothing listens at ${url}. It must listen at 127.0.0.1, at the port of its first argument.`,
    "still listening": message,
  }[why];
  const said = proseIn(`✗ **${sentence}**`, columns);
  const more = isNotFound(server?.printed ?? "")
    ? [`  The program that runs ${file} is not installed on this computer.`]
    : [];
  return joined([said, ...more, ...printedLines(server, serverPath)]);
}

/** What a server printed before it ended. */
export function howItEnded(how: { exitCode?: number; signal?: string }, server: ServerUnderTest, serverPath: string) {
  const sentence = `Your server has ended${endedInWords(how)}.`;
  return joined([line`${style("red", "✗")} ${style("bold", sentence)}`, ...printedLines(server, serverPath)]);
}

function printedLines(server: ServerUnderTest | undefined, serverPath: string): Printable[] {
  const printed = server?.printed ?? "";
  if (printed === "") return [line`  It printed nothing.`];
  const shown = printed
    .split(/\r?\n/)
    .filter((each) => !ABOUT_NODE.test(each))
    .slice(-MAX_LINES);
  const lines: Printable[] = ["  The last lines that it printed:"];
  for (const each of shown) lines.push(line`    ${each.slice(0, MAX_COLUMNS).replaceAll("\t", "    ")}`);
  const place = ownLine(printed, serverPath);
  if (place !== undefined) {
    lines.push(line`  ${style("bold", "Look first:")} line ${place.number} of ${basename(serverPath)}:`);
    lines.push(line`    ${place.code}`);
  }
  return lines;
}

/** The shell says so if there is no such program. */
function isNotFound(printed: string): boolean {
  return printed.split("\n").length <= 2 && /(command |: )not found|is not recognized/.test(printed);
}

/** The line of the learner's file that an error names, and the code there. */
export function ownLine(printed: string, serverPath: string): { number: number; code: string } | undefined {
  const file = basename(serverPath).replaceAll(".", "\\.");
  // File "server.py", line 3 | server.ts:3 | server.php on line 3 | server.ts(3,1)
  const name = String.raw`(?<![\w.-])${file}(?:", line |:| on line |\()(\d+)`;
  const found = [...printed.matchAll(new RegExp(name, "g"))];
  // Python has the place of the mistake at the end, and the others have it at the beginning.
  const match = file.endsWith("py") ? found.at(-1) : found[0];
  const number = Number(match?.[1]);
  if (match === undefined) return undefined;
  try {
    const code = readFileSync(serverPath, "utf8").split(/\r?\n/)[number - 1];
    return code === undefined ? undefined : { number, code: code.trim() };
  } catch {
    return undefined;
  }
}
