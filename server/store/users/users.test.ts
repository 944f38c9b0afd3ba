import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, rmdir, stat, symlink, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { addUser, openTestStore, publish, readBox, type TestStore } from "../../../testing/open-test-store.ts";
import { temporaryFolder } from "../../../testing/temporary-folder.ts";
import { encodeProfile } from "./profile.ts";

async function fresh(t: TestContext): Promise<{ root: string; store: TestStore; file: (name: string) => string }> {
  const root = await temporaryFolder(t);
  return { root, store: await openTestStore(t, root), file: (name) => join(root, "users", name) };
}

/** Waits until a condition is true. Fails after two seconds: the promise is one second. */
async function within2Seconds(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 2000;
  while (!isSo()) {
    assert.ok(Date.now() < deadline, "it took longer than two seconds");
    await setTimeout(10);
  }
}

test("a registered user is three files, which only the owner of the server can read", async (t) => {
  const { store, file } = await fresh(t);
  const ada = await addUser(store, "ada");
  const hash = store.users.hashHandle("ada");
  assert.equal(await readFile(file("1.dat"), "utf8"), ada.authToken.text);
  assert.equal(await readFile(file(`${hash}.dat`), "utf8"), "1");
  assert.equal(JSON.parse(await readFile(file("1.json"), "utf8")).userHandle, "ada");
  for (const name of ["1.dat", `${hash}.dat`, "1.json", "secret.dat"]) {
    assert.equal((await stat(file(name))).mode & 0o077, 0, name);
  }
});

test("createHandleFile() gives a handle to exactly one of a hundred users at once", async (t) => {
  const { store } = await fresh(t);
  const hash = store.users.hashHandle("ada");
  const claims = Array.from({ length: 100 }, async () => {
    const userId = await store.users.nextId();
    await store.users.createTokenFile(userId, "a-token-of-some-length", "ada");
    return { userId, created: await store.users.createHandleFile(hash, userId) };
  });
  const winners = (await Promise.all(claims)).filter(({ created }) => created);
  assert.equal(winners.length, 1);
  assert.deepEqual(store.users.openHandleFile(hash), { userId: winners[0]?.userId });
});

test("after change() the old handle is free and the new one is taken, even after a restart", async (t) => {
  const { root, store } = await fresh(t);
  const ada = await addUser(store, "ada");
  const { users } = store;
  assert.ok(await users.createHandleFile(users.hashHandle("countess"), ada.userId));
  assert.equal(await users.createHandleFile(users.hashHandle("countess"), 99), false, "claimed before the commit");
  await users.change(ada.userId, "countess", "another-token-for-ada");
  await users.removeHandleFile(users.hashHandle("ada"));
  await store.close();
  const again = await openTestStore(t, root);
  assert.deepEqual(again.users.list(0, 10), [{ userId: 1, userHandle: "countess" }]);
  assert.equal(again.users.openHandleFile(users.hashHandle("ada")), "not found");
  const user = again.users.openTokenFile(1);
  assert.ok(typeof user !== "string" && user.authToken.matches("another-token-for-ada"));
});

test("the start finishes a rename that was interrupted after its commit", async (t) => {
  const { root, store, file } = await fresh(t);
  await addUser(store, "ada");
  const { users } = store;
  await users.createHandleFile(users.hashHandle("countess"), 1);
  await store.close();
  // The commit, with a new token in the profile, and then the crash.
  const profile = { userHandle: "countess", registeredAt: "2030-01-01T00:00:00.000Z", authToken: "the-new-token" };
  await writeFile(file("1.json"), encodeProfile(profile));
  const again = await openTestStore(t, root);
  assert.equal(await readFile(file("1.dat"), "utf8"), "the-new-token");
  assert.deepEqual(again.users.openHandleFile(users.hashHandle("countess")), { userId: 1 });
  assert.ok(!(await readdir(join(root, "users"))).includes(`${users.hashHandle("ada")}.dat`));
  assert.ok(!(await readFile(file("1.json"), "utf8")).includes("the-new-token"));
});

test("the start undoes a rename that was interrupted before its commit", async (t) => {
  const { root, store } = await fresh(t);
  await addUser(store, "ada");
  const { users } = store;
  await users.createHandleFile(users.hashHandle("countess"), 1);
  await store.close();
  const again = await openTestStore(t, root);
  assert.equal(again.users.openHandleFile(users.hashHandle("countess")), "not found");
  await addUser(again, "countess");
  assert.deepEqual(again.users.openHandleFile(users.hashHandle("ada")), { userId: 1 });
});

