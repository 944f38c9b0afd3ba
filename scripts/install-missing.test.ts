/**
 * What a fresh clone installs, tried with npm itself on a small repository whose packages are files beside it: one for
 * running, one for tests. `.ci/run` measures the real packages.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { temporaryFolder } from "../testing/temporary-folder.ts";

/** Nothing listens on port 9, so a package that is not a file beside it cannot be downloaded. */
const NO_REGISTRY = { npm_config_registry: "http://127.0.0.1:9", npm_config_fetch_retries: "0" };

interface Clone {
  /** A path in the clone. */
  path: (name: string) => string;
  npm: (...args: string[]) => void;
  install: (...args: string[]) => { status: number | null; said: string };
  has: (name: string) => boolean;
}

async function cloneWithPackages(t: TestContext): Promise<Clone> {
  const root = await temporaryFolder(t);
  const path = (name: string) => join(root, name);
  for (const name of ["for-running", "for-tests"]) {
    mkdirSync(path(name));
    writeFileSync(path(`${name}/package.json`), JSON.stringify({ name, version: "1.0.0" }));
  }
  mkdirSync(path("scripts"));
  copyFileSync(join(import.meta.dirname, "install-missing.mjs"), path("scripts/install-missing.mjs"));
  const run = (command: string, args: string[]) => {
    const { status, stderr } = spawnSync(command, args, {
      cwd: root,
      env: { PATH: process.env.PATH, HOME: root, npm_config_cache: path("cache"), ...NO_REGISTRY },
      encoding: "utf8",
      shell: process.platform === "win32",
    });
    return { status, said: stderr };
  };
  const npm = (...args: string[]) => assert.equal(run("npm", args).status, 0);
  npm("pack", "./for-running", "./for-tests");
  writeFileSync(
    path("package.json"),
    JSON.stringify({
      dependencies: { "for-running": "file:for-running-1.0.0.tgz" },
      devDependencies: { "for-tests": "file:for-tests-1.0.0.tgz" },
    }),
  );
  npm("install", "--package-lock-only");
  return {
    path,
    npm,
    install: (...args) => run(process.execPath, ["scripts/install-missing.mjs", ...args]),
    has: (name) => existsSync(path(`node_modules/${name}/package.json`)),
  };
}

test("npm start installs what running needs, and nothing else; npm test adds the rest", async (t) => {
  const { install, has } = await cloneWithPackages(t);
  const first = install();
  assert.equal(first.status, 0, first.said);
  assert.match(first.said, /^plainchat: installing 1 package that the server needs\. This happens once/);
  assert.match(first.said, /plainchat: installed: node_modules has 1 MB now, after \d+ s\.\n$/);
  assert.deepEqual([has("for-running"), has("for-tests")], [true, false]);
  assert.deepEqual(install(), { status: 0, said: "" }, "the second time there is nothing to do");

  const more = install("--all");
  assert.match(more.said, /^plainchat: installing 1 package that the tests, the bench and the proofs need/);
  assert.deepEqual([has("for-running"), has("for-tests")], [true, true]);
  assert.deepEqual(install(), { status: 0, said: "" });
  assert.deepEqual(install("--all"), { status: 0, said: "" });
});

test("when the packages for the tests cannot be downloaded, the server still has its own", async (t) => {
  const { path, install, has } = await cloneWithPackages(t);
  assert.equal(install().status, 0);
  for (const file of ["package.json", "package-lock.json"]) {
    const contents = JSON.parse(readFileSync(path(file), "utf8"));
    (contents.packages?.[""] ?? contents).devDependencies.unreachable = "1.0.0";
    const locked = { version: "1.0.0", integrity: `sha512-${"A".repeat(86)}==`, dev: true };
    if (contents.packages !== undefined) contents.packages["node_modules/unreachable"] = locked;
    writeFileSync(path(file), JSON.stringify(contents));
  }
  const { status, said } = install("--all");
  assert.notEqual(status, 0);
  assert.match(
    said,
    /Is this computer on the internet\? The server's own packages are still there: npm start works\.\n$/,
  );
  assert.ok(has("for-running"));
  assert.deepEqual(install(), { status: 0, said: "" });
});

test("what npm ci installed by hand is not downloaded again", async (t) => {
  const { npm, install } = await cloneWithPackages(t);
  npm("ci");
  assert.deepEqual(install("--all"), { status: 0, said: "" });
  assert.deepEqual(install(), { status: 0, said: "" });
});
