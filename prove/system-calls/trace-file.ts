/**
 * Reads what strace has written: one system call after the other, with the files that it was about. Calls of several
 * threads are told apart, and a call that was interrupted by another thread's comes where it ended.
 */

export interface SystemCall {
  thread: string;
  name: string;
  /** What stands between the parentheses. */
  rest: string;
  /** Paths in it, absolute: those of open files (`3</path>`) and those in quotes. */
  paths: string[];
  /** The number it returned, or NaN where the process died in it, or strace looked away before it ended. */
  result: number;
  /** Whether strace made it fail. */
  injected: boolean;
}

const LINE = /^(\d+) +(\w+)\((.*)(?:\) += +(-?\d+|\?)(.*)| <detached \.\.\.>)$/;
const UNFINISHED = /^(\d+) +(.*?)\s*<unfinished \.\.\.>$/;
const RESUMED = /^(\d+) +<\.\.\. (\w+) resumed>(.*)$/;

/** @param text of `strace -f -y -o`. */
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
    const [, thread = "", name = "", rest = "", result = "?", behind = ""] = LINE.exec(whole) ?? [];
    if (name === "") continue;
    const paths = [...rest.matchAll(/<(\/[^>]*)>|"(\/[^"]*)"/g)].map(([, file, quoted]) => file ?? quoted ?? "");
    calls.push({ thread, name, rest, paths, result: Number(result), injected: behind.includes("(INJECTED)") });
  }
  return calls;
}
