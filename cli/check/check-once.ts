/**
 * Runs the check once, or several times with `--times`, and prints its report. commands/check.ts and watch.ts call it.
 */
import { access, constants, mkdir, mkdtemp, readdir, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import type { Command } from "commander";
import { httpExchange } from "../../check/node/http-exchange.ts";
import { CannotStart, ServerUnderTest } from "../../check/node/server-under-test.ts";
import { repeat } from "../../check/repeated.ts";
import { reportJson } from "../../check/report/report-json.ts";
import { reportJunit } from "../../check/report/report-junit.ts";
import { reportText } from "../../check/report/report-text.ts";
import { tallyText } from "../../check/report/tally-text.ts";
import { type CaseResult, countIn, failuresIn, type Report, runCheck, whyNotRun } from "../../check/run-check.ts";
import type { Surroundings } from "../../check/surroundings.ts";
import { CliError, EXIT, sentenceIn } from "../cli-error.ts";
import { type GlobalOptions, pathFrom, print } from "../context.ts";
import { LAUNCHER } from "../launcher.ts";
import { tell } from "../output.ts";
import { ProgressLine } from "../progress.ts";
import { Styled } from "../styled.ts";
import { addVectors, VECTORS_CASE, type VectorsCheck } from "../vectors/vectors-case.ts";
import { stagesFor } from "./which-cases.ts";

export interface CheckCommandOptions {
  secret?: string;
  profile: "full" | "seed";
  stage?: number;
  lesson?: number;
  case?: string;
  start?: string;
  vectors?: string;
  all?: true;
  explain?: true;
  times: number;
  watch?: true;
  report?: true;
  junit?: string;
  patience: number;
}

/** What is the same request to plainchat's own server: lines for the terminal, and fields for the JSON. */
export type Compare = (
  failed: readonly CaseResult[],
  from: Pick<Surroundings, "secret" | "profile">,
) => Promise<Map<string, { lines: string[]; json: object }>>;

/** Tells the class how far the learner's server is. */
export type Tell = (report: Report, command: Command) => Promise<void>;

export interface CheckProgram {
  /** What comes before the arguments in the examples. */
  typed: string;
  /** Shows what plainchat itself does, for `--explain`. Undefined where there is no plainchat beside the check. */
  compare?: Compare;
  /** For `--report`. Undefined where nobody is registered. */
  tell?: Tell;
  /** A server that somebody else has started and will end. Used in the place of `--start`. */
  running?: { server: ServerUnderTest; goesOn: boolean };
  /** Asks a program of its own about texts, before the other checks. */
  vectors?: (() => Promise<VectorsCheck>) | undefined;
  /** Makes that of the option `--vectors`. Undefined where there is no course beside the check. */
  vectorsFor?: (options: CheckCommandOptions) => (() => Promise<VectorsCheck>) | undefined;
  /** What the report says about the way to the next lesson. */
  howToGoOn?: string;
  /** The folder of plainchat, where nobody wants the files of the server under test. */
  ownFolder?: string;
}

export async function checkOnce(
  urls: string[],
  secret: string,
  options: CheckCommandOptions,
  command: Command,
  { compare, ownFolder, running, vectors, howToGoOn }: CheckProgram,
): Promise<Report> {
  const { stages, only } = stagesFor(options);
  const [typed = "", alsoAt] = urls;
  const folder = pathFrom(".");
  const started =
    options.start === undefined
      ? undefined
      : new ServerUnderTest(options.start, typed, {
          folder,
          alsoAt,
          environment: { SECRET: secret },
          onWaiting: () => tell(`Waiting for your server to listen at ${typed}.`),
        });
  const server = running?.server ?? started;
  const progress = new ProgressLine("Checking", (of) => `${of} checks`);
  const before = started === undefined || ownFolder === undefined ? [] : await readdir(ownFolder);
  const checkAt = (url: string, n: number) =>
    runCheck({
      surroundings: {
        url,
        secret,
        profile: options.profile,
        patienceMilliseconds: options.patience * 1000,
        exchange: httpExchange,
        restart: server === undefined ? undefined : (whileStopped) => server.restart(whileStopped),
        files: server?.files,
        processNow: server === undefined ? undefined : (mayBeEnding) => server.now(mayBeEnding),
      },
      stages,
      only,
      all: options.all === true,
      onProgress: (done, of) => progress.show((n - 1) * of + done, options.times * of),
    });
  try {
    const ofTexts = await vectors?.();
    await started?.start();
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
    if (ofTexts !== undefined) addVectors(report, ofTexts.result);
    const isRepeated = options.times > 1;
    progress.end();
    if (report.url !== typed) tell(`Your server listens at ${report.url}, and not at ${typed}.`);
    const why = whyNotRun(report, only);
    const asked = options.case === undefined ? `Stage ${only}` : `The check ${options.case}`;
    if (why !== undefined) throw new CliError(`${asked} was not run: ${why}`, EXIT.usage);
    // The server's output is complete only after it has ended.
    const [killed] = await Promise.allSettled([started?.kill()]);
    const isExplained = options.explain === true && compare !== undefined && countIn(report, "failed") > 0;
    const from = { secret, profile: report.profile };
    const compared = isExplained ? await compare(failuresIn(report), from) : new Map<string, never>();
    const isJson = command.optsWithGlobals<GlobalOptions>().json === true;
    const isOfServer = failuresIn(report).some(({ case: each }) => each.id !== VECTORS_CASE);
    const isForSending = !isJson && countIn(report, "failed") > 0;
    const shown = {
      folder: isForSending ? await requestsFolder() : undefined,
      printed: isOfServer ? server?.printed : undefined,
      goesOn: running?.goesOn === true,
      columns: process.stdout.columns,
      asked: { case: options.case, stage: options.stage, lesson: options.lesson, howToGoOn },
      more: new Map([
        [VECTORS_CASE, ofTexts?.more ?? []],
        ...[...compared].map(([id, { lines }]) => [id, lines] as const),
      ]),
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
    await started?.kill();
    if (started !== undefined && ownFolder !== undefined) await tellNewFiles(before, folder, ownFolder);
  }
}

/** The program that answers the vectors is another one. */
function isAway(report: Report): boolean {
  const results = report.stages.flatMap((stage) => stage.results).filter((each) => each.case.id !== VECTORS_CASE);
  return (
    !results.some(({ outcome }) => outcome === "passed") &&
    results.some(({ failure }) => failure?.noReply === "unreachable")
  );
}

/** A server that is started from plainchat's own folder writes its files there, which nobody wants. */
async function tellNewFiles(before: string[], folder: string, ownFolder: string): Promise<void> {
  const made = (await readdir(ownFolder)).filter((name) => !before.includes(name));
  if (made.length === 0 || relative(ownFolder, folder).startsWith("..")) return;
  tell(
    `Your server made ${made.join(", ")} in plainchat's own folder, because you started the check there. ` +
      `Go to your server's folder first, and start the check from there: ${join(ownFolder, basename(LAUNCHER))} check …`,
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

export function exitCodeOf(report: Report): number {
  if (countIn(report, "failed") === 0) return 0;
  return isAway(report) ? EXIT.unreachable : EXIT.failed;
}
