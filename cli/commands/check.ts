/**
 * plainchat check URL: tests any server, written in any language.
 */
import { access, constants, mkdir, mkdtemp, readdir, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { type Command, Option } from "commander";
import type { Case, Stage } from "../../check/case.ts";
import { httpExchange } from "../../check/node/http-exchange.ts";
import { CannotStart, isListening, ServerUnderTest } from "../../check/node/server-under-test.ts";
import { repeat } from "../../check/repeated.ts";
import { reportJson } from "../../check/report/report-json.ts";
import { reportJunit } from "../../check/report/report-junit.ts";
import { reportText } from "../../check/report/report-text.ts";
import { tallyText } from "../../check/report/tally-text.ts";
import { type CaseResult, countIn, failuresIn, type Report, runCheck, whyNotRun } from "../../check/run-check.ts";
import { loadStages } from "../../check/stages.ts";
import type { Surroundings } from "../../check/surroundings.ts";
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
import { LAUNCHER } from "../launcher.ts";
import { tell } from "../output.ts";
import { ProgressLine } from "../progress.ts";
import { Styled } from "../styled.ts";

interface CheckCommandOptions {
  secret?: string;
  profile: "full" | "seed";
  stage?: number;
  case?: string;
  start?: string;
  all?: true;
  explain?: true;
  times: number;
  watch?: true;
  junit?: string;
  patience: number;
}

const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const LAST_STAGE = 8;
const MIN_SECRET_CHARACTERS = 12;
const MAX_PATIENCE_SECONDS = 600;
const REPOSITORY = join(import.meta.dirname, "..", "..");
const MAX_SUGGESTIONS = 5;
const MAX_TIMES = 1000;
/** A server that restarts is away for at least 50 milliseconds. */
const LOOK_AGAIN_MILLISECONDS = 25;

/** What is the same request to plainchat's own server: lines for the terminal, and fields for the JSON. */
export type Compare = (
  failed: readonly CaseResult[],
  from: Pick<Surroundings, "secret" | "profile">,
) => Promise<Map<string, { lines: string[]; json: object }>>;

interface CheckProgram {
  /** What comes before the arguments in the examples. */
  typed: string;
  /** Shows what plainchat itself does, for `--explain`. Undefined where there is no plainchat beside the check. */
  compare?: Compare;
}

export function addCheck(program: Command, compare: Compare): void {
  makeCheck(program.command("check").summary("test your own server"), { typed: "check ", compare });
}

/** Makes a command the check. */
export function makeCheck(command: Command, { typed, compare }: CheckProgram): void {
  if (compare !== undefined) {
    command.option("--explain", "show what plainchat itself does with the failed request, step by step");
  }
  command
    .description(
      "Tests over HTTP, stage by stage, whether a server follows the specification (docs/spec.md). Shows the first failure, " +
        "with a curl command to try it yourself. The users and messages that it creates stay on the server.",
    )
    .argument("[url]", `the address of the server (${DEFAULT_URL})`, addressesFrom)
    .option("--secret <secret>", "the class secret; without it or PLAINCHAT_SECRET you are asked")
    .addOption(
      new Option("--profile <profile>", "seed tests only what the seed says").choices(["full", "seed"]).default("full"),
    )
    .option("--stage <n>", "run only this stage", wholeNumberFrom(0, LAST_STAGE))
    .addOption(new Option("--case <id>", "run only this check, after stage 0").conflicts("stage"))
    .option("--start <command>", "the command that starts your server; stage 7 kills it and starts it again")
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
        [`${typed}:8000 --stage 6 --times 20`, "find a mistake that happens only sometimes"],
        [`${typed}:8000 --start "python3 server.py"`, "start it, kill it and see what it has saved"],
      ),
    )
    .action(async (urls: string[] | undefined, options: CheckCommandOptions, command: Command) => {
      const servers = urls ?? addressesFrom(`:${new URL(DEFAULT_URL).port}`);
      const secret = await classSecret(options.secret);
      if (secret.length < MIN_SECRET_CHARACTERS) {
        throw new CliError(`A class secret has at least ${MIN_SECRET_CHARACTERS} characters`, EXIT.usage);
      }
      // The server that the check started ends with it, also on Ctrl-C and when the terminal is closed.
      for (const signal of ENDING_SIGNALS) process.once(signal, () => process.exit(EXIT.interrupted));
      const once = async () => exitCodeOf(await checkOnce(servers, secret, options, command, compare));
      if (options.watch === true) await watch(servers, options, once);
      else process.exitCode = await once();
    });
}

