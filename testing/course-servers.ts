/**
 * The servers of the course: the starters, the solutions after each lesson, and those with the whole seed. They are
 * found by a listing of their folders, and started with the commands of starters.json. Tests of the course and
 * prove/course.ts check them.
 */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { LAST_LESSON } from "../check/last-lesson.ts";
import { lessonsUpTo } from "../check/lessons.ts";
import { checkServer, firstFailureIn } from "../check/node/check-server.ts";
import { freePort } from "../check/node/free-port.ts";
import { isListening, ServerUnderTest } from "../check/node/server-under-test.ts";
import { countIn } from "../check/run-check.ts";
import { loadStages } from "../check/stages.ts";
import starters from "../course/starters/starters.json" with { type: "json" };
import type { Ending } from "./at-end.ts";
import { temporaryFolder } from "./temporary-folder.ts";

export interface Starter {
  name: string;
  file: string;
  start: string;
}

export interface CourseServer {
  /** Its place in the folder `course`: "solutions/python/05.py". */
  path: string;
  starter: Starter;
  /** The lesson after which the server is like this, or undefined for a starter or a server with the whole seed. */
  lesson?: number;
}

const COURSE = join(import.meta.dirname, "..", "course");
/** Java and Go compile first, and several servers run at once. */
const PATIENCE_MILLISECONDS = 20_000;
/** Lessons with restarts, kills or many cases take seconds each: the proof `course` runs them. */
export const SLOW_LESSONS = [6, 7, 8, 9, 10, 11, 12, 13, 14];

export const STARTERS: Record<string, Starter> = starters.starters;

/** @returns the starters, one for each language. */
export function courseStarters(): CourseServer[] {
  return Object.entries(STARTERS).map(([language, starter]) => ({
    path: `starters/${language}/${starter.file}`,
    starter,
  }));
}

/** @returns the solutions of the lessons, and the servers with the whole seed. @throws for a file of neither kind. */
export function courseSolutions(): CourseServer[] {
  return globSync("solutions/*/*.*", { cwd: COURSE })
    .map((path) => path.replaceAll("\\", "/"))
    .sort()
    .map((path) => {
      const starter = STARTERS[basename(dirname(path))];
      const [, number] = /^(?:(\d\d)|[Ss]eed)\.[a-z]+$/.exec(basename(path)) ?? [];
      if (starter === undefined) throw new Error(`${path} is in no language of starters.json`);
      if (number === undefined && !/^seed\./i.test(basename(path))) throw new Error(`${path} is of no lesson`);
      return { path, starter, ...(number !== undefined && { lesson: Number(number) }) };
    });
}

/** @returns what this machine lacks to run it, in a sentence, or undefined. */
export function whatIsMissing({ starter }: CourseServer): string | undefined {
  const [program = ""] = starter.start.split(" ");
  if (program === "node" || isInstalled(program)) return undefined;
  return `${starter.name} is missing: there is no program ${program}`;
}

const installed = new Map<string, boolean>();

function isInstalled(program: string): boolean {
  const known = installed.get(program);
  if (known !== undefined) return known;
  // Some systems have a program of this name that only says where to get the real one.
  const is = spawnSync(program, [program === "go" ? "version" : "--version"]).status === 0;
  installed.set(program, is);
  return is;
}

/** @returns the command that starts it, as you would type it. */
function startCommand(server: CourseServer, folder: string, port: string): string {
  return command(server, `${port} "${folder}"`);
}

function command({ path, starter }: CourseServer, inputs: string): string {
  return starter.start
    .replace(/^node /, `"${process.execPath}" `)
    .replace(starter.file, () => `"${join(COURSE, path)}"`)
    .replace("{port} {folder}", () => inputs);
}

/** Starts it with `--vectors`, and gives it lines. @returns the lines that it writes. @throws when it fails. */
export function answersToVectors(server: CourseServer, lines: string[]): string[] {
  const input = lines.map((line) => `${line}\n`).join("");
  const { stdout, stderr, status } = spawnSync(command(server, "--vectors"), { shell: true, input, encoding: "utf8" });
  if (status !== 0) throw new Error(`${server.path} --vectors ends with ${status}: ${stderr}`);
  return stdout.trimEnd().split("\n");
}

/** Starts it with the variable HOST. @returns whether it listens there, and whether also at 127.0.0.1. @throws when it ends. */
export async function listensAt(ending: Ending, server: CourseServer, host: string): Promise<[boolean, boolean]> {
  const folder = await temporaryFolder(ending);
  const port = await freePort();
  const there = `http://${host}:${port}`;
  const command = startCommand(server, folder, String(port));
  const started = new ServerUnderTest(command, there, {
    alsoAt: `http://127.0.0.1:${port}`,
    environment: { HOST: host },
  });
  try {
    await started.start();
    return [await isListening(there), await isListening(`http://127.0.0.1:${port}`)];
  } finally {
    await started.kill();
  }
}

/** Checks a starter. @returns what failed, or undefined. */
export function starterFailure(server: CourseServer): Promise<string | undefined> {
  return failure(server, { stages: lessonsUpTo(1) });
}

/** Checks a server with the whole seed. @returns what failed, or undefined. */
export function seedFailure(server: CourseServer): Promise<string | undefined> {
  return failure(server, { stages: loadStages(), profile: "seed" });
}

/** Checks a solution with the lessons up to its own. @returns what failed, or undefined. */
export function lessonFailure(server: CourseServer): Promise<string | undefined> {
  return failure(server, { stages: lessonsUpTo(server.lesson ?? 0) });
}

/** Checks a solution with its own lesson alone. @returns what failed, or undefined. */
export function ownLessonFailure(server: CourseServer): Promise<string | undefined> {
  return failure(server, { stages: lessonsUpTo(server.lesson ?? 0).slice(-1) });
}

/** Checks a solution with the next lesson alone. @returns what failed, or undefined: then it can do too much. */
export function nextLessonFailure(server: CourseServer): Promise<string | undefined> {
  return failure(server, { stages: lessonsUpTo((server.lesson ?? 0) + 1).slice(-1) });
}

export function isLast({ lesson }: CourseServer): boolean {
  return lesson === LAST_LESSON;
}

type Checked = Pick<Parameters<typeof checkServer>[0], "stages" | "profile">;

async function failure(server: CourseServer, checked: Checked): Promise<string | undefined> {
  const report = await checkServer({
    ...checked,
    patienceMilliseconds: PATIENCE_MILLISECONDS,
    command: (folder, port) => startCommand(server, folder, port),
  });
  const cannot = countIn(report, "cannot be asked");
  const isAsked = cannot === 0 || server.starter === STARTERS.php;
  return firstFailureIn(report) ?? (isAsked ? undefined : `${cannot} cases cannot be asked`);
}
