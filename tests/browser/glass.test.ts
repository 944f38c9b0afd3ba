/**
 * The glass and the projector in a real browser: they show what the server says that it did.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Page } from "playwright-core";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import { noDatabase, theDatabase } from "../../testing/open-test-database.ts";
import { PROJECTOR_KEY, type RunningApp, startApp } from "../../testing/start-app.ts";
import { closeBrowser, joinAs, sitDown, talkTo, write } from "./people.ts";

after(closeBrowser);

const glass = (page: Page) => page.getByRole("complementary", { name: "The glass" });
const current = (page: Page) => page.locator(".step[aria-current]");

async function register({ origin, secret }: RunningApp, userHandle: string): Promise<PlainchatClient> {
  const client = new PlainchatClient(origin);
  await client.registerUser({ secret, userHandle });
  return client;
}

test("the glass shows a refused request at its step, with the reason, the code and the files", async (t) => {
  const app = await startApp(t);
  const ada = await sitDown(t, app.origin);
  ada.mayFailToLoad = true;
  const { page } = ada;
  await page.keyboard.press("F2");
  await page.getByLabel("Your handle").fill("ada");
  await page.getByLabel("Class secret").fill("a-wrong-secret");
  await page.getByRole("button", { name: "Join", exact: true }).click();
  await page.getByText("This is not the class secret.").waitFor();

  await glass(page).locator(".refusal", { hasText: "secret is not the class secret" }).waitFor();
  await page.locator('.step[data-step="register.post.3"][data-outcome="stop"][aria-current]').waitFor();
  assert.match(
    (await current(page).textContent()) ?? "",
    /Given: 14 characters, kept: \d+ characters. They are not equal./,
  );
  assert.match((await current(page).textContent()) ?? "", /server\/operations\/register-user\.ts:\d+/);
  assert.match((await current(page).locator(".source").textContent()) ?? "", /secret/);
  const notReached = await page.locator('.step[data-outcome="not reached"]').count();
  assert.ok(notReached >= 5, "the dot stopped there");
  const text = await page.content();
  assert.ok(!text.includes(app.secret) && !text.includes("a-wrong-secret"), "no secret is shown");

  // The step before shows the file that it read, and the file lights up in the tree.
  await page.getByRole("button", { name: "One step back" }).click();
  assert.equal(await current(page).getAttribute("data-step"), "register.post.2.1");
  await page.getByRole("button", { name: "One step back" }).click();
  assert.match((await current(page).textContent()) ?? "", /users\/secret\.dat was read/);
  assert.equal(
    await page
      .locator('.file-name[data-did="read"]')
      .textContent()
      .then((each) => each?.trim().split(/\s/)[0]),
    "secret.dat",
  );
});

test("the glass shows a sent message as the new line of the journal, also as a table", async (t) => {
  const app = await startApp(t);
  await register(app, "grace");
  const { page } = await sitDown(t, app.origin);
  await joinAs(page, app.secret, "ada");
  await talkTo(page, "grace");
  await page.getByRole("button", { name: "The glass" }).click();
  await write(page, "hello through the glass");
  await page.getByText("26 of 26").waitFor();
  await page.locator('[data-step="chat.post.7"] button').click();
  await page.locator('[data-step="chat.post.7"][aria-current]').waitFor();
  const after = (await current(page).locator(".excerpt.after pre").textContent()) ?? "";
  assert.equal(JSON.parse(after).message, "hello through the glass");
  await page.locator('.file-name[data-did="appended to"]', { hasText: "000001.jsonl" }).waitFor();

  await page.getByRole("button", { name: "As a table" }).click();
  const rows = page.getByRole("row");
  await rows
    .filter({ hasText: "chat.post.7" })
    .filter({ hasText: "messages/000001.jsonl" })
    .filter({ hasText: "was appended to" })
    .waitFor();
  assert.equal(await rows.filter({ hasText: "passed" }).count(), 26);
});

test("the glass draws the tables of a server that has a database", { skip: noDatabase }, async (t) => {
  const app = await startApp(t, { database: await (await theDatabase()).create() });
  await register(app, "grace");
  const { page } = await sitDown(t, app.origin, { reducedMotion: "reduce" });
  await joinAs(page, app.secret, "ada");
  await talkTo(page, "grace");
  await page.getByRole("button", { name: "The glass" }).click();
  await write(page, "hello through the glass");
  await page.locator('[data-step="chat.post.7"] button').click();
  await page.locator('[data-step="chat.post.7"][aria-current]').waitFor();
  const step = (await current(page).textContent()) ?? "";
  assert.match(step, /table messages, row 1 was created/);
  assert.match(step, /Before: no such row/);
  assert.match(step, /message = "hello through the glass"/);
  assert.match(step, /table head was changed/);
  const tables = page.getByRole("figure", { name: "The tables" });
  assert.match((await tables.textContent()) ?? "", /users\/<myId>\.dat is a row of users/);
  const lit = await tables.locator(".file-name[data-lit]").allTextContents();
  assert.deepEqual(
    lit.map((each) => each.replace(/\s+/g, " ").trim()),
    ["row 1 was created", "row 1 was created", "its only row was changed"],
  );
  assert.equal(await page.getByText("data/", { exact: true }).count(), 0);

  await page.getByRole("button", { name: "As a table" }).click();
  const row = page.getByRole("row").filter({ hasText: "chat.post.2" });
  await row.filter({ hasText: "table users, row 2" }).filter({ hasText: "was read" }).waitFor();
});

test("the user can pause, step and replay the dot, and freeze the list", async (t) => {
  const app = await startApp(t);
  await register(app, "grace");
  const { page } = await sitDown(t, app.origin);
  await joinAs(page, app.secret, "ada");
  await talkTo(page, "grace");
  await page.keyboard.press("Alt+g");
  await write(page, "one");
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  const paused = await page.locator(".player .at").textContent();
  assert.match(paused ?? "", /^\d+ of 26$/);
  await page.getByRole("button", { name: "One step forward" }).click();
  assert.equal(await page.locator(".player .at").textContent(), `${Number.parseInt(paused ?? "", 10) + 1} of 26`);
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await page.getByText("26 of 26").waitFor();
  await page.getByRole("button", { name: "Play again" }).click();
  await page.getByRole("button", { name: "Pause", exact: true }).waitFor();

  await page.getByRole("button", { name: "Freeze list" }).click();
  const held = await page.locator(".requests li").count();
  await write(page, "two");
  await page.locator(".message", { hasText: "two" }).getByText("✓ sent").waitFor();
  assert.equal(await page.locator(".requests li").count(), held);
  await page.getByRole("button", { name: "Freeze list" }).click();
  assert.equal(await page.locator(".requests li").count(), held + 1);
});

test("with reduced motion, the dot is at its end at once", async (t) => {
  const app = await startApp(t);
  const { page } = await sitDown(t, app.origin, { reducedMotion: "reduce" });
  await joinAs(page, app.secret, "ada");
  await page.keyboard.press("F2");
  await page.locator('[data-step="register.post.9"][aria-current]').waitFor({ timeout: 2_000 });
  assert.equal(await page.getByRole("button", { name: "Pause", exact: true }).count(), 0);
});

test("a request copied from the glass is the request that was sent", async (t) => {
  const app = await startApp(t);
  await register(app, "grace");
  const ada = await sitDown(t, app.origin);
  const { page } = ada;
  await joinAs(page, app.secret, "ada");
  await talkTo(page, "grace");
  await page.keyboard.press("F2");
  await write(page, "it's me");
  // The glass shows the request before this one until the reply to it has come.
  await page.locator(".glass").getByText("POST /chat").first().waitFor();
  await page.getByText("The same request").click();
  const shown = await page.locator(".snippets pre").textContent();
  const address = new URL(page.url()).origin;
  assert.equal(
    shown,
    String.raw`curl -u 'MY_ID:MY_AUTH' '${address}/api/v1/chat' -d '{"userHandle":"grace","message":"it'\''s me"}'`,
  );
  await page.getByRole("button", { name: "Copy" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  // Read the clipboard by pasting into a field.
  const field = page.getByRole("textbox", { name: "Message to" });
  await field.focus();
  await page.keyboard.press("Control+V");
  // What is on the clipboard comes a moment after the keys.
  while ((await field.inputValue()) === "") await page.waitForTimeout(10);
  assert.match(await field.inputValue(), /^curl -u '2:[\w-]{32}' 'http/);
});

test("without class mode, nobody sees the requests of others, and there is no projector", async (t) => {
  const app = await startApp(t);
  const { page } = await sitDown(t, app.origin);
  await page.keyboard.press("F2");
  await glass(page).waitFor();
  assert.equal(await page.getByRole("button", { name: "The whole class" }).count(), 0);
  await page.goto(`${new URL(page.url()).origin}/projector`);
  await page.getByText("npm start -- --class").waitFor();
});

test("in class mode, the glass shows everybody's requests and who sent them", async (t) => {
  const app = await startApp(t, { isClass: true });
  const grace = await register(app, "grace");
  const { page } = await sitDown(t, app.origin);
  await joinAs(page, app.secret, "ada");
  await page.keyboard.press("F2");
  await page.getByRole("button", { name: "The whole class" }).click();
  const row = glass(page).getByRole("button", { name: /404 POST \/chat.*grace/ });
  // Earlier requests are not reported, so wait until the glass listens.
  await glass(page).getByText("connected", { exact: true }).waitFor();
  await grace.publishMessage({ userHandle: "nobody", message: "hello" }).catch(() => {});
  await row.waitFor();
  await page.locator('[data-step="chat.post.5.1"][data-outcome="stop"]').waitFor();
});

test("the projector shows where to join, who has joined and what everybody does, and the secret only on request", async (t) => {
  const app = await startApp(t, { isClass: true });
  const wall = await sitDown(t, app.origin, { path: `/projector#${PROJECTOR_KEY}` });
  const { page } = wall;
  await page.getByText("connected", { exact: true }).waitFor();
  assert.equal(new URL(page.url()).hash, "", "the key is removed from the address");
  await page.getByRole("img", { name: /Join here: http/ }).waitFor();
  await page.getByText(new URL(page.url()).origin, { exact: true }).first().waitFor();
  assert.ok(!(await page.content()).includes(app.secret));
  await page.getByRole("button", { name: "Show the class secret" }).click();
  await page.getByText(app.secret, { exact: true }).waitFor();
  await page.getByRole("button", { name: "Hide it" }).click();
  assert.ok(!(await page.content()).includes(app.secret));

  const ada = await register(app, "ada");
  await page.getByText("1 person has joined").waitFor();
  await register(app, "grace");
  await page.getByText("2 people have joined").waitFor();
  await ada.publishMessage({ userHandle: "grace", message: "onto the wall" });
  await page.locator(".journal li", { hasText: "(13 characters)" }).waitFor();
  assert.ok(!(await page.content()).includes("onto the wall"));
  await ada.publishMessage({ userHandle: "nobody", message: "hello" }).catch(() => {});
  await page.getByRole("button", { name: "As a table" }).click();
  while (await page.getByRole("button", { name: "Next request" }).isEnabled()) {
    await page.getByRole("button", { name: "Next request" }).click();
  }
  await page.getByRole("row", { name: /ada POST \/api\/v1\/chat 404 chat\.post\.5\.1/ }).waitFor();
});

test("wall and glass show every mistake, and say that a name is only claimed until a token proves it", async (t) => {
  const app = await startApp(t, { isClass: true });
  const { page } = await sitDown(t, app.origin, { path: `/projector#${PROJECTOR_KEY}` });
  await page.getByText("connected", { exact: true }).waitFor();
  const hannah = await app.register("hannah");
  const { page: pupil } = await sitDown(t, app.origin);
  await joinAs(pupil, app.secret, "grace");
  await pupil.keyboard.press("F2");
  await glass(pupil).getByRole("button", { name: "The whole class" }).click();
  await glass(pupil).getByText("connected", { exact: true }).waitFor();
  await page.getByRole("button", { name: "As a table" }).click();
  await app.send({ path: "/api/v1/users", user: `${hannah.userId}:012345678901` });
  await app.send({ method: "POST", path: "/api/v1/chats", user: hannah.user });
  await app.send({ method: "POST", path: "/api/v1/users", body: { myId: hannah.userId } });
  await app.send({ path: "/api/v1/users?limt=(1)", user: hannah.user });
  await app.send({ path: "/api/v1/users", user: hannah.user });
  for (const call of ["403 GET /users", "404 POST /chats", "405 POST /users"]) {
    await glass(pupil)
      .getByRole("button", { name: `${call} says it is` })
      .waitFor();
  }
  await glass(pupil).getByRole("button", { name: "400 GET /users?limt=(3) says it is" }).waitFor();
  await glass(pupil)
    .getByRole("button", { name: /^200 GET \/users hannah/ })
    .waitFor();
  const next = page.getByRole("button", { name: "Next request" });
  while ((await page.getByRole("row", { name: /^hannah GET/ }).count()) === 0) {
    if (await next.isEnabled()) await next.click();
  }
  await page.getByRole("row", { name: /^says it is .?hannah.? POST \/api\/v1\/chats 404 There is nothing/ }).waitFor();
});

test("the projector does not show the secret without its key, or with an old key", async (t) => {
  const app = await startApp(t, { isClass: true });
  for (const path of ["/projector", "/projector#an-old-key"]) {
    const wall = await sitDown(t, app.origin, { path });
    wall.mayFailToLoad = true;
    await wall.page.getByRole("button", { name: "Show the class secret" }).click();
    await wall.page.getByText("To show the secret, open this page with the line that the server printed").waitFor();
    assert.ok(!(await wall.page.content()).includes(app.secret));
  }
});
