/**
 * Installs the packages of package-lock.json where they are missing, so that `npm start` and `npm test` work on a fresh
 * clone. npm calls it before both, and before `npm run bench`. It runs on the Node that the machine has, from 20 up,
 * because the pinned Node 24 that runs everything else is one of the packages: hence plain JavaScript, and nothing
 * imported. When nothing is missing it must cost next to nothing.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

const OLDEST_NODE = [24, 12];

const root = fileURLToPath(new URL("..", import.meta.url));
const modules = join(root, "node_modules");
const pinnedNode = join(modules, ".bin", "node");
const markerFile = join(modules, ".plainchat-installed");
const lockText = readFileSync(join(root, "package-lock.json"), "utf8");
const platform = `${process.platform}-${process.arch}`;
const wanted = `${createHash("sha256").update(lockText).digest("hex")} ${platform}`;

installMissing();

function installMissing() {
  const marker = readIfThere(markerFile);
  if (marker === `${wanted} pinned` && existsSync(pinnedNode)) return;
  if (marker !== `${wanted} own`) {
    if (!packagesAreComplete()) installPackages();
    const runtime = pinnedNodeRuns() ? "pinned" : "own";
    writeFileSync(markerFile, `${wanted} ${runtime}`);
    if (runtime === "pinned") return;
    // A pinned Node that does not run here (as on Alpine) must not stand in the way of one that does.
    for (const ending of ["", ".cmd", ".ps1"]) rmSync(pinnedNode + ending, { force: true });
  }
  if (!isNewEnough(process.versions.node)) {
    fail(
      `No Node that npm can install runs on this system (${platform}), and the one here is ${process.version}. ` +
        `Install Node ${OLDEST_NODE.join(".")} or newer, then run this again.`,
    );
  }
}

/**
 * Somebody may have run `npm ci` by hand, and have no internet any more: npm notes what it installed, and what is
 * complete must not be removed only to be installed again.
 */
function packagesAreComplete() {
  const noted = readIfThere(join(modules, ".package-lock.json"));
  if (noted === undefined || !existsSync(pinnedNode)) return false;
  const installed = JSON.parse(noted).packages;
  return Object.entries(JSON.parse(lockText).packages).every(
    ([path, { optional, integrity }]) => path === "" || optional || installed[path]?.integrity === integrity,
  );
}

function installPackages() {
  if (process.platform === "win32" && process.execPath.startsWith(modules + sep)) {
    fail("The packages have changed, and Windows cannot replace a Node that is running. Delete node_modules first.");
  }
  console.log("plainchat: installing the packages that package-lock.json names. This happens once.");
  // No package has an install script that we need, so none gets to run one.
  const options = ["ci", "--include=dev", "--include=optional", "--ignore-scripts", "--prefer-offline"];
  // Warnings would be about the Node that npm runs on, and it is not the one that the packages get.
  const { status, error } = runNpm([...options, "--no-audit", "--no-fund", "--loglevel=error"]);
  if (error !== undefined) fail(`npm is needed to install the packages, and could not be started: ${error.message}`);
  if (status !== 0) {
    fail("The packages could not be installed. npm says why above. Is this computer on the internet?", status ?? 1);
  }
}

/** Runs the same npm that runs this script; on Windows a bare `npm` would need a shell. */
function runNpm(options) {
  const npmFile = process.env.npm_execpath ?? "";
  if (/^npm-cli\.c?js$/.test(basename(npmFile))) {
    // The Node that npm itself runs on, because the one of node_modules is about to be replaced.
    const node = process.env.npm_node_execpath ?? process.execPath;
    return spawnSync(node, [npmFile, ...options], { cwd: root, stdio: "inherit" });
  }
  return spawnSync("npm", options, { cwd: root, stdio: "inherit", shell: process.platform === "win32" });
}

function pinnedNodeRuns() {
  if (!existsSync(pinnedNode)) return false;
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

function fail(sentence, exitCode = 1) {
  console.error(`plainchat: ${sentence}`);
  process.exit(exitCode);
}
