/**
 * Tests how a server with a bug is started. The proof `check` runs the check against all of them.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { readBrokenServers } from "../../check/broken/broken-server.ts";

const REPOSITORY = join(import.meta.dirname, "..", "..");
const FOLDER = join(REPOSITORY, "check/broken");

test("no two broken servers have the same name", () => {
  const names = readBrokenServers(FOLDER).map(({ name }) => name);
  assert.ok(names.length >= 30);
  assert.equal(new Set(names).size, names.length);
});

test("a name that no broken server has gets a sentence", () => {
  for (const [name, place] of [
    ["nonsense", "check/broken"],
    ["", "check/broken"],
    ["prove/mutants/nonsense", "prove/mutants"],
    ["nowhere/nonsense", "nowhere"],
  ]) {
    const { status, stderr, stdout } = spawnSync(
      process.execPath,
      ["--import", pathToFileURL(join(FOLDER, "break.ts")).href, join(REPOSITORY, "server/main.ts"), "--port", "0"],
      { env: { ...process.env, PLAINCHAT_BROKEN: name }, encoding: "utf8", timeout: 20_000 },
    );
    assert.equal(status, 1, stdout);
    assert.equal(stderr, `There is no broken server "${name}". Set PLAINCHAT_BROKEN to a "name" in ${place}/*.json\n`);
  }
});
