/**
 * Tests check.mjs, the check in one file: it is small enough to hand out, and needs nothing beside it. .ci/run tries it
 * with all the tests of the command, and with an old Node.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startServer } from "../../testing/start-server.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";

const BUILD = join(import.meta.dirname, "..", "..", "scripts", "build-check.ts");
const MAX_BYTES = 400 * 1024;

test("check.mjs is one file of at most 400 KiB, which has the cases, the hints and the sentences of the steps", async (t) => {
  const folder = await temporaryFolder(t);
  execFileSync(process.execPath, [BUILD, join(folder, "built.mjs")]);
  copyFileSync(join(folder, "built.mjs"), join(folder, "check.mjs"));
  assert.ok(statSync(join(folder, "check.mjs")).size <= MAX_BYTES);
  const server = await startServer(t, join(folder, "data"));
  const run = (...args: string[]) =>
    execFileSync(process.execPath, ["check.mjs", server.origin, ...args], {
      cwd: folder,
      env: { ...process.env, NO_COLOR: "1", XDG_CACHE_HOME: folder },
      encoding: "utf8",
    });
  assert.match(run("--secret", server.secret, "--stage", "1"), /All \d+ checks passed/);
  assert.throws(
    () => run("--secret", "not-the-class-secret", "--case", "register"),
    ({ stdout }: { stdout: string }) =>
      /Step register\.post\.9: Return 200\./.test(stdout) && /What to do:/.test(stdout),
  );
});
