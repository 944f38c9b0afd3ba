/**
 * What commands at the terminal ask a running server to do, with a file in its data folder: compact, look and restore.
 * serve.ts calls it. A server on a database has none.
 */
import type { Logger } from "pino";
import type { Settings } from "./settings.ts";
import { ControlFiles } from "./store/backup/control-files.ts";
import { Paths } from "./store/files/paths.ts";
import type { FileStore } from "./store/open-store.ts";

/** @param files the store that is open now. @param reopen opens the folder again, with other data in it. */
export function takeControlFiles(
  settings: Settings,
  log: Logger,
  { files, reopen }: { files: () => FileStore; reopen: () => Promise<void> },
): ControlFiles {
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
  return new ControlFiles(new Paths(settings.root), works, (level, sentence, details) => log[level](details, sentence));
}
