/**
 * The server gets another address in mid-term, as on another Wi-Fi: what the terminal program says, and how somebody goes
 * on without losing their user, and without their token going to a server that is not theirs.
 */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { EXIT } from "../cli/cli-error.ts";
import { atEnd } from "../testing/at-end.ts";
import { machine } from "../testing/machine.ts";
import { startApp } from "../testing/start-app.ts";

test("after the server has moved, the terminal says how to follow it, and does", async (t) => {
  const before = await startApp(t, { isClass: true });
  const here = await machine(t, before.origin);
  // With PLAINCHAT_URL, an address would count as one that was given.
  const run = (...command: string[]) => here.run(command, "", { PLAINCHAT_URL: undefined });
  const register = async (handle: string) =>
    assert.equal((await run("register", handle, "--url", before.origin, "--secret", before.secret)).exitCode, 0);
  await register("a b");
  await register("ada");
  await before.stop();
  const lost = await run("whoami");
  assert.equal(lost.exitCode, EXIT.unreachable);
  assert.match(lost.error, /cannot be reached\. .* If it has a new address: \.\/plainchat move ADDRESS\n$/);
  assert.match((await run("inbox", "--as", "a b")).error, /plainchat move --as 'a b' ADDRESS\n$/);

  assert.match(
    (await here.run(["whoami"])).error,
    /plainchat move ADDRESS\n$/,
    "with the same address in PLAINCHAT_URL",
  );

  const after = await startApp(t, { isClass: true, root: before.root });
  const elsewhere = await run("whoami", "--url", after.origin);
  assert.equal(elsewhere.exitCode, EXIT.nobody);
  assert.ok(elsewhere.error.endsWith(`at a new address: ./plainchat move --as ada ${after.origin}\n`), elsewhere.error);
  // Who types register or rejoin is told, too, and nothing is replaced.
  for (const command of [
    ["register", "ada", "--secret", before.secret],
    ["rejoin", "ada", "K7Q2MX"],
  ]) {
    const { error, exitCode } = await run(...command, "--url", after.origin);
    assert.equal(exitCode, EXIT.usage);
    assert.ok(error.includes(`keep it with: ./plainchat move --as ada ${after.origin}`), error);
  }

  const moved = await run("move", after.origin);
  assert.equal(
    moved.out,
    `You are ada, user 2, at ${after.origin}. Still at ${before.origin}: 'a b'. To move them, too: ./plainchat move --as 'a b' ${after.origin}\n`,
  );
  assert.match((await run("whoami")).out, /^You are ada, user 2/);
  assert.equal((await run("move", after.origin, "--as", "a b")).out, `You are a b, user 1, at ${after.origin}.\n`);
  assert.match((await run("whoami", "--as", "a b")).out, /^You are a b, user 1/);
});

test("move sends no token to a server that does not know the user", async (t) => {
  const own = await startApp(t, { isClass: true });
  const here = await machine(t, own.origin);
  await here.run(["register", "ada", "--secret", own.secret]);
  // A classmate's class, in which somebody else is user 1.
  const heard: string[] = [];
  let reply: object = {
    addresses: [],
    folder: "x",
    isPaused: false,
    showsTexts: false,
    users: [{ userId: 1, userHandle: "eve" }],
  };
  const strange = createServer((request, response) => {
    heard.push(`${request.url} ${request.headers.authorization ?? ""}`);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(reply));
  });
  await new Promise<void>((resolve) => strange.listen(0, "127.0.0.1", resolve));
  atEnd(t, () => void strange.close());
  const url = `http://127.0.0.1:${(strange.address() as AddressInfo).port}`;
  const refused = await here.run(["move", url]);
  assert.equal(refused.exitCode, EXIT.nobody);
  assert.match(refused.error, /calls user 1 "eve", and you are "ada", user 1\..*your token was not sent.*add --yes\n$/);
  reply = { ...reply, users: [] };
  assert.match((await here.run(["move", url])).error, /has no user 1/);
  reply = { error: "no plainchat server" };
  assert.notEqual((await here.run(["move", url])).exitCode, 0);
  assert.deepEqual([...new Set(heard)], ["/api/v1/class "], "it was asked for the class only, without a token");
  // The old address is still saved.
  assert.match((await here.run(["whoami"])).out, /^You are ada/);
});

test("a server without class mode tells nobody who is there, so whoever types its address is believed", async (t) => {
  const before = await startApp(t);
  const here = await machine(t, before.origin);
  await here.run(["register", "ada", "--secret", before.secret]);
  await before.stop();
  const after = await startApp(t, { root: before.root });
  assert.equal(
    (await here.run(["move", after.origin])).out,
    `You are ada, user 1, at ${after.origin}. PLAINCHAT_URL is still ${before.origin} in this terminal: give it the new address, or remove it.\n`,
  );
  const away = await here.run(["move", "127.0.0.1:1"]);
  assert.equal(away.exitCode, EXIT.unreachable);
  assert.match((await here.run(["move", "ftp://a"])).error, /not an address/);
});
