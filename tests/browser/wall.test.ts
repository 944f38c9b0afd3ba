/**
 * The wall in a real browser: what it shows of a class, what goes from it at once, and that it stands still on request.
 */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { after, type TestContext, test } from "node:test";
import type { Page } from "playwright-core";
import { freePort } from "../../check/node/free-port.ts";
import { PROJECTOR_KEY, type RunningApp, startApp, TEACHER_KEY } from "../../testing/start-app.ts";
import { closeBrowser, joinAs, sitDown } from "./people.ts";

after(closeBrowser);

const CHAT = "/api/v1/chat";
const teacherKey = TEACHER_KEY;

async function wallOf(t: TestContext, app: RunningApp, mayFailToLoad = false): Promise<Page> {
  const visitor = await sitDown(t, app.origin, {
    path: `/projector#${PROJECTOR_KEY}`,
    viewport: { width: 1366, height: 768 },
  });
  visitor.mayFailToLoad = mayFailToLoad;
  const { page } = visitor;
  await page.getByText("connected", { exact: true }).waitFor();
  return page;
}

async function decide(app: RunningApp, method: string, path: string, body: object): Promise<void> {
  const { status, text } = await app.send({ method, path: `/api/v1/class${path}`, body: { teacherKey, ...body } });
  assert.equal(status, 200, text);
}

const people = (page: Page) => page.locator(".joined li");
const lines = (page: Page) => page.locator(".journal li");
const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

test("Pause stops the dot, the list, the journal and the people, and says how many wait; a flood takes one row", async (t) => {
  const app = await startApp(t, { isClass: true });
  const [ada, grace] = [await app.register("ada"), await app.register("grace")];
  const page = await wallOf(t, app);
  await app.publish(ada, grace, "one");
  await lines(page).nth(0).waitFor();
  await button(page, "Pause").click();
  const still = async () =>
    await Promise.all([
      page.locator(".current").innerHTML(),
      page.locator(".past").innerHTML(),
      lines(page).count(),
      people(page).allTextContents(),
    ]);
  const before = await still();
  for (let i = 0; i < 122; i++) await app.send({ path: "/api/v1/users", user: ada.user });
  await app.register("hannah");
  await app.publish(grace, ada, "two");
  await page.getByText("Paused. 124 requests are waiting").waitFor();
  assert.deepEqual(await still(), before);

  // One after the other: each in turn, and the newest of the flood stands for the rest of it.
  const who = page.locator(".current .who");
  for (const name of ["ada", "hannah", "grace", "ada", "ada: 120 requests"]) {
    await button(page, "Next request").click();
    assert.equal((await who.textContent())?.trim(), name);
  }
  assert.ok(await button(page, "Next request").isDisabled());
  assert.equal(await lines(page).count(), before[2]);

  await app.send({ path: "/api/v1/users", user: ada.user });
  await app.publish(grace, ada, "three");
  await page.getByText("Paused. 2 requests are waiting").waitFor();
  await button(page, "To the newest").click();
  assert.equal((await who.textContent())?.trim(), "grace");
  assert.equal(await people(page).count(), 3);
  // The start of the journal, hannah's id, and three messages, less what came before the wall was open.
  assert.equal(await lines(page).count(), 4);
  await button(page, "Resume").click();
  assert.ok(await button(page, "To the newest").isDisabled());
});

