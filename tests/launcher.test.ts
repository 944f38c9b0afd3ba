/**
 * The file `plainchat`, which people type instead of `npm run plainchat`: it installs what is missing, then becomes the
 * program. Some tests copy it into a small repository whose parts only say how they were started.
 */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { access, copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { EXIT } from "../cli/cli-error.ts";
import { PlainchatClient } from "../client/plainchat-client.ts";
import { atEnd } from "../testing/at-end.ts";
import { startServer } from "../testing/start-server.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";

const LAUNCHER_FILE = join(import.meta.dirname, "..", "plainchat");

interface Outcome {
  exitCode: number;
  out: string;
  error: string;
}

function run(file: string, words: string[], cwd: string, environment: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const options = { cwd, env: { ...process.env, ...environment }, timeout: 60_000 };
  return new Promise((resolve) => {
    execFile(file, words, options, (failure, out, error) => {
      resolve({ exitCode: failure === null ? 0 : Number(failure.code), out, error });
    });
  });
}

/** A repository with the launcher, and a link to it in another folder. */
async function smallRepository(t: TestContext, install: string): Promise<{ repository: string; link: string }> {
  const [repository, elsewhere] = [await temporaryFolder(t), await temporaryFolder(t)];
  await copyFile(LAUNCHER_FILE, join(repository, "plainchat"));
  for (const folder of ["scripts", "cli", "node_modules/.bin"])
    await mkdir(join(repository, folder), { recursive: true });
  await writeFile(join(repository, "scripts", "install-missing.mjs"), install);
  await writeFile(
    join(repository, "cli", "main.ts"),
    "console.log(JSON.stringify([process.argv0, process.env.INIT_CWD, ...process.argv.slice(2)]));",
  );
  await symlink(join(repository, "plainchat"), join(elsewhere, "plainchat"));
  return { repository, link: join(elsewhere, "plainchat") };
}

test("a link to it works from any folder: paths start there, arguments and exit code are unchanged", async (t) => {
  const [root, folder, elsewhere] = [await temporaryFolder(t), await temporaryFolder(t), await temporaryFolder(t)];
  const server = await startServer(t, root);
  const environment = { XDG_CONFIG_HOME: folder, PLAINCHAT_URL: server.origin, INIT_CWD: "/nowhere" };
  const link = join(elsewhere, "plainchat");
  await symlink(LAUNCHER_FILE, link);
  const plainchat = (...words: string[]) => run(link, words, folder, environment);
  assert.equal((await plainchat("inbox")).exitCode, EXIT.nobody);
  assert.equal((await plainchat("register", "ada", "--secret", server.secret)).exitCode, 0);
  assert.equal((await plainchat("send", "ada", "--", "--json", "two  spaces", `it's "quoted" $HOME \\`)).exitCode, 0);
  const { messages } = JSON.parse((await plainchat("inbox", "--json")).out);
  assert.equal(messages[0].message, `--json two  spaces it's "quoted" $HOME \\`);
  const backup = await plainchat("backup", "two words.tar.gz", "--root", root, "--json");
  assert.equal(JSON.parse(backup.out).file, join(folder, "two words.tar.gz"), backup.error);
});

test("serve gets its signals, and its --root starts at the caller's folder", async (t) => {
  const folder = await temporaryFolder(t);
  const child = spawn(LAUNCHER_FILE, ["serve", "--root", "my data", "--port", "0"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  atEnd(t, () => child.kill("SIGKILL"));
  const ended = once(child, "exit");
  let output = "";
  for await (const piece of child.stdout.setEncoding("utf8")) {
    output += piece;
    const origin = /"address":"(http:[^"]+)".*"ready"/.exec(output)?.[1];
    if (origin === undefined) continue;
    await access(join(folder, "my data", "users", "secret.dat"));
    await assert.rejects(new PlainchatClient(origin).registerUser({ secret: "wrong-wrong-wrong", userHandle: "ada" }));
    child.kill("SIGTERM");
    break;
  }
  assert.deepEqual(await ended, [0, null], output);
});

test("it installs what is missing first, and then runs on the Node of the packages", async (t) => {
  const install = `
    import { symlinkSync } from "node:fs";
    console.log("installing");
    symlinkSync(${JSON.stringify(process.execPath)}, "node_modules/.bin/node");`;
  const { repository, link } = await smallRepository(t, install);
  const environment = { PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
  const { out, error } = await run(link, ["a b", "--", ""], dirname(link), environment);
  assert.equal(error, "installing\n", "standard output is for the command");
  assert.deepEqual(JSON.parse(out), [`${repository}/node_modules/.bin/node`, dirname(link), "a b", "--", ""]);
});

test("when the packages cannot be installed, or there is no Node, it says so and runs nothing", async (t) => {
  const { link } = await smallRepository(t, `console.error("no internet"); process.exit(3);`);
  const environment = { PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
  assert.deepEqual(await run(link, [], dirname(link), environment), { exitCode: 3, out: "", error: "no internet\n" });
  const tools = await temporaryFolder(t);
  for (const tool of ["readlink", "dirname"]) {
    const { out } = await run("sh", ["-c", `command -v ${tool}`], tools);
    await symlink(out.trim(), join(tools, tool));
  }
  const without = await run(link, [], dirname(link), { PATH: tools });
  assert.deepEqual([without.exitCode, without.out], [1, ""]);
  assert.match(without.error, /^plainchat: This computer has no Node\. Install Node 20 or newer/);
});