test("the start finishes a removal that was interrupted after its commit", async (t) => {
  const { root, store, file } = await fresh(t);
  const ada = await addUser(store, "ada");
  const grace = await addUser(store, "grace");
  await publish(store, grace, ada, "to ada");
  await publish(store, ada, grace, "to grace");
  await store.close();
  await unlink(file("1.dat"));
  const again = await openTestStore(t, root);
  assert.deepEqual(await readBox(again, ada), []);
  assert.equal((await readBox(again, grace)).length, 1);
  assert.deepEqual(
    (await readdir(join(root, "users"))).filter((name) => name.startsWith("1.")),
    [],
  );
  assert.equal((await addUser(again, "ada")).userId, 3);
});

test("an id is not reused when every file of its user is removed by hand", async (t) => {
  const { root, store } = await fresh(t);
  await addUser(store, "ada");
  await store.close();
  await rm(join(root, "users"), { recursive: true });
  const again = await openTestStore(t, root);
  assert.equal((await addUser(again, "ada")).userId, 2);
});

test("a token changed by hand counts within a second, and so does a user removed by hand", async (t) => {
  const { store, file } = await fresh(t);
  await addUser(store, "ada");
  await writeFile(file("1.dat"), "\ufeffwritten-by-hand-in-an-editor \r\n");
  await within2Seconds(() => {
    const user = store.users.openTokenFile(1);
    return typeof user !== "string" && user.authToken.matches("written-by-hand-in-an-editor");
  });
  await unlink(file("1.dat"));
  await within2Seconds(() => store.users.openTokenFile(1) === "not found");
  assert.equal(store.users.openHandleFile(store.users.hashHandle("ada")), "not found");
  assert.equal((await addUser(store, "ada")).userId, 2);
});

test("a file that makes no sense is unreadable, and never leads to another user", async (t) => {
  const { root, store, file } = await fresh(t);
  await addUser(store, "ada");
  await store.close();
  await writeFile(file("1.dat"), "");
  await writeFile(file(`${store.users.hashHandle("grace")}.dat`), "../1");
  const again = await openTestStore(t, root);
  assert.equal(again.users.openTokenFile(1), "unreadable");
  assert.equal(again.users.openHandleFile(store.users.hashHandle("grace")), "unreadable");
});

test("a folder with only the seed's files works: handles are found by their hash", async (t) => {
  const { root, store, file } = await fresh(t);
  await addUser(store, "ada");
  await store.close();
  await unlink(file("1.json"));
  const again = await openTestStore(t, root);
  assert.deepEqual(again.users.openHandleFile(store.users.hashHandle("ada")), { userId: 1 });
  assert.notEqual(again.users.openTokenFile(1), "not found");
  // Claiming the handle again makes the missing profile.
  assert.ok(await again.users.createHandleFile(store.users.hashHandle("ada"), 1));
  await again.users.change(1, "ada", "token-of-ada-1234");
  assert.deepEqual(again.users.list(0, 10), [{ userId: 1, userHandle: "ada" }]);
});

test("a file of the class secret that holds no text is an error, and says why", async (t) => {
  const { store, file } = await fresh(t);
  const secret = file("secret.dat");
  const latin1 = Buffer.from("fünf blaue Bären", "latin1");
  const utf16 = Buffer.from("\ufefffour-new-words-here", "utf16le");
  const steps: [make: () => Promise<unknown>, why: RegExp][] = [
    [() => writeFile(secret, latin1), /not text in UTF-8/],
    [() => writeFile(secret, utf16), /not text in UTF-8/],
    [() => writeFile(secret, "x".repeat(5000)), /far too long/],
    [() => unlink(secret), /is missing/],
    [() => mkdir(secret), /not a file/],
    [() => rmdir(secret), /is missing/],
    [() => symlink("secret.dat", secret), /gives the error ELOOP/],
  ];
  for (const [make, why] of steps) {
    await make();
    assert.equal(store.secret.open(), undefined);
    const read = store.secret.read();
    assert.match("unreadable" in read ? read.unreadable : "it can be read", why);
  }
});

test("the class secret is made once, and an edit by hand counts immediately", async (t) => {
  const { root, store, file } = await fresh(t);
  assert.ok(store.secretIsNew);
  const first = store.secret.open()?.text ?? "";
  assert.match(first, /^[a-z]+(-[a-z]+){4}$/);
  await store.close();
  const again = await openTestStore(t, root);
  assert.ok(!again.secretIsNew);
  assert.ok(again.secret.open()?.matches(first));
  await writeFile(file("secret.dat"), "correct horse battery\n");
  assert.ok(again.secret.open()?.matches("correct horse battery"));
  assert.ok(!again.secret.open()?.matches(first));
  await writeFile(file("secret.dat"), "\ufeffcorrect horse battery\r\n");
  assert.ok(again.secret.open()?.matches("correct horse battery"), "with the characters that some editors add");
  for (const around of [
    "river-candle \n",
    "\ufeff river-candle\t \r\n",
    "\n\nriver-candle\n\n",
    "\u00a0river-candle",
  ]) {
    await writeFile(file("secret.dat"), around);
    assert.ok(again.secret.open()?.matches("river-candle"), JSON.stringify(around));
  }
});
