/**
 * The program: settings in, server up, and, when it is told to stop, server down without losing anybody's request.
 * `npm start` runs it, and so does the container.
 */
import { realpathSync } from "node:fs";
import { createApp } from "./app.ts";
import { banner } from "./banner.ts";
import { Live } from "./live/live.ts";
import { createLog } from "./log.ts";
import { HELP, readSettings, type Settings } from "./settings.ts";
import { openStore } from "./store/open-store.ts";

/** So long may requests in flight take to end when the server stops. Docker kills after ten seconds. */
const STOP_MILLISECONDS = 8_000;

function settingsOrExit(): Settings {
  try {
    const settings = readSettings(process.argv.slice(2), process.env);
    if (settings !== "help") return settings;
    console.log(HELP);
    process.exit(0);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
    process.exit(2);
  }
}

async function main(): Promise<void> {
  const settings = settingsOrExit();
  const log = createLog(settings.logLevel, process.stdout.isTTY);
  const live = new Live();
  const store = await openStore({
    root: settings.root,
    maxFileBytes: settings.maxFileBytes,
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
  const app = await createApp({ store, live, log, trustedProxies: settings.trustedProxies });
  const address = await app.listen({ host: settings.host, port: settings.port });

  const secret = store.secret.open()?.text;
  const root = realpathSync(settings.root);
  const { users, secretIsNew } = store;
  const showSecret = process.env.NODE_ENV !== "production";
  process.stdout.write(banner({ address, secret, secretIsNew, showSecret, root, users }));
  if (store.filesAside > 0) log.error({ files: store.filesAside }, "Damaged files are set aside in messages/aside");
  log.info({ address, ...store.figures() }, "ready");

  const stop = async (signal: string) => {
    // A person who presses Ctrl-C twice means it.
    process.once("SIGINT", () => process.exit(130));
    log.info({ signal }, "stopping");
    const deadline = setTimeout(() => app.server.closeAllConnections(), STOP_MILLISECONDS);
    live.close();
    await app.close();
    clearTimeout(deadline);
    await store.close();
    log.info("stopped");
    log.flush();
  };
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void stop(signal));
}

try {
  await main();
} catch (error) {
  // The stack is of no use to the person at the terminal: what can go wrong here is the port, the folder or the lock.
  console.error(`plainchat cannot start: ${sentenceFor(error)}`);
  process.exit(1);
}

function sentenceFor(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return "another program listens on this port. Choose another one with --port";
  if (code === "EACCES" || code === "EROFS") return `the data folder or the port is not allowed (${error.message})`;
  return error.message;
}
