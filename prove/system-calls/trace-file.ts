/**
 * Reads the output of strace: one system call after the other, with the files it was about. It knows which thread made
 * each call. A call that another thread interrupted comes at the place where it ended.
 */

export interface SystemCall {
  thread: string;
  name: string;
  /** The text between the parentheses. */
  rest: string;
  /** The absolute paths in it: those of open files (`3</path>`) and those in quotes. */
  paths: string[];
  /** The number it returned. NaN if the process died in it, or strace detached before it ended. */
  result: number;
  /** Whether strace made it fail. */
  injected: boolean;
}

const LINE = /^(\d+) +(\w+)\((.*)(?:\) += +(-?\d+|\?)(.*)| <detached \.\.\.>)$/;
const UNFINISHED = /^(\d+) +(.*?)\s*<unfinished \.\.\.>$/;
const RESUMED = /^(\d+) +<\.\.\. (\w+) resumed>(.*)$/;

/** @param text the output of `strace -f -y -o`. */
export function readTrace(text: string): SystemCall[] {
  const begun = new Map<string, string>();
  const calls: SystemCall[] = [];
  for (const line of text.split("\n")) {
    const unfinished = UNFINISHED.exec(line);
    if (unfinished !== null) {
      begun.set(unfinished[1] ?? "", unfinished[2] ?? "");
      continue;
    }
    const resumed = RESUMED.exec(line);
    const whole = resumed === null ? line : `${resumed[1]} ${begun.get(resumed[1] ?? "")}${resumed[3]}`;
    const [, thread = "", name = "", rest = "", result = "?", end = ""] = LINE.exec(whole) ?? [];
    if (name === "") continue;
    const paths = [...rest.matchAll(/<(\/[^>]*)>|"(\/[^"]*)"/g)].map(([, file, quoted]) => file ?? quoted ?? "");
    calls.push({ thread, name, rest, paths, result: Number(result), injected: end.includes("(INJECTED)") });
  }
  return calls;
}
