import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFile, mkdir, readdir, readFile, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { addUser, openTestStore, publish, readBox } from "../../../testing/open-test-store.ts";
import { temporaryFolder } from "../../../testing/temporary-folder.ts";
import { writeBackup } from "./backup.ts";
import { stageRestore } from "./restore.ts";

const NOW = new Date("2030-01-02T12:00:00.000Z");
const nothing = () => {};

/** A backup of one user with one message, and the same unpacked in the folder `monday`. */
async function aBackup(t: TestContext) {
  const data = await temporaryFolder(t);
  const store = await openTestStore(t, data);
  const ada = await addUser(store, "ada");
  await publish(store, ada, ada, "hello");
  await store.close();
  const folder = await temporaryFolder(t);
  await writeBackup(data, join(folder, "backup.tar.gz"), nothing);
  await mkdir(join(folder, "monday"));
  const tar = (...args: string[]) => execFileSync("tar", args, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  tar("-xzf", "backup.tar.gz", "-C", "monday");
  const good = await readFile(join(folder, "backup.tar.gz"));
  const restore = async (file: string) => {
    const root = await temporaryFolder(t);
    await stageRestore(root, join(folder, file), NOW, nothing);
    const restored = await openTestStore(t, root);
    assert.deepEqual(restored.reports, ["info: A backup has replaced the data"]);
    assert.deepEqual(
      (await readBox(restored, ada)).map(({ message }) => message),
      ["hello"],
    );
    assert.equal((await stat(join(root, "users", "1.dat"))).mode & 0o777, 0o600);
    assert.equal((await stat(join(root, "users", "1.dat"))).uid, process.geteuid?.());
  };
  return { folder, tar, good, restore };
}

test("a backup that was unpacked or packed again by a program of the computer is still a backup", async (t) => {
  const { folder, tar, good, restore } = await aBackup(t);
  await writeFile(join(folder, "only-gunzipped.tar.gz"), gunzipSync(good));
  for (const format of ["gnu", "pax", "ustar", "v7", "oldgnu"]) {
    tar(`--format=${format}`, "-czf", `${format}.tgz`, "-C", "monday", "users", "messages");
  }
  tar("-cf", "folders.tar", "-C", "monday", ".");
  tar("-cf", "other-order.tar", "--owner=4711", "--mode=0644", "-C", "monday", "messages", "users");
  tar("-czf", "one-folder-around.tar.gz", "monday");
  tar("-czf", "with-a-label.tar.gz", "--format=gnu", "--label=monday", "-C", "monday", "users", "messages");
  await writeFile(join(folder, "monday", "._users"), "a note of macOS");
  await writeFile(join(folder, "monday", "users", "._1.dat"), "a note of macOS");
  await writeFile(join(folder, "monday", "users", ".DS_Store"), "a note of macOS");
  tar("-czf", "by-macos.tar.gz", "monday");
  for (const file of (await readdir(folder)).filter((name) => name !== "monday")) await restore(file);
});

test("zeros after the end of a backup need no memory", { timeout: 20_000 }, async (t) => {
  const { folder, good, restore } = await aBackup(t);
  const zeros = Buffer.alloc(64 * 1024 * 1024);
  await writeFile(join(folder, "padded.tar.gz"), gzipSync(Buffer.concat([gunzipSync(good), zeros]), { level: 1 }));
  await restore("padded.tar.gz");
});

test("a file that is no backup is refused, with the reason, and leaves nothing behind", async (t) => {
  const { folder, tar, good } = await aBackup(t);
  const archive = gunzipSync(good);
  await mkdir(join(folder, "tuesday", "monday"), { recursive: true });
  for (const [name, contents] of [
    ["zip", "PK\u0003\u0004 and more"],
    ["web-page", "<!doctype html><title>404</title>"],
    ["journal", '{"op":"start","seq":1}\n'],
    ["text", "hello"],
    ["empty", ""],
    ["gzipped-text", gzipSync("hello")],
    ["twice", gzipSync(good)],
    ["half", good.subarray(0, good.length / 2)],
    ["ten-bytes", good.subarray(0, 10)],
    ["half-a-tar", archive.subarray(0, archive.length / 2)],
    ["tar-without-end", archive.subarray(0, archive.length - 1024)],
    ["one-file-missing", archive.subarray(0, 1024)],
    ["other-bytes", good.with(good.length - 6, (good.at(-6) ?? 0) ^ 1)],
  ] as const) {
    await writeFile(join(folder, name), contents);
  }
  await writeFile(join(folder, "monday", "users", "note\u001b[31m.txt"), "x");
  tar("-cf", "with-a-note", "-C", "monday", "users", "messages");
  tar("-cf", "two-folders", "--exclude", "note*", "--transform", "s,^monday/users,tuesday/users,", "monday");
  tar("-cf", "twice-the-same", "--exclude", "note*", "-C", "monday", "users", "messages");
  tar("-rf", "twice-the-same", "-C", "monday", "./messages/000001.jsonl");
  tar("-cf", "too-deep", "--exclude", "note*", "--transform", "s,^monday,a/b,", "monday");
  await symlink("/etc/passwd", join(folder, "monday", "users", "7.dat"));
  tar("-cf", "with-a-link", "-C", "monday", "users/7.dat", "messages");
  tar("-cPf", "upwards", "--exclude", "*7.dat", "--exclude", "note*", "--transform", "s,^monday,..,", "monday");

  await writeFile(join(folder, "monday", "users", "8.dat"), "");
  await truncate(join(folder, "monday", "users", "8.dat"), 1024 * 1024);
  tar("-cSf", "with-holes", "--format=gnu", "-C", "monday", "users/8.dat", "messages");
  tar("-cSf", "with-holes-as-pax", "--format=posix", "-C", "monday", "users/8.dat", "messages");
  await copyFile(
    join(folder, "monday", "messages", "000001.jsonl"),
    join(folder, "monday", "messages", "000000.jsonl"),
  );
  tar("-czf", "number-zero", "-C", "monday", "messages/000000.jsonl");

  const root = join(await temporaryFolder(t), "data");
  await mkdir(root);
  for (const [name, sentence] of [
    ["zip", "is not a plainchat backup: it is a zip file. Unpack it, and"],
    ["web-page", "is not a plainchat backup: it is a web page"],
    ["journal", "is not a plainchat backup: it is a file of the journal"],
    ["text", "is not a plainchat backup: it is not a tar.gz file"],
    ["empty", "is not a plainchat backup: it is empty"],
    ["gzipped-text", "is not a plainchat backup: what is packed in it is not a tar file"],
    ["twice", "is not a plainchat backup: it is packed twice"],
    ["half", "is damaged: its end is missing. Was a copy or a download of it cut off?"],
    ["ten-bytes", "is damaged: its end is missing"],
    ["half-a-tar", "is damaged: its end is missing"],
    ["tar-without-end", "is damaged: its end is missing"],
    ["one-file-missing", "is damaged: its end is missing"],
    ["other-bytes", "is damaged: some of its bytes have changed since it was written"],
    ["with-a-note", 'is not a plainchat backup: it contains "users/note?[31m.txt"'],
    ["two-folders", 'is not a plainchat backup: it contains "'],
    ["twice-the-same", 'is not a plainchat backup: it contains "messages/000001.jsonl" twice'],
    ["too-deep", 'is not a plainchat backup: it contains "a/b/'],
    ["with-a-link", 'is not a plainchat backup: it contains "users/7.dat", which is not a plain file'],
    ["with-holes", 'is not a plainchat backup: it contains "users/8.dat", which is not a plain file'],
    ["with-holes-as-pax", 'is not a plainchat backup: it contains "users/GNUSparseFile'],
    ["number-zero", 'is not a plainchat backup: it contains "messages/000000.jsonl"'],
    ["upwards", 'is not a plainchat backup: it contains "../'],
  ] as const) {
    await assert.rejects(
      stageRestore(root, join(folder, name), NOW, nothing),
      ({ message }: Error) => message.startsWith(`${join(folder, name)} ${sentence}`) || assert.fail(message),
      name,
    );
    assert.deepEqual(await readdir(root), [], name);
  }
});
