/**
 * Runs the server under strace, which writes down every file that the server names, and checks these files. The server
 * may read its data, its own sources and the files that every program reads. It may write only its data.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { realpathSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { atEnd, type Ending } from "../../testing/at-end.ts";

const REPOSITORY = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");
/** The packages may be shared by several copies of the repository. */
const PACKAGES = realpathSync(join(REPOSITORY, "node_modules"));
/** Node keeps the compiled code there (server/main.ts). */
const COMPILED = join(REPOSITORY, "node_modules/.cache/compiled");
const MAIN = join(REPOSITORY, "server", "main.ts");
/** What every program on Linux reads: its libraries, facts about itself, how much memory there is. */
const FOR_EVERYBODY = ["/usr/lib", "/lib", "/lib64", "/proc", "/sys", "/dev/null", "/dev/urandom"];
const WRITING =
  /^(?:mkdir|rmdir|unlink|rename|link|symlink|truncate|chmod|chown|fchmodat|fchownat|utime|mknod|creat|setxattr)|O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/;

export const isStraceHere = () => spawnSync("strace", ["-V"]).status === 0;

export async function startTraced(ending: Ending, root: string, trace: string) {
  // With -D the server itself is our child, and strace is a separate process that ends with it.
  const flags = ["-D", "-f", "--seccomp-bpf", "-y", "-s", "4096", "-e", "trace=%file", "-o", trace];
  const child = spawn("strace", [...flags, process.execPath, MAIN, "--root", root, "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    await ended;
  };
  atEnd(ending, stop);
  let output = "";
  child.stdout.setEncoding("utf8");
  for await (const piece of child.stdout) {
    output += piece;
    const origin = /"address":"(http:[^"]+)".*"ready"/.exec(output)?.[1];
    if (origin === undefined) continue;
    child.stdout.resume();
    return { origin, secret: (await readFile(join(root, "users", "secret.dat"), "utf8")).trim(), stop };
  }
  throw new Error(`The server ended under strace before it was ready:\n${output}`);
}

/**
 * Finds files that the server had no reason to touch, each with what it did. A file that it read at its start, before
 * the first request, it may read again: the system decides which files those are. The first access to the first user's
 * file shows that requests have begun.
 */
export async function filesTouched(trace: string, { root }: { root: string }): Promise<string[]> {
  const wrong = new Set<string>();
  const readAtStart = new Set<string>();
  let hasBegun = false;
  for (const line of (await wholeTrace(trace)).split("\n")) {
    const [, call = "", rest = ""] = /^\d+ +(\w+)\((.*)$/.exec(line) ?? [];
    if (call === "") continue;
    const isWriting = WRITING.test(call) || WRITING.test(rest);
    for (const path of pathsIn(rest)) {
      if (path === join(root, "users", "1.dat")) hasBegun = true;
      if (!hasBegun && !isWriting) readAtStart.add(path);
      const allowed = isWriting
        ? [root, COMPILED, "/dev/null"]
        : [root, REPOSITORY, PACKAGES, ...FOR_EVERYBODY, ...readAtStart];
      // Loading a module looks in the folders above for files such as package.json.
      const isAbove =
        !isWriting && [root, REPOSITORY, PACKAGES, process.execPath].some((each) => each.startsWith(path));
      if (!isAbove && !allowed.some((each) => path === each || path.startsWith(`${each}/`)))
        wrong.add(`${call} ${path}`);
    }
  }
  return [...wrong];
}

/** `openat(5</folder>, "name")` and `openat(AT_FDCWD</folder>, "name")` name /folder/name. */
function pathsIn(rest: string): string[] {
  return [...rest.matchAll(/(?:<([^>]*)>, )?"((?:[^"\\]|\\.)*)"/g)].map(([, folder = process.cwd(), name = ""]) =>
    resolve(folder, name),
  );
}

/** strace ends a moment after the server. */
async function wholeTrace(trace: string): Promise<string> {
  for (let i = 0; i < 50; i++) {
    const text = await readFile(trace, "utf8");
    if (/\+\+\+ exited with \d+ \+\+\+\n$/.test(text)) return text;
    await setTimeout(100);
  }
  throw new Error("strace did not finish its trace");
}