/** The stages to run, and the number of the one that was asked for. @throws {CliError} when there is no such case. */
function stagesFor(options: CheckCommandOptions): { stages: Stage[]; only: number | undefined } {
  const stages = loadStages();
  if (options.case === undefined) return { stages, only: options.stage };
  const isAsked = ({ id }: Case) => id === options.case;
  const only = stages.find(({ cases }) => cases.some(isAsked))?.stage;
  if (only === undefined) {
    const similar = similarTo(
      options.case,
      stages.flatMap(({ cases }) => cases.map(({ id }) => id)),
    );
    const advice =
      similar.length === 0
        ? "The report shows the id of each failed check in brackets"
        : `Did you mean ${similar.join(" or ")}?`;
    throw new CliError(`There is no check "${options.case}". ${advice}`, EXIT.usage);
  }
  return {
    stages: stages.map((each) => (each.stage === only ? { ...each, cases: each.cases.filter(isAsked) } : each)),
    only,
  };
}

/** The ids that a typed one may have meant, the best first. */
function similarTo(typed: string, ids: string[]): string[] {
  const plain = (id: string) => id.toLowerCase().replace(/[^a-z0-9]/g, "");
  const wanted = plain(typed);
  const near = ids
    .map((id) => ({ id, distance: distanceOf(wanted, plain(id)) }))
    .filter(({ distance }) => distance <= Math.max(1, wanted.length / 4))
    .sort((one, other) => one.distance - other.distance);
  // The best ones only: `send-nobdy` is not meant to be `send-no-handle`, too.
  const best = near.filter(({ distance }) => distance === near[0]?.distance).map(({ id }) => id);
  const containing = wanted.length < 3 ? [] : ids.filter((id) => plain(id).includes(wanted));
  return (best.length > 0 ? best : containing).slice(0, MAX_SUGGESTIONS);
}

/** How many letters must be added, removed or changed to make one word out of the other. */
function distanceOf(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1];
    for (let j = 0; j < other.length; j++) {
      const changed = (row[j] ?? 0) + (letter === other[j] ? 0 : 1);
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** The address that was typed. A port alone or localhost means this computer, where a server listens in one of two places. */
function addressesFrom(typed: string): string[] {
  const address = addressFrom(typed);
  const { hostname, port, protocol } = new URL(address);
  const isHere = /^:\d+/.test(typed) || hostname === "localhost";
  return isHere ? [address, `${protocol}//[::1]${port === "" ? "" : `:${port}`}`] : [address];
}

async function checkOnce(
  urls: string[],
  secret: string,
  options: CheckCommandOptions,
  command: Command,
  compare: Compare | undefined,
): Promise<Report> {
  const { stages, only } = stagesFor(options);
  const [typed = "", alsoAt] = urls;
  const folder = pathFrom(".");
  const server =
    options.start === undefined
      ? undefined
      : new ServerUnderTest(options.start, typed, {
          folder,
          alsoAt,
          onWaiting: () => tell(`Waiting for your server to listen at ${typed}.`),
        });
  const progress = new ProgressLine("Checking", (of) => `${of} checks`);
  const inRepository = server === undefined ? undefined : await readdir(REPOSITORY);
  const checkAt = (url: string, n: number) =>
    runCheck({
      surroundings: {
        url,
        secret,
        profile: options.profile,
        patienceMilliseconds: options.patience * 1000,
        exchange: httpExchange,
        restart: server === undefined ? undefined : () => server.restart(),
        processNow: server === undefined ? undefined : (mayBeEnding) => server.now(mayBeEnding),
      },
      stages,
      only,
      all: options.all === true,
      onProgress: (done, of) => progress.show((n - 1) * of + done, options.times * of),
    });
  try {
    await server?.start();
    let url = server?.url ?? typed;
    const {
      reports,
      shown: report,
      tally,
    } = await repeat(options.times, async (n) => {
      const first = await checkAt(url, n);
      if (n > 1 || server !== undefined || alsoAt === undefined || !isAway(first)) return first;
      const other = await checkAt(alsoAt, n);
      if (isAway(other)) {
        failuresIn(first)[0]?.failure?.mistakes.push(`nothing listens at ${new URL(alsoAt).host} either`);
        return first;
      }
      url = alsoAt;
      return other;
    });
    const isRepeated = options.times > 1;
    progress.end();
    if (report.url !== typed) tell(`Your server listens at ${report.url}, and not at ${typed}.`);
    const why = whyNotRun(report, only);
    const asked = options.case === undefined ? `Stage ${only}` : `The check ${options.case}`;
    if (why !== undefined) throw new CliError(`${asked} was not run: ${why}`, EXIT.usage);
    // The server's output is complete only after it has ended.
    const [killed] = await Promise.allSettled([server?.kill()]);
    const isExplained = options.explain === true && compare !== undefined && countIn(report, "failed") > 0;
    const from = { secret, profile: report.profile };
    const compared = isExplained ? await compare(failuresIn(report), from) : new Map<string, never>();
    const isJson = command.optsWithGlobals<GlobalOptions>().json === true;
    const isForSending = !isJson && countIn(report, "failed") > 0;
    const shown = {
      folder: isForSending ? await requestsFolder() : undefined,
      printed: server?.printed,
      asked: { case: options.case, stage: options.stage },
      more: new Map([...compared].map(([id, { lines }]) => [id, lines])),
    };
    const inJson = new Map([...compared].map(([id, { json }]) => [id, { plainchat: json }]));
    const json = reportJson(report, { runs: isRepeated ? tally : undefined, more: inJson });
    if (isJson) print(command, json, "");
    else {
      const text = await reportText(report, shown);
      print(command, json, new Styled(isRepeated ? `${text}\n\n${tallyText(tally)}` : text));
    }
    if (options.junit !== undefined) await writeJunit(options.junit, reports);
    if (killed.status === "rejected") throw killed.reason;
    return report;
  } catch (error) {
    if (error instanceof CannotStart) throw new CliError(error.message, EXIT.unreachable);
    throw error;
  } finally {
    progress.end();
    await server?.kill();
    if (inRepository !== undefined) await tellNewFiles(inRepository, folder);
  }
}

function isAway(report: Report): boolean {
  return (
    countIn(report, "passed") === 0 && failuresIn(report).some(({ failure }) => failure?.noReply === "unreachable")
  );
}

/** A server that is started from plainchat's own folder writes its files there, which nobody wants. */
async function tellNewFiles(before: string[], folder: string): Promise<void> {
  const made = (await readdir(REPOSITORY)).filter((name) => !before.includes(name));
  if (made.length === 0 || relative(REPOSITORY, folder).startsWith("..")) return;
  tell(
    `Your server made ${made.join(", ")} in plainchat's own folder, because you started the check there. ` +
      `Go to your server's folder first, and start the check from there: ${join(REPOSITORY, basename(LAUNCHER))} check …`,
  );
}

/** @throws {CliError} when it cannot be written. */
async function writeJunit(path: string, reports: Report[]): Promise<void> {
  try {
    await writeFile(path, reportJunit(reports));
  } catch (error) {
    throw new CliError(`${path} cannot be written: ${sentenceIn(error)}`, EXIT.usage);
  }
}

/**
 * The folder for the bodies of failed requests. It is always the same one, so that files do not pile up, and only its
 * owner can read it. Undefined where nothing can be written, as in a read-only container: then the report has no curl
 * commands.
 */
async function requestsFolder(): Promise<string | undefined> {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  const folder = join(XDG_CACHE_HOME || LOCALAPPDATA || join(homedir(), ".cache"), "plainchat", "check");
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK);
    return folder;
  } catch {
    // The home folder belongs to somebody else, or there is none.
    return mkdtemp(join(tmpdir(), "plainchat-check-")).catch(() => undefined);
  }
}

