/**
 * Runs the examples in docs/guides/clients.md with the clients that this computer has. Each must print what its last
 * comment says.
 */
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { startApp } from "../testing/start-app.ts";

/** How to run the text of an example, by what stands behind its three backquotes. */
const PROGRAMS: Record<string, string[]> = {
  sh: ["sh", "-c"],
  "sh wget": ["sh", "-c"],
  js: [process.execPath, "--input-type=module", "-e"],
  python: ["python3", "-c"],
  php: ["php", "-r"],
  ruby: ["ruby", "-e"],
};
/** These need a package, or a frame around them. */
const NOT_RUN = ["js eventsource", "java"];
/** Every computer that can run the tests has these. */
const EVERYWHERE = ["sh", "js"];

const guide = readFileSync(join(import.meta.dirname, "../docs/guides/clients.md"), "utf8");
const examples = [...guide.matchAll(/```(.+)\n([\s\S]*?)```/g)].map(([, kind = "", code = ""]) => ({ kind, code }));

test("every example in docs/guides/clients.md prints what it says", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  await app.register("grace");
  assert.ok(examples.length >= 9);
  await Promise.all(
    examples.map(async ({ kind, code }) => {
      if (NOT_RUN.includes(kind)) return;
      const [program = "", ...args] = PROGRAMS[kind] ?? assert.fail(`Nothing runs ${kind}`);
      const needed = kind.split(" ")[1] ?? program;
      const isMissing = spawnSync(needed, ["--version"]).error !== undefined;
      if (isMissing && !EVERYWHERE.includes(kind)) return t.diagnostic(`${needed} is not here`);
      const { port } = new URL(app.origin);
      const here = code
        .replaceAll("127.0.0.1:8080", `127.0.0.1:${port}`)
        .replace('"127.0.0.1", 8080', `"127.0.0.1", ${port}`);
      const environment = { ...process.env, ADA: ada.user };
      const { stdout } = await promisify(execFile)(program, [...args, here], { env: environment, timeout: 20_000 });
      const promised = /.*(?:#|\/\/) (.*)/s.exec(code)?.[1]?.split("\n")[0];
      assert.equal(stdout.trim(), promised, `${kind}: ${code}`);
    }),
  );
});
