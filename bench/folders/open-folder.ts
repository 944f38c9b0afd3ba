/**
 * Opens a data folder with the server's own store, in a process that can be told to collect its garbage, and says how
 * much memory is held then, and, where asked, how long compaction takes.
 *
 *     node --expose-gc bench/folders/open-folder.ts ROOT [compact]
 *
 * It prints one line of JSON: an OpenedFolder.
 */
import { setTimeout } from "node:timers/promises";
import { openStore } from "../../server/store/open-store.ts";

export interface OpenedFolder {
  /** The heap and what it refers to outside, when everything that can go is gone. */
  heldBytes: number;
  messages: number;
  compactionSeconds?: number;
}

const SETTLE_MILLISECONDS = 500;

if (import.meta.main) {
  const [root = "", task] = process.argv.slice(2);
  const store = await openStore({
    root,
    now: Date.now,
    report: (_level, sentence) => console.error(sentence),
    onFatal: (error) => {
      throw error;
    },
    onEvent: () => {},
    onTokenEnd: () => {},
    maxFileBytes: 64 * 1024 * 1024,
  });
  const begin = performance.now();
  // The store begins to compact when it is opened; this is done when that is.
  if (task === "compact" && !(await store.compaction.run("everything"))) throw new Error("Compaction did not end well");
  const compactionSeconds = (performance.now() - begin) / 1000;
  await setTimeout(SETTLE_MILLISECONDS);
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  const opened: OpenedFolder = { heldBytes: heapUsed + external, messages: store.figures().messages };
  if (task === "compact") opened.compactionSeconds = compactionSeconds;
  console.log(JSON.stringify(opened));
  await store.close();
}