/** Repeats the check until Ctrl-C, or until nothing can start it again. */
async function watch(urls: string[], options: CheckCommandOptions, once: () => Promise<number>): Promise<void> {
  const enter = createInterface({ input: process.stdin });
  // After Ctrl-D nobody can press Enter any more. A script never could, so it continues while the server may come back.
  const isOver = new Promise<"over">((resolve) => {
    enter.once("close", () => {
      if (options.start !== undefined || process.stdin.isTTY) resolve("over");
    });
  });
  for (;;) {
    try {
      process.exitCode = await once();
    } catch (error) {
      // If the server does not start, somebody is probably working on it.
      if (!(error instanceof CliError)) throw error;
      process.exitCode = error.exitCode;
      tell(`plainchat: ${error.message}`);
    }
    const stopped = new AbortController();
    const whatNext: Promise<unknown>[] = [isOver, nextLine(enter, stopped.signal)];
    if (options.start === undefined) whatNext.push(hasComeBack(urls, stopped.signal));
    tell(`\nWaiting for ${options.start === undefined ? "your server to come back, or for " : ""}Enter. Ctrl-C ends.`);
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

/** Resolves when the server has been away and is back. */
async function hasComeBack(urls: string[], signal: AbortSignal): Promise<void> {
  const listens = async () => (await Promise.all(urls.map(isListening))).includes(true);
  const isThere = async (wanted: boolean) => {
    while (!signal.aborted && (await listens()) !== wanted) await setTimeout(LOOK_AGAIN_MILLISECONDS);
  };
  await isThere(false);
  if (!signal.aborted) tell("Your server is away.");
  await isThere(true);
}

function exitCodeOf(report: Report): number {
  if (countIn(report, "failed") === 0) return 0;
  return isAway(report) ? EXIT.unreachable : EXIT.failed;
}