test("while a class sends twenty requests a second, everybody gets onto the wall within seconds", async (t) => {
  const app = await startApp(t, { isClass: true });
  const pupils = [];
  for (let i = 0; i < 12; i++) pupils.push(await app.register(`pupil-${i}`));
  const page = await wallOf(t, app);
  // The names that had their turn, in the order of the page's own time.
  await page.evaluate(() => {
    const seen = new Set<string>();
    Object.assign(globalThis, { seen });
    new MutationObserver(() => {
      for (const each of document.querySelectorAll(".current .sender, .past .sender")) seen.add(each.textContent ?? "");
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  let isOver = false;
  const flood = (async () => {
    while (!isOver) {
      await app.send({ path: "/api/v1/users", user: pupils[0]?.user ?? "" });
      for (const { user } of pupils.slice(1, 3)) await app.send({ method: "POST", path: CHAT, user, body: {} });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  for (const { user } of pupils) await app.send({ path: CHAT, user });
  await page.waitForFunction(() => (globalThis as unknown as { seen: Set<string> }).seen.size >= 12, undefined, {
    timeout: 14_000,
  });
  isOver = true;
  await flood;
  assert.equal(await page.getByText("are not shown").count(), 0, "nothing is left out");
});

test("texts, removed messages and hidden pupils go from wall and glass at once, and a restart with another folder clears the wall", {
  timeout: 60_000,
}, async (t) => {
  const port = await freePort();
  const app = await startApp(t, { isClass: true, port });
  const [ada, grace] = [await app.register("ada"), await app.register("grace")];
  await decide(app, "POST", "/teacher", { userHandle: "ms-hopper" });
  const page = await wallOf(t, app, true);
  const { page: pupil, context } = await sitDown(t, app.origin);
  await joinAs(pupil, app.secret, "hannah");
  await pupil.keyboard.press("F2");
  await pupil.getByRole("button", { name: "The whole class" }).click();
  await pupil.locator(".glass").getByText("connected", { exact: true }).waitFor();
  await app.publish(ada, grace, "covered at first");
  await lines(page).filter({ hasText: "(16 characters)" }).waitFor();

  await decide(app, "PATCH", "", { showsTexts: true, isPaused: true, lesson: 5 });
  for (const text of ["Lesson 5", "Paused: only the teacher can write", "Texts of messages are shown"]) {
    await page.locator(".decisions").getByText(text, { exact: true }).waitFor();
  }
  // The server sends again what is on the wall already.
  await lines(page).filter({ hasText: "covered at first" }).waitFor();
  await decide(app, "PATCH", "", { isPaused: false });
  const messageId = await app.publish(ada, grace, "an insult");
  await app.publish(ada, grace, "something nice");
  await app.send({ path: CHAT, user: grace.user });
  await lines(page).filter({ hasText: "something nice" }).waitFor();
  const shows = async (each: Page, text: string) => (await each.content()).includes(text);
  const row = pupil.locator(".glass").getByRole("button", { name: /GET \/chat.*grace/ });
  await row.first().click();
  await pupil.locator('.glass [data-step="chat.get.6"] button').click();
  await pupil.locator(".glass pre", { hasText: "an insult" }).first().waitFor();

  await decide(app, "DELETE", "/messages", { messageId });
  await lines(page).filter({ hasText: "(9 characters)" }).waitFor();
  await pupil.locator(".glass pre", { hasText: "an insult" }).first().waitFor({ state: "detached" });
  assert.deepEqual([await shows(page, "an insult"), await shows(page, "something nice")], [false, true]);
  assert.equal(await shows(pupil, "an insult"), false);

  await decide(app, "PATCH", "", { showsTexts: false });
  await page.getByText("The texts of messages are covered").waitFor();
  assert.equal(await shows(page, "something nice"), false);
  await page.getByText("teacher", { exact: true }).first().waitFor();

  await decide(app, "PATCH", "/pupils", { userId: grace.userId, isHidden: true });
  await people(page).filter({ hasText: "grace" }).waitFor({ state: "detached" });
  await pupil.locator(".glass .sender", { hasText: "grace" }).first().waitFor({ state: "detached" });
  assert.equal(await shows(page, "grace"), false);

  await button(page, "Pause").click();
  await button(page, "Show the class secret").click();
  await page.getByText(app.secret, { exact: true }).waitFor();
  await context.close();
  // The same address, another folder.
  await app.stop();
  await rm(app.root, { recursive: true });
  const tuesday = await startApp(t, { isClass: true, port });
  await tuesday.register("tuesday");
  await people(page).filter({ hasText: "tuesday" }).waitFor({ timeout: 30_000 });
  assert.equal(await people(page).count(), 1);
  assert.equal(await lines(page).count(), 0);
  for (const old of ["ada", "insult", app.secret, "characters)"])
    assert.equal(await shows(page, `>${old}`), false, old);
  await button(page, "Pause").waitFor();
});

test("forty names fit on the wall, with the secret shown, and the glass as a table is not cut off", async (t) => {
  const app = await startApp(t, { isClass: true });
  const page = await wallOf(t, app);
  await decide(app, "POST", "/teacher", { userHandle: "ms-hopper" });
  await Promise.all(Array.from({ length: 39 }, (_, i) => app.register(`pupil with a rather long name ${i}`)));
  await page.getByText("40 people have joined").waitFor();
  await button(page, "Show the class secret").click();
  await page.getByText(app.secret, { exact: true }).waitFor();
  for (const [width, height] of [
    [1920, 1080],
    [1366, 768],
    [1024, 768],
  ] as const) {
    await page.setViewportSize({ width, height });
    const cut = await page.evaluate(() =>
      [".joined ul", ".flowing", ".projector", ".to-join"].filter((place) => {
        const element = document.querySelector(place);
        return element === null || element.scrollHeight > element.clientHeight + 1;
      }),
    );
    assert.deepEqual(cut, [], `${width} pixels`);
  }
  const { page: pupil } = await sitDown(t, app.origin, { viewport: { width: 1200, height: 800 } });
  await joinAs(pupil, app.secret, "hannah");
  await pupil.keyboard.press("F2");
  await pupil.getByRole("button", { name: "As a table" }).click();
  await pupil.locator(".tables tbody tr").first().waitFor();
  for (const width of [1200, 1024, 390]) {
    await pupil.setViewportSize({ width, height: 800 });
    const [wide, room] = await pupil
      .locator(".tables")
      .evaluate(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth]);
    assert.ok((wide ?? 0) <= (room ?? 0), `${width} pixels: ${wide} > ${room}`);
  }
});
