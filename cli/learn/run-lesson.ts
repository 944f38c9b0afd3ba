/**
 * Runs the checks of a lesson against the learner's server, with the same runner and the same report as
 * `plainchat check --lesson N`. session.ts calls it after each save, once.ts with `--once`.
 */
import type { Command } from "commander";
import type { ServerUnderTest } from "../../check/node/server-under-test.ts";
import type { Report } from "../../check/run-check.ts";
import { type Compare, checkOnce } from "../check/check-once.ts";
import { VECTORS_LESSON, type VectorsCheck, vectorsCase } from "../vectors/vectors-case.ts";
import { vectorsCommand } from "../vectors/vectors-command.ts";
import type { Course } from "./course.ts";
import { environmentFor, programOf } from "./installed.ts";
import type { LearnersFolder } from "./learners-folder.ts";
import { SECRET } from "./learners-server.ts";
import { ownLine } from "./why-not-started.ts";

const PATIENCE_SECONDS = 5;

export interface LearnOptions {
  lesson?: number;
  language?: string;
  texts?: "en" | "de";
  once?: true;
  list?: true;
  /** Undefined: in class mode, if the learner is registered there. */
  report?: boolean;
  explain?: true;
  course?: string;
}

interface Run {
  course: Course;
  folder: LearnersFolder;
  server: ServerUnderTest;
  /** Whether it still runs when the learner reads the report. */
  goesOn: boolean;
  lesson: number;
  command: Command;
  compare: Compare;
  howToGoOn?: string;
}

export function runLesson({
  course,
  folder,
  server,
  goesOn,
  lesson,
  command,
  compare,
  howToGoOn,
}: Run): Promise<Report> {
  const { explain } = command.opts<LearnOptions>();
  const options = {
    profile: "full",
    lesson,
    times: 1,
    patience: PATIENCE_SECONDS,
    ...(explain && { explain }),
  } as const;
  return checkOnce([server.url], SECRET, options, command, {
    typed: "learn ",
    compare,
    running: { server, goesOn },
    ...(lesson >= VECTORS_LESSON && vectorsOf(course, folder)),
    ...(howToGoOn !== undefined && { howToGoOn }),
  });
}

/** The vectors, if the course has some: the learner's server answers them as a program of its own. */
function vectorsOf(
  course: Course,
  { path, serverPath, state }: LearnersFolder,
): { vectors?: () => Promise<VectorsCheck> } {
  const vectors = course.vectors(VECTORS_LESSON);
  if (vectors === undefined) return {};
  const command = vectorsCommand(state.start);
  const environment = { ...environmentFor(programOf(state.start)), SECRET };
  const place = (printed: string) => {
    const line = ownLine(printed, serverPath);
    return line === undefined ? undefined : `look first at line ${line.number} of ${state.file}: ${line.code}`;
  };
  return { vectors: () => vectorsCase({ command, vectors, folder: path, environment }, place) };
}
