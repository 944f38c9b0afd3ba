/**
 * Starts a server with a command in a new folder, runs the check against it, and removes everything. Tests and proofs of
 * the check itself call it, tests of the course, and second-server/try-bugs.ts.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Stage } from "../case.ts";
import type { Profile } from "../match/expectation.ts";
import { failuresIn, type Report, runCheck } from "../run-check.ts";
import { loadStages } from "../stages.ts";
import { DataFilesIn } from "./data-files.ts";
import { freePort } from "./free-port.ts";
import { httpExchange } from "./http-exchange.ts";
import { ServerUnderTest } from "./server-under-test.ts";

const SECRET = "river-candle-orbit-maple";
const PATIENCE_MILLISECONDS = 5000;

interface CheckServerOptions {
  /** @returns the command, as you would type it. @param root a folder that has the class secret. */
  command: (root: string, port: string) => string | Promise<string>;
  /** Added to the variables of this process. */
  environment?: NodeJS.ProcessEnv;
  /** Default: all. */
  stages?: Stage[];
  /** Default: full. */
  profile?: Profile;
  /** How long to wait for a reply. */
  patienceMilliseconds?: number;
  /** Runs only this stage; stage 0 always runs first. */
  only?: number | undefined;
}

/** @returns the case that failed first, with what was wrong, or undefined if the check passed. */
export function firstFailureIn(report: Report): string | undefined {
  const [failed] = failuresIn(report);
  return failed && `${failed.case.id}: ${failed.failure?.mistakes[0] ?? failed.failure?.noReply ?? ""}`;
}

/** @returns the report, up to the first failure. @throws {CannotStart} */
export async function checkServer(options: CheckServerOptions): Promise<Report> {
  const {
    command,
    environment,
    stages,
    profile = "full",
    only,
    patienceMilliseconds = PATIENCE_MILLISECONDS,
  } = options;
  const root = await mkdtemp(join(tmpdir(), "plainchat-checked-"));
  const url = `http://127.0.0.1:${await freePort()}`;
  let server: ServerUnderTest | undefined;
  try {
    await mkdir(join(root, "users"));
    await writeFile(join(root, "users", "secret.dat"), SECRET);
    const started = new ServerUnderTest(await command(root, new URL(url).port), url, {
      ...(environment && { environment }),
    });
    server = started;
    await started.start();
    return await runCheck({
      surroundings: {
        url,
        secret: SECRET,
        profile,
        patienceMilliseconds,
        exchange: httpExchange,
        restart: (whileStopped) => started.restart(whileStopped),
        files: new DataFilesIn([root]),
      },
      stages: stages ?? loadStages(),
      only,
      all: false,
    });
  } finally {
    await server?.kill();
    await rm(root, { recursive: true, force: true });
  }
}
