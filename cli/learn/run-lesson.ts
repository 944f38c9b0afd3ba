/**
 * Runs the checks of a lesson against the learner's server, with the same runner and the same report as
 * `plainchat check --lesson N`. session.ts calls it after each save, commands/learn.ts once with `--once`.
 */
import type { Command } from "commander";
import type { ServerUnderTest } from "../../check/node/server-under-test.ts";
import type { Report } from "../../check/run-check.ts";
import { type Compare, checkOnce } from "../check/check-once.ts";
import { SECRET } from "./learners-server.ts";

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
  server: ServerUnderTest;
  /** Whether it still runs when the learner reads the report. */
  goesOn: boolean;
  lesson: number;
  command: Command;
  compare: Compare;
  howToGoOn?: string;
}

export function runLesson({ server, goesOn, lesson, command, compare, howToGoOn }: Run): Promise<Report> {
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
    ...(howToGoOn !== undefined && { howToGoOn }),
  });
}
