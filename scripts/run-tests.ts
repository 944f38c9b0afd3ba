/**
 * `npm test`: finds all test files and runs them with Node's own test runner, the longest first. Arguments choose among
 * the files by a part of their path (`npm test -- journal`); those that begin with a dash go to the process of each file
 * (`npm test -- --test-only`). The container test is not among the files, because it needs a Docker engine: `npm run
 * test:container` runs it.
 */
import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { longestFirst } from "./longest-first.ts";

const FOLDERS = ["server", "client", "web", "cli", "check", "testing", "tests", "scripts", "bench", "prove"];
/** Each test file is a process of its own. Many of them start servers, and many wait for time to pass. */
const FILES_AT_ONCE = Math.min(2 * availableParallelism() + 1, 12);
/** What takes longer hangs, and has failed. */
const TEST_MILLISECONDS = 600_000;
const FILE_MILLISECONDS = 900_000;

const root = join(import.meta.dirname, "..");
/** Test files and commands start many hundred times. With this cache, Node compiles the source only once. */
const COMPILE_CACHE = join(root, "node_modules", ".cache", "compiled");
const options = process.argv.slice(2).filter((argument) => argument.startsWith("-"));
const filters = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));
const files = findTestFiles();

if (files.length === 0) {
  console.error(
    filters.length === 0 ? "There are no test files" : `No test file has "${filters.join('" or "')}" in it`,
  );
  process.exitCode = 1;
} else {
  process.env.NODE_COMPILE_CACHE = COMPILE_CACHE;
  process.chdir(root);
  const execArgv = [`--test-timeout=${TEST_MILLISECONDS}`, ...options];
  const abort = new AbortController();
  const { signal } = abort;
  const running = run({ files, concurrency: FILES_AT_ONCE, timeout: FILE_MILLISECONDS, execArgv, signal });
  // Otherwise the files would run on by themselves.
  for (const each of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(each, () => abort.abort());
  running.on("test:fail", () => {
    process.exitCode = 1;
  });
  running.compose(new spec()).pipe(process.stdout);
}

function findTestFiles(): string[] {
  const found = globSync(`{${FOLDERS.join(",")}}/**/*.test.ts`, { cwd: root })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => !path.startsWith("tests/container/"));
  return longestFirst(found.filter((path) => filters.length === 0 || filters.some((filter) => path.includes(filter))));
}
