import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { addUser, openTestStore } from "../../../testing/open-test-store.ts";
import { temporaryFolder } from "../../../testing/temporary-folder.ts";
import { isAsMade, makeAuthToken } from "./auth-token.ts";
import { hashHandle } from "./handle-hash.ts";

async function twoUsers(t: Parameters<typeof temporaryFolder>[0]) {
  const root = await temporaryFolder(t);
  const store = await openTestStore(t, root);
  await addUser(store, "ada");
  await addUser(store, "grace");
  await store.close();
  return { root, file: (name: string) => join(root, "users", name) };
}

test("a token with one changed character is recognised as not made by the server", () => {
  const token = makeAuthToken();
  assert.match(token, /^[\w-]{32}$/);
  assert.ok(isAsMade(token));
  for (let i = 0; i < token.length; i++) {
    const other = token[i] === "x" ? "y" : "x";
    assert.ok(!isAsMade(token.slice(0, i) + other + token.slice(i + 1)));
  }
  for (const wrong of ["", "x", token.slice(1), `${token} `, `${token}A`, "the-new-token"]) assert.ok(!isAsMade(wrong));
});

test("a handle's file that names the wrong user is set aside and written again from the profile", async (t) => {
  const { root, file } = await twoUsers(t);
  const ofAda = `${hashHandle("ada")}.dat`;
  for (const [attempt, wrong] of ["2", "9", "", "one", "1 1"].entries()) {
    await writeFile(file(ofAda), wrong);
    const store = await openTestStore(t, root);
    assert.deepEqual(store.users.openHandleFile(hashHandle("ada")), { userId: 1 });
    assert.match(store.reports.join(), /^error: A handle's file/);
    assert.equal(store.filesAside, attempt + 1);
    assert.equal(await readFile(file(`aside/${attempt + 1}-${ofAda}`), "utf8"), wrong);
    await store.close();
    assert.equal(await readFile(file(ofAda), "utf8"), "1");
  }
});

test("a damaged profile is set aside, but the user stays and the handle still leads there", async (t) => {
  const { root, file } = await twoUsers(t);
  const text = await readFile(file("1.json"), "utf8");
  await writeFile(file("1.json"), text.replace("ada", "ade"));
  const store = await openTestStore(t, root);
  assert.match(store.reports.join(), /^error: A user's profile is damaged/);
  assert.deepEqual(store.users.openHandleFile(hashHandle("ada")), { userId: 1 });
  assert.equal(store.users.openHandleFile(hashHandle("ade")), "not found");
  assert.equal(store.filesAside, 1);
  await store.close();
  assert.ok(!(await readdir(join(root, "users"))).includes("1.json"));
  const again = await openTestStore(t, root);
  assert.deepEqual(again.reports, []);
  assert.equal(again.filesAside, 1);
});

test("a token that the server did not make counts, and is reported", async (t) => {
  const { root, file } = await twoUsers(t);
  await writeFile(file("2.dat"), "written by hand");
  const store = await openTestStore(t, root);
  const user = store.users.openTokenFile(2);
  assert.equal(typeof user === "object" && user.authToken.text, "written by hand");
  assert.match(store.reports.join(), /^info: Some tokens were not made by this server/);
  assert.equal(store.filesAside, 0);
});

test("a file of a user that was changed by hand is said for as long as it is like that", async (t) => {
  const { root, file } = await twoUsers(t);
  const store = await openTestStore(t, root);
  assert.deepEqual(store.userProblems(), []);
  const profile = await readFile(file("2.json"), "utf8");
  const token = await readFile(file("1.dat"), "utf8");
  const until = async (isDone: () => boolean) => {
    while (!isDone()) await setTimeout(20);
  };
  await writeFile(file("2.json"), profile.replace("grace", "hopper"));
  await until(() => store.userProblems().length > 0);
  assert.deepEqual(store.userProblems(), [
    "users/2.json is missing or not as the server wrote it, so nobody knows the handle of user 2. A user gets a new handle with PATCH.",
  ]);
  await writeFile(file("2.json"), profile);
  await writeFile(file("1.dat"), "changed-by-hand");
  await until(() => store.userProblems().join().includes("users/1.dat was changed by hand"));
  await writeFile(file("1.dat"), "");
  await until(() => store.userProblems().join().includes("users/1.dat has no token"));
  await writeFile(file("1.dat"), token);
  await until(() => store.userProblems().length === 0);
});
