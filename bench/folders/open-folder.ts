/**
 * Opens a data folder with the server's own store and says how much memory the store holds. With "compact" it also says
 * how long compaction takes. It needs its own process, because it asks Node to collect the garbage first.
 *
 *     node --expose-gc bench/folders/open-folder.ts ROOT [compact]
 *
 * It prints one line of JSON: an OpenedFolder.
 */
import { setTimeout } from "node:timers/promises";
import { openStore } from "../../server/store/open-store.ts";

export interface OpenedFolder {
  /** The heap and the memory outside that it refers to, after garbage collection. */
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
  // The store starts to compact when it is opened. This call returns when that compaction is done.
  if (task === "compact" && !(await store.compaction.run("everything"))) throw new Error("Compaction failed");
  const compactionSeconds = (performance.now() - begin) / 1000;
  await setTimeout(SETTLE_MILLISECONDS);
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  const opened: OpenedFolder = { heldBytes: heapUsed + external, messages: store.figures().messages };
  if (task === "compact") opened.compactionSeconds = compactionSeconds;
  console.log(JSON.stringify(opened));
  await store.close();
}
