/**
 * Starts the server with its settings, and stops it without losing a request. server/main.ts runs it, and so does
 * `plainchat serve`.
 */
import { realpathSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import { banner } from "./banner.ts";
import { type ChosenStore, openChosenStore } from "./chosen-store.ts";
import { createApp } from "./http/app.ts";
import { isLoopback, localNetworks, networkAddresses, ownAddress } from "./http/routes/network-addresses.ts";
import { Live } from "./live/live.ts";
import { LocalName } from "./local-name/local-name.ts";
import { numbered } from "./local-name/names.ts";
import { createLog } from "./log.ts";
import { qrCode } from "./qr-code.ts";
import { watchSecret } from "./secret-watch.ts";
import { HELP, readSettings, type Settings } from "./settings.ts";
import { problemOfSecret } from "./steps/class-secret-problem.ts";
import { ControlFiles } from "./store/backup/control-files.ts";
import { codeOf } from "./store/error-code.ts";
import type { Lock } from "./store/files/lock.ts";
import { Paths } from "./store/files/paths.ts";
import { OneAtATime } from "./store/one-at-a-time.ts";
import type { FileStore } from "./store/open-store.ts";
import { withoutPassword } from "./store/postgres/connection/database-address.ts";

/** How long requests in flight may take to end when the server stops. Docker kills it after ten seconds. */
const STOP_MILLISECONDS = 8_000;
/** When a database that is away is asked again. */
const AGAIN_MILLISECONDS = 1000;

/** A server that accepts requests. */
interface Running extends ChosenStore {
  /** Its URL for this computer. */
  address: string;
  /** The IP address that it listens on. */
  boundTo: string;
  port: number;
  /** Accepts no more requests, and returns when those in flight have their replies. The store stays open. */
  stopServing: () => Promise<void>;
}

/** What stays while the server opens its data again. */
interface Beside {
  /** Undefined if the server has no name on the local network. */
  localName: LocalName | undefined;
  /** Called when the class is put away. */
  onOtherClass: () => void;
}

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

  const controlFiles = running.files && takeControlFiles();

  /** Commands at the terminal ask for these with a file in the data folder. */
  function takeControlFiles(): ControlFiles {
    const files = () => running.files as FileStore;
    const works = {
      async compact() {
        const { compaction, handEdits } = files();
        if (await compaction.run("everything")) return "";
        // Perhaps somebody has changed a file by hand just then.
        await handEdits.lookAtEverything();
        if (!(await compaction.run("everything"))) throw new Error("Compaction failed. See the log");
        return "";
      },
      async look() {
        const { handEdits, userProblems, classroom } = files();
        classroom?.readAgain();
        await handEdits.lookAtEverything();
        return [...handEdits.notes, ...userProblems(), ...(classroom?.notes ?? [])].join("\n");
      },
      async restore() {
        log.info("A backup will replace the data: reopening the folder");
        await reopen();
        return "";
      },
    };
    return new ControlFiles(new Paths(settings.root), works, (level, sentence, details) =>
      log[level](details, sentence),
    );
  }

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

async function sayReady(settings: Settings, running: Running, log: Logger): Promise<void> {
  const { address, store } = running;
  await showBanner(settings, running);
  log.info({ address, ...(await store.figures()) }, "ready");
  const { filesAside } = await store.troubles();
  if (filesAside > 0) {
    log.error({ files: filesAside }, "Damaged files were moved to messages/aside, users/aside or class/aside");
  }
}

/** @returns undefined if the server has no name on the local network. */
function createLocalName({ localName }: Settings, log: Logger, boundTo: () => string): LocalName | undefined {
  if (localName === undefined) return undefined;
  return new LocalName({
    name: localName,
    networks: () => localNetworks(boundTo()),
    report: (level, sentence) => log[level](sentence),
  });
}

/** @param lock the lock of the data folder, if this server is reopening it. */
async function start(settings: Settings, log: Logger, beside: Beside, lock?: Lock): Promise<Running> {
  const { trustedProxies, allowedOrigins, allowedHosts, maxConnections } = settings;
  const live = new Live({ openForEach: settings.openForEach });
  const { store, files } = await openChosenStore(settings, { log, live, lock, onOtherClass: beside.onOtherClass });
  try {
    const access = { trustedProxies, allowedOrigins, allowedHosts, maxConnections };
    const app = await createApp({ store, live, log, localName: beside.localName, ...access });
    await app.listen({ host: settings.host, port: settings.port });
    const endSecretWatch = files && watchSecret(() => problemOfSecret(files.secret.read()), log);
    const stopServing = async () => {
      endSecretWatch?.();
      const deadline = setTimeout(() => app.server.closeAllConnections(), STOP_MILLISECONDS);
      live.close();
      await app.close();
      clearTimeout(deadline);
    };
    const { port, address: boundTo } = app.server.address() as AddressInfo;
    return { address: ownAddress(port, boundTo), boundTo, port, store, files, stopServing };
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function showBanner(
  { root, database, isClass, localName }: Settings,
  { address, boundTo, port, store }: Running,
): Promise<void> {
  const { users, secretIsNew, classroom } = store;
  const secret = await store.secret.read();
  const showSecret = process.env.NODE_ENV !== "production";
  const classAddresses = isClass ? networkAddresses(port, boundTo) : undefined;
  const facts = {
    address,
    classAddresses,
    // It may turn out to be taken. Then the log says so.
    className: localName && `http://${numbered(localName, 1)}:${port}`,
    isOnlyHere: isLoopback(boundTo),
    keys: classroom && {
      teacher: (await classroom.openKey()).text,
      projector: (await classroom.openProjectorKey()).text,
    },
    secret,
    secretIsNew,
    showSecret,
    place: database === undefined ? { folder: realpathSync(root) } : { database: withoutPassword(database) },
    users,
  };
  process.stdout.write(await banner(facts));
  const [first] = classAddresses ?? [];
  if (first !== undefined && first.virtual === undefined && process.stdout.isTTY) {
    process.stdout.write(qrCode(`${first.url}/?join`));
  }
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
