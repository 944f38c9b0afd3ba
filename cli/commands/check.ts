/**
 * plainchat check URL: put a server, in whatever language it is written, to the test.
 */
import { access, constants, mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { type Command, Option } from "commander";
import { CannotStart, isListening, ServerUnderTest } from "../../check/exchange/server-under-test.ts";
import { loadStages } from "../../check/load-cases.ts";
import { reportJson } from "../../check/report/report-json.ts";
import { reportJunit } from "../../check/report/report-junit.ts";
import { reportText } from "../../check/report/report-text.ts";
import { countIn, failuresIn, type Report, runCheck, whyNotRun } from "../../check/run-check.ts";
import { CliError, EXIT, sentenceIn } from "../cli-error.ts";
import {
  addressFrom,
  classSecret,
  DEFAULT_URL,
  examples,
  type GlobalOptions,
  pathFrom,
  print,
  wholeNumberFrom,
} from "../context.ts";
import { ProgressLine } from "../progress.ts";

interface CheckCommandOptions {
  secret?: string;
  profile: "full" | "seed";
  stage?: number;
  start?: string;
  all?: true;
  watch?: true;
  junit?: string;
  patience: number;
}

const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const LAST_STAGE = 8;
const MIN_SECRET_CHARACTERS = 12;
const MAX_PATIENCE_SECONDS = 600;
/** A server that starts anew is away for a twentieth of a second at the least. */
const LOOK_AGAIN_MILLISECONDS = 25;

export function addCheck(program: Command): void {
  program
    .command("check")
    .summary("put a server of your own to the test")
    .description(
      "Tests over HTTP whether a server does what the specification says (docs/spec.md), stage by stage, and shows the " +
        "first thing that is not right, with a line for curl to see it yourself. Users and messages that it makes stay there.",
    )
    .argument("[url]", `where the server is (${DEFAULT_URL})`, addressFrom)
    .option("--secret <secret>", "the class secret (PLAINCHAT_SECRET; otherwise you are asked)")
    .addOption(
      new Option("--profile <profile>", "seed: only what the seed itself says")
        .choices(["full", "seed"])
        .default("full"),
    )
    .option("--stage <n>", "only this stage", wholeNumberFrom(0, LAST_STAGE))
    .option("--start <command>", "how your server is started: for stage 7, which kills it and starts it again")
    .option("--all", "show all failures, not only the first")
    .option("--watch", "run again whenever your server comes back, or you press Enter")
    .option("--junit <file>", "write the result as JUnit XML, too", pathFrom)
    .option("--patience <seconds>", "how long to wait for a reply", wholeNumberFrom(1, MAX_PATIENCE_SECONDS), 5)
    .addHelpText(
      "after",
      examples(
        ["check http://127.0.0.1:8000 --secret river-candle-orbit-maple", "test a server that runs"],
        ["check :8000 --stage 2 --watch", "work on one stage, and see at once whether it is right"],
        ['check :8000 --start "python3 server.py"', "start it, kill it, and see what it has kept"],
      ),
    )
    .action(async (url: string | undefined, options: CheckCommandOptions, command: Command) => {
      const server = url ?? DEFAULT_URL;
      const secret = await classSecret(options.secret);
      if (secret.length < MIN_SECRET_CHARACTERS) {
        throw new CliError(`A class secret has ${MIN_SECRET_CHARACTERS} characters or more`, EXIT.usage);
      }
      // What was started goes with the check, also with Ctrl-C, and when the terminal is closed.
      for (const signal of ENDING_SIGNALS) process.once(signal, () => process.exit(EXIT.interrupted));
      if (options.watch === true) await watch(server, secret, options, command);
      else {
        process.exitCode = exitCodeOf(await checkOnce(server, secret, options, command));
      }
    });
}

async function checkOnce(url: string, secret: string, options: CheckCommandOptions, command: Command): Promise<Report> {
  const server =
    options.start === undefined
      ? undefined
      : new ServerUnderTest(options.start, url, {
          folder: pathFrom("."),
          onWaiting: () => console.error(`Waiting for your server to listen at ${url}.`),
        });
  const progress = new ProgressLine("Checking", (of) => `${of} checks`);
  try {
    await server?.start();
    const report = await runCheck({
      surroundings: {
        url,
        secret,
        profile: options.profile,
        patienceMilliseconds: options.patience * 1000,
        restart: server === undefined ? undefined : () => server.restart(),
      },
      stages: loadStages(),
      only: options.stage,
      all: options.all === true,
      onProgress: (done, of) => progress.show(done, of),
    });
    progress.end();
    const why = whyNotRun(report, options.stage);
    if (why !== undefined) throw new CliError(`Stage ${options.stage} was not run: ${why}`, EXIT.usage);
    // What it has printed is whole when it has ended.
    const [killed] = await Promise.allSettled([server?.kill()]);
    const isJson = command.optsWithGlobals<GlobalOptions>().json === true;
    const isForSending = !isJson && countIn(report, "failed") > 0;
    const shown = { folder: isForSending ? await requestsFolder() : undefined, printed: server?.printed };
    print(command, reportJson(report), isJson ? "" : await reportText(report, shown));
    if (options.junit !== undefined) await writeJunit(options.junit, report);
    if (killed.status === "rejected") throw killed.reason;
    return report;
  } catch (error) {
    if (error instanceof CannotStart) throw new CliError(error.message, EXIT.unreachable);
    throw error;
  } finally {
    progress.end();
    await server?.kill();
  }
}

/** @throws {CliError} when it cannot be written. */
async function writeJunit(path: string, report: Report): Promise<void> {
  try {
    await writeFile(path, reportJunit(report));
  } catch (error) {
    throw new CliError(`${path} cannot be written: ${sentenceIn(error)}`, EXIT.usage);
  }
}

/**
 * Where the bodies of failed requests go: always the same folder, which only its owner can read, so that nothing piles up.
 * Undefined where nothing can be written, as in a container that is locked up: the report is worth more than a line in it.
 */
async function requestsFolder(): Promise<string | undefined> {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  const folder = join(XDG_CACHE_HOME || LOCALAPPDATA || join(homedir(), ".cache"), "plainchat", "check");
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK);
    return folder;
  } catch {
    // A home of somebody else's, or none.
    return mkdtemp(join(tmpdir(), "plainchat-check-")).catch(() => undefined);
  }
}

