/**
 * Several terminals of one person change the same file. None of them may lose what another one saved.
 */
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { Identities, type Identity } from "./identities.ts";

function identity(userHandle: string, myId: number): Identity {
  return { url: "http://127.0.0.1:8080", userHandle, myId, myAuth: `the-token-of-${userHandle}` };
}

/** A computer, and a function that starts a command on it: it reads the file. */
async function machine(t: TestContext) {
  const environment = { XDG_CONFIG_HOME: await temporaryFolder(t) };
  return { folder: join(environment.XDG_CONFIG_HOME, "plainchat"), begin: () => Identities.load(environment) };
}

test("two terminals register at once: both identities are saved, and the last one is current", async (t) => {
  const { begin } = await machine(t);
  const [ada, grace] = [await begin(), await begin()];
  await ada.mustBeWritable();
  await ada.add("ada", identity("ada", 1));
  await grace.mustBeWritable();
  await grace.add("grace", identity("grace", 2));
  assert.deepEqual(grace.names, ["ada", "grace"]);
  const now = await begin();
  assert.deepEqual(now.get(), { name: "grace", identity: identity("grace", 2) });
  assert.deepEqual(now.get("ada").identity, identity("ada", 1));
});

test("changing or removing an identity keeps what another terminal has saved since", async (t) => {
  const { begin } = await machine(t);
  await (await begin()).add("ada", identity("ada", 1));
  const [renaming, leaving] = [await begin(), await begin()];
  await (await begin()).add("grace", identity("grace", 2));
  await renaming.put("ada", identity("lovelace", 1));
  assert.equal((await begin()).current, "grace", "a rename does not change the current identity");
  await leaving.remove("ada");
  const now = await begin();
  assert.deepEqual(now.names, ["grace"]);
  assert.equal(now.current, "grace");
});

test("a token goes only to the server that gave it, unless --url and --as are both meant", async (t) => {
  const { begin } = await machine(t);
  const elsewhere = { ...identity("hopper", 1), url: "http://192.168.1.20:8080" };
  await (await begin()).add("hopper", elsewhere);
  await (await begin()).add("ada", identity("ada", 1));
  const here = await begin();
  assert.equal(here.get(undefined, "http://localhost:8080").name, "ada", "another name for this computer");
  assert.equal(here.get(undefined, "http://192.168.1.20:8080").name, "hopper", "the one registered there");
  assert.throws(() => here.get(undefined, "http://127.0.0.1:5000"), {
    message:
      /^You are not registered at http:\/\/127\.0\.0\.1:5000\. .*If it is your server at a new address: \S+ move --as ada http:\/\/127\.0\.0\.1:5000$/,
  });
  assert.equal(here.hasAnybody("http://127.0.0.1:5000"), false);
  for (const url of ["http://127.0.0.1:5000", "https://127.0.0.1:8080", "http://192.168.1.20:8080"]) {
    assert.throws(() => here.get("ada", url), {
      message: /^"ada" is registered at http:\/\/127\.0\.0\.1:8080, .* type: \S+ move --as ada http\S+$/,
    });
  }
  assert.equal(here.get("ada", "http://localhost:8080/").name, "ada");
  assert.equal(here.get("ada", "http://127.0.0.1:5000", true).name, "ada");
  await here.add("grace", { ...identity("grace", 2), url: "http://192.168.1.20:8080" });
  assert.equal(here.get(undefined, "http://192.168.1.20:8080").name, "grace", "the current one");
  await here.add("alan", identity("alan", 3));
  assert.throws(() => here.get(undefined, "http://192.168.1.20:8080"), /--as with one of: hopper, grace$/);
});

test("many changes at once lose nothing and leave no extra files", async (t) => {
  const { begin, folder } = await machine(t);
  const names = Array.from({ length: 20 }, (_, i) => `user${i}`);
  const all = await Promise.all(names.map(() => begin()));
  await Promise.all(all.map((each, i) => each.add(`user${i}`, identity(`user${i}`, i + 1))));
  assert.deepEqual((await begin()).names.toSorted(), names.toSorted());
  assert.deepEqual(await readdir(folder), ["identities.json", "identities.json.lock"]);
});

test("a file that was damaged in the meantime is left as it is", async (t) => {
  const { begin, folder } = await machine(t);
  const here = await begin();
  await here.add("ada", identity("ada", 1));
  await writeFile(join(folder, "identities.json"), "{}");
  await assert.rejects(here.add("grace", identity("grace", 2)), /identities\.json is damaged/);
  await assert.rejects(here.mustBeWritable(), /could not be saved, so nothing was done: .*identities\.json is damaged/);
});

const DAMAGED: Record<string, unknown> = {
  "a number": 5,
  nothing: null,
  "an id that is a text": { ...identity("grace", 1), myId: "1\u001b[2J" },
  "an id of 0": identity("grace", 0),
  "no token": { ...identity("grace", 1), myAuth: undefined },
  "a short token": { ...identity("grace", 1), myAuth: "x" },
  "an address of another kind": { ...identity("grace", 1), url: "file:///etc/passwd" },
};

for (const [what, entry] of Object.entries(DAMAGED)) {
  test(`an entry with ${what} is reported, and kept, and does not take the others with it`, async (t) => {
    const { begin, folder } = await machine(t);
    await (await begin()).add("ada", identity("ada", 1));
    const path = join(folder, "identities.json");
    const saved = JSON.parse(await readFile(path, "utf8"));
    await writeFile(path, JSON.stringify({ ...saved, identities: { ...saved.identities, grace: entry } }));
    const here = await begin();
    assert.deepEqual(here.get("ada").identity, identity("ada", 1));
    assert.match(here.problems.join(), /^The identity "grace" in .*identities\.json is damaged\. Repair it, or remove/);
    assert.throws(() => here.get("grace"), /The identity "grace" in .* is damaged/);
    await here.add("hopper", identity("hopper", 3));
    assert.deepEqual((await begin()).names, ["ada", "hopper"]);
    assert.deepEqual(
      JSON.parse(await readFile(path, "utf8")).identities.grace,
      JSON.parse(JSON.stringify(entry)),
      "somebody may repair it",
    );
    await here.add("grace", identity("grace", 2));
    assert.deepEqual((await begin()).problems, []);
  });

  test(`${what} in the place of an identity is not saved`, async (t) => {
    const { begin } = await machine(t);
    const here = await begin();
    await here.add("ada", identity("ada", 1));
    const wrong = entry === null || typeof entry !== "object" ? identity("grace", 1.5) : (entry as Identity);
    await assert.rejects(here.put("ada", wrong), /cannot be saved$/);
    await assert.rejects(here.add("grace", wrong), /cannot be saved$/);
    assert.deepEqual((await begin()).get(), { name: "ada", identity: identity("ada", 1) });
  });
}
