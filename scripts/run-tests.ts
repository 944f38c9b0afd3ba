/**
 * `npm test`: finds all test files and hands them to Node's own test runner. Arguments choose among the files by a part
 * of their path (`npm test -- journal`); those that begin with a dash go to the runner (`npm test -- --test-only`).
 * The container test is not among the files, because it needs a Docker engine: `npm run test:container` runs it.
 */
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";

const FOLDERS = ["server", "client", "web", "cli", "check", "testing", "tests", "scripts", "bench", "prove"];
/** Each test file is a process of its own, and many of them start servers of their own besides. */
const FILES_AT_ONCE = 3;
/** For one file. What takes longer hangs, and has failed. */
const TIMEOUT_MILLISECONDS = 300_000;

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
  const runner = [
    "--test",
    `--test-concurrency=${FILES_AT_ONCE}`,
    "--test-reporter=spec",
    `--test-timeout=${TIMEOUT_MILLISECONDS}`,
  ];
  const env = { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE };
  const child = spawn(process.execPath, [...runner, ...options, ...files], { cwd: root, stdio: "inherit", env });
  child.on("error", (error) => {
    throw error;
  });
  // Without an exit code the runner was ended by a signal, and that is no success either.
  child.on("exit", (exitCode) => {
    process.exitCode = exitCode ?? 1;
  });
}

function findTestFiles(): string[] {
  const found = globSync(`{${FOLDERS.join(",")}}/**/*.test.ts`, { cwd: root })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => !path.startsWith("tests/container/"));
  if (filters.length === 0) return found.sort();
  return found.filter((path) => filters.some((filter) => path.includes(filter))).sort();
}
