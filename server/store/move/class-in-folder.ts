/**
 * The folder `class` for a move: reads what is in it, and writes it as class-folder.ts would have written it. Damaged
 * files are set aside first and reported, as at a start. Files about people who are no users are left over from a
 * crash, and count for nothing. folder-contents.ts and write-folder.ts call it.
 */
import { mkdir, readFile, stat } from "node:fs/promises";
import { encodeKeys } from "../class/class-keys.ts";
import { ClassRepair } from "../class/class-repair.ts";
import { encodeProgress } from "../class/progress.ts";
import { NOTHING_KNOWN, readClass } from "../class/read-class.ts";
import { encodeCode, readCode } from "../class/rejoin-codes.ts";
import { syncFolder } from "../files/durable-file.ts";
import { namesIn } from "../files/names-in.ts";
import { ABOUT_PUPILS, type AboutPupil, type Paths } from "../files/paths.ts";
import type { Report } from "../report.ts";
import {
  type ClassFacts,
  classFacts,
  NO_CLASS,
  type StoredClass,
  type StoredCode,
  type StoredMark,
} from "./stored-class.ts";
import { writeNewFiles } from "./write-new-files.ts";

const FOLDER_MODE = 0o700;

export async function readClassFolder(
  paths: Paths,
  isUser: (userId: number) => boolean,
  report: Report,
): Promise<StoredClass> {
  if (namesIn(paths.class).length === 0) return NO_CLASS;
  await new ClassRepair(paths, report).atStart();
  const { keys, id, teacherId, label, facts, pupils, progress } = readClass(paths, NOTHING_KNOWN).known;
  const { isPaused, showsTexts, showsBoard = false, lesson } = facts;
  const since = (name: "paused.json" | "texts-shown.json" | "board-shown.json", isThere: boolean) =>
    isThere ? sinceIn(paths.classFile(name)) : undefined;
  const ids = (about: AboutPupil) => [...pupils[about]].filter(isUser).sort((a, b) => a - b);
  const marks = (about: "muted" | "hidden" | "hands") =>
    Promise.all(
      ids(about).map(async (userId): Promise<StoredMark> => {
        return { userId, since: await sinceIn(paths.pupilFile(about, userId)) };
      }),
    );
  return {
    facts: classFacts({
      keys,
      id,
      teacherId,
      label,
      lesson,
      pausedSince: await since("paused.json", isPaused),
      textsShownSince: await since("texts-shown.json", showsTexts),
      boardShownSince: await since("board-shown.json", showsBoard),
    }),
    muted: await marks("muted"),
    hidden: await marks("hidden"),
    hands: await marks("hands"),
    codes: (await Promise.all(ids("codes").map((userId) => codeOf(userId, paths)))).filter(
      (code) => code !== undefined,
    ),
    progress: ids("progress").flatMap((userId) => {
      const known = progress.get(userId);
      return known === undefined ? [] : [{ userId, progress: known.progress }];
    }),
  };
}

/** Writes nothing, not even the folder, if there is no class. */
export async function writeClassFolder(stored: StoredClass, paths: Paths): Promise<void> {
  const files = [...filesOfClass(stored.facts, paths), ...filesOfPupils(stored, paths)];
  if (files.length === 0) return;
  const folders = [paths.class, ...ABOUT_PUPILS.map((about) => paths.pupilFolder(about))];
  for (const folder of folders) await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  await writeNewFiles(files);
  for (const folder of folders) await syncFolder(folder);
}

function filesOfClass(facts: ClassFacts, paths: Paths): [path: string, text: string][] {
  const { keys, id, teacherId, label, lesson, pausedSince, textsShownSince, boardShownSince } = facts;
  const texts = {
    "keys.json": keys && encodeKeys(keys),
    "id.dat": id,
    "teacher.dat": teacherId?.toString(),
    "label.dat": label,
    "lesson.dat": lesson?.toString(),
    "paused.json": pausedSince && encodeMark(pausedSince),
    "texts-shown.json": textsShownSince && encodeMark(textsShownSince),
    "board-shown.json": boardShownSince && encodeMark(boardShownSince),
  };
  const names = Object.keys(texts) as (keyof typeof texts)[];
  return names.flatMap((name): [string, string][] => {
    const text = texts[name];
    return text === undefined ? [] : [[paths.classFile(name), text]];
  });
}

function filesOfPupils({ codes, progress, ...marks }: StoredClass, paths: Paths): [path: string, text: string][] {
  return [
    ...(["muted", "hidden", "hands"] as const).flatMap((about) =>
      marks[about].map(({ userId, since }): [string, string] => [paths.pupilFile(about, userId), encodeMark(since)]),
    ),
    ...codes.map((code): [string, string] => [paths.pupilFile("codes", code.userId), encodeCode(code)]),
    ...progress.map((of): [string, string] => [paths.pupilFile("progress", of.userId), encodeProgress(of.progress)]),
  ];
}

function encodeMark(since: string): string {
  return JSON.stringify({ since });
}

/** Since when something holds. A file that somebody has made by hand need not say it: then its own time counts. */
async function sinceIn(path: string): Promise<string> {
  try {
    return new Date(JSON.parse(await readFile(path, "utf8")).since).toISOString();
  } catch {
    return (await stat(path)).mtime.toISOString();
  }
}

async function codeOf(userId: number, paths: Paths): Promise<StoredCode | undefined> {
  const code = await readCode(paths.pupilFile("codes", userId));
  return code && { userId, ...code };
}
