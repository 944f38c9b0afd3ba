/**
 * plainchat check URL: tests any server, written in any language. check/ has what it does.
 */
import { join } from "node:path";
import { type Command, Option } from "commander";
import { LAST_LESSON } from "../../check/last-lesson.ts";
import type { CheckCommandOptions, CheckProgram, Compare, Tell } from "../check/check-once.ts";
import { CliError, EXIT } from "../cli-error.ts";
import { addressFrom, classSecret, DEFAULT_URL, examples, pathFrom, wholeNumberFrom } from "../context.ts";
import { vectorsOfCourse } from "../vectors/vectors-of-course.ts";

const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const LAST_STAGE = 8;
const MIN_SECRET_CHARACTERS = 12;
/** Every server of the course has it, unless the learner chooses another. */
const COURSE_SECRET = "river-candle-orbit-maple";
const MAX_PATIENCE_SECONDS = 600;
const MAX_TIMES = 1000;

export function addCheck(program: Command, compare: Compare, tell: Tell): void {
  const ownFolder = join(import.meta.dirname, "..", "..");
  makeCheck(program.command("check").summary("test your own server"), {
    typed: "check ",
    compare,
    tell,
    ownFolder,
    vectorsFor: vectorsOfCourse,
  });
}

/** Makes a command the check. */
export function makeCheck(command: Command, program: CheckProgram): void {
  const { typed, compare, tell, vectorsFor } = program;
  if (compare !== undefined) {
    command.option("--explain", "show what plainchat itself does with the failed request, step by step");
  }
  if (tell !== undefined) {
    command.option("--report", "with --lesson: tell your class which lessons your server passes, and where it stops");
  }
  if (vectorsFor !== undefined) {
    command.addOption(
      new Option(
        "--vectors <command>",
        'with --lesson 8 or more: also ask this program about texts, such as "python3 server.py --vectors"',
      ).conflicts("times"),
    );
  }
  command
    .description(
      "Tests over HTTP, stage by stage, whether a server follows the specification (docs/spec.md). Shows the first failure, " +
        "with a curl command to try it yourself. The users and messages that it creates stay on the server.",
    )
    .argument("[url]", `the address of the server (${DEFAULT_URL})`, addressesFrom)
    .option(
      "--secret <secret>",
      `the class secret; without it or PLAINCHAT_SECRET you are asked, and with --lesson it is ${COURSE_SECRET}`,
    )
    .addOption(
      new Option("--profile <profile>", "seed tests only what the seed says").choices(["full", "seed"]).default("full"),
    )
    .option("--stage <n>", "run only this stage", wholeNumberFrom(0, LAST_STAGE))
    .addOption(
      new Option(
        "--lesson <n>",
        "run only the checks that lessons 1 to n prepare for, lesson by lesson; with --profile seed, only those of the seed",
      )
        .argParser(wholeNumberFrom(1, LAST_LESSON))
        .conflicts(["stage", "case"]),
    )
    .addOption(new Option("--case <id>", "run only this check, after stage 0").conflicts("stage"))
    .option(
      "--start <command>",
      "the command that starts your server, which finds the class secret in SECRET; stage 7 and lessons 6 and 12 kill it and start it again",
    )
    .option("--all", "show all failures, not only the first one")
    .option(
      "--times <n>",
      "run it this many times and say how many runs failed, to find mistakes that happen by chance",
      wholeNumberFrom(1, MAX_TIMES),
      1,
    )
    .option("--watch", "run again when your server comes back or you press Enter")
    .option("--junit <file>", "also write the result as JUnit XML", pathFrom)
    .option("--patience <seconds>", "how long to wait for a reply", wholeNumberFrom(1, MAX_PATIENCE_SECONDS), 5)
    .addHelpText(
      "after",
      examples(
        [`${typed}http://127.0.0.1:8000 --secret river-candle-orbit-maple`, "test a running server"],
        [`${typed}:8000 --case register.get-other-token`, "run one check again; the report shows its id"],
        ...(compare === undefined
          ? []
          : [[`${typed}:8000 --explain`, "see what plainchat does with the request that failed"] as [string, string]]),
        [`${typed}:8000 --stage 2 --watch`, "work on one stage and see the result at once"],
        [
          `${typed}:8000 --lesson 3`,
          "write your server step by step, and see whether it can do what lessons 1 to 3 teach",
        ],
        ...(tell === undefined
          ? []
          : [
              [`${typed}:8000 --lesson 3 --watch --report`, "in a class: the teacher sees where you are"] as [
                string,
                string,
              ],
            ]),
        [`${typed}:8000 --stage 6 --times 20`, "find a mistake that happens only sometimes"],
        [`${typed}:8000 --start "python3 server.py"`, "start it, kill it and see what it has saved"],
      ),
    )
    .action(async (urls: string[] | undefined, options: CheckCommandOptions, command: Command) => {
      const servers = urls ?? addressesFrom(`:${new URL(DEFAULT_URL).port}`);
      if (options.report === true && options.lesson === undefined) {
        throw new CliError("--report needs --lesson: the class is told how far you are in the lessons", EXIT.usage);
      }
      const secret =
        options.lesson !== undefined && process.env.PLAINCHAT_SECRET === undefined
          ? (options.secret ?? COURSE_SECRET)
          : await classSecret(options.secret);
      if (secret.length < MIN_SECRET_CHARACTERS) {
        throw new CliError(`A class secret has at least ${MIN_SECRET_CHARACTERS} characters`, EXIT.usage);
      }
      // The server that the check started ends with it, also on Ctrl-C and when the terminal is closed.
      for (const signal of ENDING_SIGNALS) process.once(signal, () => process.exit(EXIT.interrupted));
      const { checkOnce, exitCodeOf } = await import("../check/check-once.ts");
      const once = async () => {
        const report = await checkOnce(servers, secret, options, command, {
          ...program,
          vectors: vectorsFor?.(options),
        });
        if (options.report === true) await tell?.(report, command);
        return exitCodeOf(report);
      };
      if (options.watch === true) {
        const { watch } = await import("../check/watch.ts");
        await watch(servers, options, once);
      } else process.exitCode = await once();
    });
}

/** The address that was typed. A port alone or localhost means this computer, where a server listens in one of two places. */
function addressesFrom(typed: string): string[] {
  const address = addressFrom(typed);
  const { hostname, port, protocol } = new URL(address);
  const isHere = /^:\d+/.test(typed) || hostname === "localhost";
  return isHere ? [address, `${protocol}//[::1]${port === "" ? "" : `:${port}`}`] : [address];
}
