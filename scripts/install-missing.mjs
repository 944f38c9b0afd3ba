/**
 * Installs packages that are missing, so that every command works on a fresh clone. npm runs it before each script:
 *
 *     node scripts/install-missing.mjs         what the server and ./plainchat need
 *     node scripts/install-missing.mjs --all   also what the tests, the bench and the proofs need
 *
 * A class downloads thirty times what this installs, so it installs no more than that. Node itself is one of the
 * packages, and the largest: it comes only where the computer's own Node is too old. That old Node runs this script, so
 * it is plain JavaScript for Node 20 and imports nothing. When nothing is missing, it must cost next to nothing.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

const OLDEST_NODE = [24, 12];
const PROGRESS_MILLISECONDS = { terminal: 250, elsewhere: 5000 };

const root = fileURLToPath(new URL("..", import.meta.url));
const modules = join(root, "node_modules");
const pinnedNode = join(modules, ".bin", "node");
const lockText = readFileSync(join(root, "package-lock.json"), "utf8");

/** Says what was installed. The last word is "useless" where the pinned Node does not run, as on Alpine. */
const markerFile = join(modules, ".plainchat-installed");
const platform = `${process.platform}-${process.arch}`;
const lockAndPlatform = `${createHash("sha256").update(lockText).digest("hex")} ${platform}`;

const runsOnPinnedNode = process.execPath.startsWith(modules + sep);
const isNodeTooOld = !isNewEnough(process.versions.node);
const needsPinnedNode = runsOnPinnedNode || isNodeTooOld;

await installMissing(process.argv.includes("--all"));

async function installMissing(wantsAll) {
  const [hash, system, group, runtime] = (readIfThere(markerFile) ?? "").split(" ");
  // What was installed once for the tests stays when the packages change.
  const all = wantsAll || group === "all";
  const isCurrent = `${hash} ${system}` === lockAndPlatform && (group === "all" || !wantsAll);
  const hasRuntime = !needsPinnedNode || existsSync(pinnedNode) || runtime === "useless";
  if (!isCurrent || !hasRuntime) {
    if (!packagesAreComplete(all)) await installPackages(all);
    const isUseless = existsSync(pinnedNode) && !pinnedNodeRuns();
    // A pinned Node that does not run here must not stand in the way of one that does.
    if (isUseless) for (const ending of ["", ".cmd", ".ps1"]) rmSync(pinnedNode + ending, { force: true });
    writeFileSync(markerFile, `${lockAndPlatform} ${all ? "all" : "run"} ${isUseless ? "useless" : "good"}`);
  }
  if (isNodeTooOld && !existsSync(pinnedNode)) {
    fail(
      `this computer has Node ${process.versions.node}, and no newer one that npm can install runs on ${platform}. ` +
        `Install Node ${OLDEST_NODE.join(".")} or newer, then try again.`,
    );
  }
}

/** The packages of the lockfile that this computer needs, by their paths. */
function wantedPackages(all) {
  return Object.entries(JSON.parse(lockText).packages).filter(([path, each]) => {
    const { dev, devOptional, optional, os, cpu, libc } = each;
    if (path === "" || ((dev || devOptional) && !all)) return false;
    if (!optional) return true;
    // Some packages come in one form for each C library. Only npm knows which one this computer has.
    if (libc !== undefined) return false;
    return (all || needsPinnedNode) && fits(os, process.platform) && fits(cpu, process.arch);
  });
}

/** A list such as `["linux"]` or `"linux"`; without one a package is for everybody. */
function fits(list, mine) {
  return list === undefined || [list].flat().includes(mine);
}

/**
 * Whether somebody has run `npm ci` by hand, and may have no internet any more. npm notes what it has installed. Of the
 * optional packages only Node is looked for: npm knows better which of the others fit this computer.
 */
function packagesAreComplete(all) {
  const noted = readIfThere(join(modules, ".package-lock.json"));
  if (noted === undefined || (needsPinnedNode && !existsSync(pinnedNode))) return false;
  const installed = JSON.parse(noted).packages;
  return wantedPackages(all).every(
    ([path, { optional, integrity }]) => optional || installed[path]?.integrity === integrity,
  );
}

