/**
 * Starts the server with its settings, and stops it without losing a request. server/main.ts runs it, and so does
 * `plainchat serve`.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import { isLoopback } from "./http/routes/network-addresses.ts";
import { createLog } from "./log.ts";
import { createLocalName, type Running, start } from "./running.ts";
import { sayReady, showBanner } from "./say-ready.ts";
import { HELP, readSettings, type Settings } from "./settings.ts";
import { codeOf } from "./store/error-code.ts";
import { OneAtATime } from "./store/one-at-a-time.ts";
import type { FileStore } from "./store/open-store.ts";
import { takeControlFiles } from "./take-control-files.ts";

/** When a database that is away is asked again. */
const AGAIN_MILLISECONDS = 1000;

/** Runs the server until a signal stops it. If it cannot start, it says why in one sentence and exits. */
export async function serve(args: string[], environment: Record<string, string | undefined>): Promise<void> {
  const settings = settingsOrExit(args, environment);
  const log = createLog(settings.logLevel, process.stdout.isTTY);
  try {
    await run(settings, log);
  } catch (error) {
    // No stack: the port, the folder or the lock is wrong, and the person at the terminal can fix that.
    console.error(`plainchat cannot start: ${sentenceFor(error)}`);
    process.exit(1);
  }
}

async function run(settings: Settings, log: Logger): Promise<void> {
  const changes = new OneAtATime<"server">();
  let isStopping = false;
  let boundTo = "";
  const localName = createLocalName(settings, log, () => boundTo);
  const beside = { localName, onOtherClass };
  let running!: Running;
  // In turn with the rest: at this very moment, another server may put the class away.
  await changes.run("server", async () => {
    running = await start(settings, log, beside);
  });
  boundTo = running.boundTo;
  // Nothing waits for it: it asks the network for a second whether the name is free.
  if (!isLoopback(boundTo)) localName?.begin();

  /** There are other data now. The port stays, and so do the clients: they connect again. */
  function reopen(): Promise<void> {
    return changes.run("server", async () => {
      // The next start does it.
      if (isStopping) return;
      await running.stopServing();
      try {
        const again = { ...settings, port: running.port };
        if (running.files === undefined) await reopenDatabase(again);
        else running = await start(again, log, beside, await running.files.closeToReopen());
      } catch (error) {
        log.fatal({ error }, "The data can no longer be opened: stopping");
        log.flush();
        process.exit(1);
      }
    });
  }

  /** The database may be away just now. All its servers open it again at this moment, and they must not all end. */
  async function reopenDatabase(again: Settings): Promise<void> {
    await running.store.close();
    while (!isStopping) {
      try {
        running = await start(again, log, beside);
        return;
      } catch (error) {
        log.error({ error }, "The database cannot be opened: trying again");
        await pause(AGAIN_MILLISECONDS);
      }
    }
  }

  function onOtherClass(): void {
    log.info("The teacher has ended the class: opening the data again");
    // It has another class secret. In turn: a stop closes the data that this reads.
    const show = async () => {
      if (!isStopping) await showBanner(settings, running);
    };
    reopen()
      .then(() => changes.run("server", show))
      .catch((error) => log.error({ error }, "The new class secret could not be shown here"));
  }

  const controlFiles =
    running.files && takeControlFiles(settings, log, { files: () => running.files as FileStore, reopen });

  const stop = async (signal: string) => {
    // Pressing Ctrl-C a second time stops the server at once.
    process.once("SIGINT", () => process.exit(130));
    log.info({ signal }, "stopping");
    isStopping = true;
    // A restore in progress replaces `running` with another server. Wait for it, and stop that one.
    await controlFiles?.close();
    await changes.run("server", async () => {
      await Promise.all([localName?.stop(), running.stopServing()]);
      await running.store.close();
      log.info("stopped");
      log.flush();
    });
  };
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void stop(signal));
  // Only now: whoever reads that the server is ready may stop it at once.
  await changes.run("server", async () => {
    if (!isStopping) await sayReady(settings, running, log);
  });
}

function settingsOrExit(args: string[], environment: Record<string, string | undefined>): Settings {
  try {
    const settings = readSettings(args, environment);
    if (settings !== "help") return settings;
    console.log(HELP);
    process.exit(0);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
    process.exit(2);
  }
}

const NO_SUCH_ADDRESS = "this computer does not have the address after --host. 0.0.0.0 means all its addresses";
const NOT_A_FOLDER = "a file is where a folder should be";
const NOT_ALLOWED = "you may not use the data folder or the port";

/** Why the server cannot start, by the code of the error. */
const SENTENCES: Record<string, string> = {
  EADDRINUSE: "another program is using this port. Choose another one with --port",
  EADDRNOTAVAIL: NO_SUCH_ADDRESS,
  ENOTFOUND: NO_SUCH_ADDRESS,
  EEXIST: NOT_A_FOLDER,
  ENOTDIR: NOT_A_FOLDER,
  EACCES: NOT_ALLOWED,
  EROFS: NOT_ALLOWED,
};

function sentenceFor(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const sentence = SENTENCES[codeOf(error) ?? ""];
  // The system's own text names the folder or the port that is not allowed.
  return sentence === NOT_ALLOWED || sentence === NOT_A_FOLDER ? `${sentence} (${text})` : (sentence ?? text);
}
