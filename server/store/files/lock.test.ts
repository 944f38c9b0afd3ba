import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { atEnd } from "../../../testing/at-end.ts";
import { temporaryFolder } from "../../../testing/temporary-folder.ts";
import { Lock, LockedError } from "./lock.ts";

const NOBODY = 65_534;

test("a second Lock is refused until the first one is released", async (t) => {
  const path = join(await temporaryFolder(t), "lock");
  const first = new Lock(path);
  assert.throws(() => new Lock(path), /Another plainchat server is using this data folder/);
  first.release();
  new Lock(path).release();
});

test("Lock.take() waits until the lock is released, but only for the given time", async (t) => {
  const path = join(await temporaryFolder(t), "lock");
  const first = new Lock(path);
  const waiting = Lock.take(path, 60_000);
  await assert.rejects(Lock.take(path, 100), LockedError);
  first.release();
  (await waiting).release();
});

/** Another process that takes the lock. @param user the id of the user that it belongs to. */
async function startHolder(t: TestContext, path: string, user?: number): Promise<ChildProcess> {
  const source = `import { Lock } from ${JSON.stringify(import.meta.resolve("./lock.ts"))};
    globalThis.held = new Lock(process.argv[1]); // Otherwise the garbage collector closes it.
    if (process.argv[2]) process.setuid(Number(process.argv[2]));
    console.log("locked"); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ["--input-type=module-typescript", "-e", source, path, String(user ?? "")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  atEnd(t, () => void holder.kill("SIGKILL"));
  await once(holder.stdout, "data");
  return holder;
}

test("only its owner may open the lock file, even if it was there before and everybody could", async (t) => {
  const path = join(await temporaryFolder(t), "lock");
  await chmod(dirname(path), 0o755);
  for (const mode of [undefined, 0o644, 0o666]) {
    if (mode !== undefined) await chmod(path, mode);
    const lock = new Lock(path);
    if (process.platform !== "win32") {
      for (const name of [path, `${path}-journal`]) assert.equal((await stat(name)).mode & 0o777, 0o600, name);
    }
    lock.release();
  }
});

test("whoever holds the lock is named, as far as the system tells it", {
  skip: process.platform !== "linux",
}, async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, "lock");
  const holder = await startHolder(t, path);
  const own = new RegExp(`Another plainchat server is using this data folder \\(process ${holder.pid}\\)\\. Stop it`);
  assert.throws(() => new Lock(path), own);
  // Only root can start a program as somebody else.
  if (process.geteuid?.() !== 0) return;
  const other = await startHolder(t, join(folder, "lock-2"), NOBODY);
  assert.throws(
    () => new Lock(join(folder, "lock-2")),
    new RegExp(
      `A program of another user is using this data folder \\(process ${other.pid} of the user with the number ${NOBODY}\\).*Stop`,
    ),
  );
});

test("Lock is free the moment its holder is killed", async (t) => {
  const path = join(await temporaryFolder(t), "lock");
  const holder = await startHolder(t, path);
  assert.throws(() => new Lock(path), /Another plainchat server/);
  holder.kill("SIGKILL");
  await once(holder, "exit");
  new Lock(path).release();
});