async function installPackages(all) {
  if (process.platform === "win32" && runsOnPinnedNode && nodeHasChanged()) {
    fail("the packages have changed, and Windows cannot replace a Node that is running. Delete node_modules first.");
  }
  const missing = wantedPackages(all).filter(([path]) => !isThere(path));
  const count = `${missing.length} ${missing.length === 1 ? "package" : "packages"}`;
  const why = all ? "that the tests, the bench and the proofs need" : "that the server needs";
  const node = isNodeTooOld ? `, including a newer Node (this computer has Node ${process.versions.node})` : "";
  say(`installing ${count} ${why}${node}. This happens once, and needs the internet.`);
  const started = Date.now();
  const stopProgress = showProgress(missing.map(([path]) => path));
  const { status, error } = await runNpm(npmArguments(all));
  stopProgress();
  if (error !== undefined) fail(`npm must install the packages, but it did not start: ${error.message}`);
  if (status !== 0) {
    const rest =
      all && packagesAreComplete(false) ? " The server's own packages are still there: npm start works." : "";
    fail(
      `the packages could not be installed. npm says why above. Is this computer on the internet?${rest}`,
      status ?? 1,
    );
  }
  const seconds = Math.max(1, Math.round((Date.now() - started) / 1000));
  say(`installed: node_modules has ${Math.ceil(bytesIn(modules) / 1_000_000)} MB now, after ${seconds} s.`);
}

/**
 * `npm ci` begins by removing everything, so it is for an empty folder. Where packages are installed, `npm install`
 * adds what is missing: if that fails half-way, a server that worked before works after.
 */
function npmArguments(all) {
  const command = existsSync(join(modules, ".package-lock.json")) ? ["install", "--no-save"] : ["ci"];
  const groups = all
    ? ["--include=dev", "--include=optional"]
    : ["--omit=dev", needsPinnedNode ? "--include=optional" : "--omit=optional"];
  // No package has an install script that we need. Warnings would be about the Node that npm runs on, which is not the
  // one that the packages get.
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error"];
  return [...command, ...groups, "--prefer-offline", ...quiet];
}

/** Runs the npm that runs this script. Without one, a bare `npm` needs a shell on Windows. */
function runNpm(options) {
  const npmFile = process.env.npm_execpath ?? "";
  const isNpm = /^npm-cli\.c?js$/.test(basename(npmFile));
  // npm's own Node, because the one in node_modules may be replaced in a moment.
  const command = isNpm ? (process.env.npm_node_execpath ?? process.execPath) : "npm";
  const child = spawn(command, isNpm ? [npmFile, ...options] : options, {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    shell: !isNpm && process.platform === "win32",
  });
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ error }));
    child.on("close", (status) => resolve({ status }));
  });
}

/** Counts the packages that have arrived: on one line of a terminal, elsewhere on a line every few seconds. */
function showProgress(paths) {
  const isTerminal = process.stderr.isTTY === true;
  let last = "";
  const show = () => {
    const waiting = paths.filter((path) => !isThere(path));
    const names = waiting.map((path) => path.replace(/^.*node_modules\//, "")).join(", ");
    const rest = waiting.length > 0 && waiting.length < 4 ? `, waiting for ${names}` : "";
    const line = `${paths.length - waiting.length} of ${paths.length} packages${rest}`;
    if (line === last) return;
    last = line;
    process.stderr.write(isTerminal ? `\r\x1b[Kplainchat: ${line}` : `plainchat: ${line}\n`);
  };
  const timer = setInterval(show, isTerminal ? PROGRESS_MILLISECONDS.terminal : PROGRESS_MILLISECONDS.elsewhere);
  return () => {
    clearInterval(timer);
    if (isTerminal) process.stderr.write("\r\x1b[K");
  };
}

function isThere(path) {
  return existsSync(join(root, path, "package.json"));
}

function bytesIn(folder) {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += bytesIn(path);
    else if (entry.isFile()) bytes += statSync(path).size;
  }
  return bytes;
}

/** Whether another version of the pinned Node is wanted than the one that is installed. */
function nodeHasChanged() {
  const noted = JSON.parse(readIfThere(join(modules, ".package-lock.json")) ?? '{"packages":{}}').packages;
  const locked = JSON.parse(lockText).packages;
  return Object.keys(noted).some(
    (path) => /^node_modules\/node-/.test(path) && noted[path].integrity !== locked[path]?.integrity,
  );
}

function pinnedNodeRuns() {
  const isWindows = process.platform === "win32";
  const command = isWindows ? `"${pinnedNode}.cmd"` : pinnedNode;
  return spawnSync(command, ["--version"], { shell: isWindows }).status === 0;
}

function isNewEnough(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
}

function readIfThere(path) {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** On the error output, so that what a command prints can be piped. */
function say(sentence) {
  console.error(`plainchat: ${sentence}`);
}

function fail(sentence, exitCode = 1) {
  say(sentence);
  process.exit(exitCode);
}
