/**
 * Opens the store that the settings name: a data folder, or a database. serve.ts calls it, and connects it to the
 * streams: what happens in the store is told to whoever listens.
 */
import type { Logger } from "pino";
import type { Live } from "./live/live.ts";
import type { Settings } from "./settings.ts";
import type { ChatEvent } from "./store/contract.ts";
import type { Lock } from "./store/files/lock.ts";
import { type FileStore, openStore } from "./store/open-store.ts";
import type { Store } from "./store/store.ts";

export interface ChosenStore {
  store: Store;
  /** The same store, if it is a data folder. Undefined if it is a database. */
  files: FileStore | undefined;
}

interface ChosenStoreOptions {
  log: Logger;
  live: Live;
  /** Called when the class is put away, on whichever server. */
  onOtherClass: () => void;
  /** The lock of the data folder, if this server is reopening it. */
  lock: Lock | undefined;
}

export async function openChosenStore(settings: Settings, options: ChosenStoreOptions): Promise<ChosenStore> {
  const { log, live, lock, onOtherClass } = options;
  const told = {
    now: () => Date.now(),
    report: (level: "info" | "error", sentence: string, details: object) => log[level](details, sentence),
    onEvent: (event: ChatEvent) => live.tell(event),
    onTokenEnd: (userId: number) => live.endUser(userId),
    onClassChange: () => live.tellNews(),
  };
  if (settings.database !== undefined) {
    // Only now: a server on files does not load the driver.
    const { openDatabase } = await import("./store/postgres/open-database.ts");
    const { database: address, mustBeDurable, isClass } = settings;
    const store = await openDatabase({ ...told, audience: live, address, mustBeDurable, isClass, onOtherClass });
    return { store, files: undefined };
  }
  const { root, maxFileBytes, isClass } = settings;
  const onFatal = (error: unknown) => {
    log.fatal(
      { error },
      "The disk failed, so nothing more can be stored safely: stopping. The next start replays the journal",
    );
    log.flush();
    process.exit(1);
  };
  const files = await openStore({ ...told, root, maxFileBytes, lock, isClass, onOtherClass, onFatal });
  return { store: files, files };
}
