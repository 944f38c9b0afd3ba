import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../../../testing/temporary-folder.ts";
import { Lock, LockedError } from "./lock.ts";

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

test("Lock is free the moment its holder is killed", async (t) => {
  const path = join(await temporaryFolder(t), "lock");
  const source = `import { Lock } from ${JSON.stringify(import.meta.resolve("./lock.ts"))};
    new Lock(process.argv[1]); console.log("locked"); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ["--input-type=module-typescript", "-e", source, path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(holder.stdout, "data");
  assert.throws(() => new Lock(path), /Another plainchat server/);
  holder.kill("SIGKILL");
  await once(holder, "exit");
  new Lock(path).release();
});
