/**
 * The server's life: settings in, server up, and, when it is told to stop, server down without losing anybody's request.
 * server/main.ts runs it, and so does `plainchat serve`.
 */
import { randomBytes } from "node:crypto";
import { realpathSync } from "node:fs";
import type { AddressInfo } from "node:net";
import type { Logger } from "pino";
import { banner } from "./banner.ts";
import { createApp } from "./http/app.ts";
import { networkAddresses } from "./http/routes/network-addresses.ts";
import { Live } from "./live/live.ts";
import { createLog } from "./log.ts";
import { qrCode } from "./qr-code.ts";
import { HELP, readSettings, type Settings } from "./settings.ts";
import { ControlFiles } from "./store/backup/control-files.ts";
import { Paths } from "./store/files/paths.ts";
import { openStore, type Store } from "./store/open-store.ts";

/** So long may requests in flight take to end when the server stops. Docker kills after ten seconds. */
const STOP_MILLISECONDS = 8_000;

const RESTORE_PATIENCE_MILLISECONDS = 60_000;

/** 128 bits: nobody guesses it. */
const PROJECTOR_KEY_BYTES = 16;
/** New at each start. Whoever sees this terminal has it. */
const PROJECTOR_KEY = randomBytes(PROJECTOR_KEY_BYTES).toString("base64url");

/** A server that is up. */
interface Running {
  address: string;
  port: number;
  store: Store;
  stop: () => Promise<void>;
}

/** Runs the server until it is told to stop. What keeps it from starting is said in one sentence. */
export async function serve(args: string[], environment: Record<string, string | undefined>): Promise<void> {
  const settings = settingsOrExit(args, environment);
  const log = createLog(settings.logLevel, process.stdout.isTTY);
  try {
    await run(settings, log);
  } catch (error) {
    // The stack is of no use to the person at the terminal: what can go wrong here is the port, the folder or the lock.
    console.error(`plainchat cannot start: ${sentenceFor(error)}`);
    process.exit(1);
  }
}

async function run(settings: Settings, log: Logger): Promise<void> {
  let running = await start(settings, log);
  showBanner(settings, running);
  log.info({ address: running.address, ...running.store.figures() }, "ready");
  if (running.store.filesAside > 0) {
    log.error({ files: running.store.filesAside }, "Damaged files are set aside in messages/aside or users/aside");
  }

  const controlFiles = new ControlFiles(
    new Paths(settings.root),
    {
      async compact() {
        if (!(await running.store.compaction.run("everything"))) throw new Error("Compaction failed. The log says why");
      },
      async restore() {
        log.info("A backup is to take the place of the data: opening the folder anew");
        await running.stop();
        try {
          const { port } = new URL(running.address);
          // Whoever has asked may have taken the folder in between, and finish the work themselves.
          running = await start({ ...settings, port: Number(port) }, log, RESTORE_PATIENCE_MILLISECONDS);
        } catch (error) {
          log.fatal({ error }, "The data cannot be opened any more: stopping");
          log.flush();
          process.exit(1);
        }
      },
    },
    (level, sentence, details) => log[level](details, sentence),
  );

  const stop = async (signal: string) => {
    // A person who presses Ctrl-C twice means it.
    process.once("SIGINT", () => process.exit(130));
    log.info({ signal }, "stopping");
    // A restore that is going on puts another server into the place of this one: that one is to stop.
    await controlFiles.close();
    await running.stop();
    log.info("stopped");
    log.flush();
  };
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void stop(signal));
}

async function start(settings: Settings, log: Logger, lockPatienceMilliseconds?: number): Promise<Running> {
  const { trustedProxies, isClass } = settings;
  const live = new Live({ openForEach: settings.openForEach });
  const store = await openStore({
    root: settings.root,
    maxFileBytes: settings.maxFileBytes,
    lockPatienceMilliseconds,
    now: () => Date.now(),
    report: (level, sentence, details) => log[level](details, sentence),
    onEvent: (event) => live.tell(event),
    onTokenEnd: (userId) => live.endUser(userId),
    onFatal(error) {
      log.fatal(
        { error },
        "The disk failed. Nothing more can be promised: stopping. The next start replays the journal",
      );
      log.flush();
      process.exit(1);
    },
  });
  try {
    const projectorKey = isClass ? PROJECTOR_KEY : undefined;
    const app = await createApp({ store, live, log, trustedProxies, projectorKey });
    const address = await app.listen({ host: settings.host, port: settings.port });
    const stop = async () => {
      const deadline = setTimeout(() => app.server.closeAllConnections(), STOP_MILLISECONDS);
      live.close();
      await app.close();
      clearTimeout(deadline);
      await store.close();
    };
    const { port } = app.server.address() as AddressInfo;
    return { address, port, store, stop };
  } catch (error) {
    await store.close();
    throw error;
  }
}

function showBanner({ root, isClass }: Settings, { address, port, store }: Running): void {
  const { users, secretIsNew } = store;
  const secret = store.secret.open()?.text;
  const showSecret = process.env.NODE_ENV !== "production";
  const classAddresses = isClass ? networkAddresses(port) : undefined;
  const facts = {
    address,
    classAddresses,
    projectorKey: PROJECTOR_KEY,
    secret,
    secretIsNew,
    showSecret,
    root: realpathSync(root),
    users,
  };
  process.stdout.write(banner(facts));
  const [first] = classAddresses ?? [];
  if (first !== undefined && process.stdout.isTTY) process.stdout.write(qrCode(`${first}/?join`));
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

function sentenceFor(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return "another program listens on this port. Choose another one with --port";
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return "this machine does not have the address given with --host. 0.0.0.0 means all that it has";
  if (code === "EEXIST" || code === "ENOTDIR") return "the data folder is no folder. Choose another one with --root";
  if (code === "EACCES" || code === "EROFS") return `the data folder or the port is not allowed (${error.message})`;
  return error.message;
}
