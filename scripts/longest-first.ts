/**
 * The order in which `npm test` begins the test files. A long file that begins late runs alone at the end, while the
 * other processors have nothing to do. run-tests.ts calls this. A file that is not in the list still runs, later.
 */

/** The files that take longest, the longest first. Only the order of size matters, so this need not be exact. */
export const LONGEST = [
  "prove/quick-3.test.ts",
  "prove/quick-1.test.ts",
  "prove/quick-2.test.ts",
  "tests/terminal.test.ts",
  "tests/browser/chat.test.ts",
  "tests/class-in-terminal.test.ts",
  "tests/check/check.test.ts",
  "tests/class/checks.test.ts",
  "tests/check/hints.test.ts",
  "tests/browser/glass.test.ts",
  "tests/learn/strange-servers.test.ts",
  "tests/program.test.ts",
  "tests/chat-in-terminal.test.ts",
  "tests/check/strange.test.ts",
  "tests/hostile-server.test.ts",
  "server/store/upkeep/hand-edits.test.ts",
  "tests/stream.test.ts",
  "tests/browser/held-back.test.ts",
  "tests/browser/teacher.test.ts",
  "server/store/backup/backup.test.ts",
  "tests/watch-held-back.test.ts",
  "tests/course/lessons.test.ts",
  "tests/messages-in-terminal.test.ts",
  "bench/peers/peers.test.ts",
  "tests/course/solutions.test.ts",
  "server/store/move/move.test.ts",
  "tests/moved-in-terminal.test.ts",
  "tests/move-data.test.ts",
];

/** @param files their paths from the repository, with slashes. @returns the same files. */
export function longestFirst(files: readonly string[]): string[] {
  const place = (file: string) => {
    const index = LONGEST.indexOf(file);
    return index === -1 ? LONGEST.length : index;
  };
  return files.toSorted((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
}
