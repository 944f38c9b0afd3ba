/**
 * `plainchat learn --once`: starts the learner's server, runs the checks of a lesson once, prints what `plainchat check`
 * prints, and ends with its exit code. It asks nothing and writes nothing into the folder but what the server writes.
 */
import type { Command } from "commander";
import { CannotStart } from "../../check/node/server-under-test.ts";
import { type Compare, exitCodeOf, type Tell } from "../check/check-once.ts";
import { CliError, EXIT } from "../cli-error.ts";
import type { GlobalOptions } from "../context.ts";
import { tell } from "../output.ts";
import type { Course } from "./course.ts";
import type { LearnersFolder } from "./learners-folder.ts";
import { LearnersServer } from "./learners-server.ts";
import { type LearnOptions, runLesson } from "./run-lesson.ts";
import { whyNotStarted } from "./why-not-started.ts";

/** Without a terminal. */
const DEFAULT_COLUMNS = 100;

interface Once {
  course: Course;
  folder: LearnersFolder;
  command: Command;
  compare: Compare;
  tellClass: Tell | undefined;
}

/** @throws {CliError} with `--json`, when the server does not start. */
export async function learnOnce({ course, folder, command, compare, tellClass }: Once): Promise<void> {
  const { lesson = folder.state.lesson } = command.opts<LearnOptions>();
  const learners = new LearnersServer({
    folder: folder.path,
    start: folder.state.start,
    port: folder.state.port,
    onOtherPort: (taken, port) =>
      tell(
        `Something else listens at port ${taken}. The server is at port ${port}. If the other one is yours, stop it: two servers in one folder write over each other's files.`,
      ),
    onWaiting: (url) => tell(`Waiting for the server to listen at ${url}.`),
    onEnded: () => {},
  });
  try {
    const server = await learners.start();
    const report = await runLesson({ course, folder, server, goesOn: false, lesson, command, compare });
    await tellClass?.(report, command);
    process.exitCode = exitCodeOf(report);
  } catch (error) {
    if (!(error instanceof CannotStart)) throw error;
    if (command.optsWithGlobals<GlobalOptions>().json) throw new CliError(error.message, EXIT.unreachable);
    tell(await whyNotStarted(error, learners.underTest, folder.serverPath, process.stderr.columns ?? DEFAULT_COLUMNS));
    process.exitCode = EXIT.unreachable;
  } finally {
    await learners.stop();
  }
}