/** Runs until Ctrl-C, or until nothing can happen any more. */
async function watch(url: string, secret: string, options: CheckCommandOptions, command: Command): Promise<void> {
  const enter = createInterface({ input: process.stdin });
  // With Ctrl-D nobody can press Enter any more. A script never could, and goes on as long as the server may come back.
  const isOver = new Promise<"over">((resolve) => {
    enter.once("close", () => {
      if (options.start !== undefined || process.stdin.isTTY) resolve("over");
    });
  });
  for (;;) {
    try {
      process.exitCode = exitCodeOf(await checkOnce(url, secret, options, command));
    } catch (error) {
      // A server that does not start is what somebody is at work on.
      if (!(error instanceof CliError)) throw error;
      process.exitCode = error.exitCode;
      console.error(`plainchat: ${error.message}`);
    }
    const stopped = new AbortController();
    const whatNext: Promise<unknown>[] = [isOver, nextLine(enter, stopped.signal)];
    if (options.start === undefined) whatNext.push(hasComeBack(url, stopped.signal));
    console.error(
      `\nWaiting: ${options.start === undefined ? "for your server to come back, or " : ""}for Enter. Ctrl-C ends.`,
    );
    const next = await Promise.race(whatNext);
    stopped.abort();
    if (next === "over") return;
  }
}

function nextLine(enter: NodeJS.EventEmitter, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => resolve();
    enter.once("line", end);
    signal.addEventListener("abort", () => enter.off("line", end));
  });
}

/** Resolves when the server was away and is there again. */
async function hasComeBack(url: string, signal: AbortSignal): Promise<void> {
  const isThere = async (wanted: boolean) => {
    while (!signal.aborted && (await isListening(url)) !== wanted) await setTimeout(LOOK_AGAIN_MILLISECONDS);
  };
  await isThere(false);
  if (!signal.aborted) console.error("Your server is away.");
  await isThere(true);
}

function exitCodeOf(report: Report): number {
  if (countIn(report, "failed") === 0) return 0;
  const isAway = failuresIn(report).some(({ failure }) => failure?.noReply === "unreachable");
  return isAway && countIn(report, "passed") === 0 ? EXIT.unreachable : EXIT.failed;
}
