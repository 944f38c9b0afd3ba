/**
 * The page for everybody: with only a keyboard, with a screen reader, in light and dark mode, on a narrow screen, in
 * another language, over a slow network.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import { PROJECTOR_KEY, startApp } from "../../testing/start-app.ts";
import { accessProblems } from "./access-problems.ts";
import { closeBrowser, joinAs, sitDown, talkTo, write } from "./people.ts";

after(closeBrowser);

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing wrong with any view, in ${colorScheme}`, async (t) => {
    const app = await startApp(t, { isClass: true });
    const grace = new PlainchatClient(app.origin);
    await grace.registerUser({ secret: app.secret, userHandle: "grace" });
    const ada = await sitDown(t, app.origin, { colorScheme, reducedMotion: "reduce" });
    ada.mayFailToLoad = true;
    const { page } = ada;
    const check = async (view: string) => assert.deepEqual(await accessProblems(page), [], view);
    await page.getByText("I was here before").click();
    await check("the form to join");
    await joinAs(page, app.secret, "ada");
    await check("no conversation open");
    await talkTo(page, "grace");
    await write(page, "hello");
    await grace.publishMessage({ userHandle: "ada", message: "hello, ada" });
    await page.locator(".message", { hasText: "hello, ada" }).waitFor();
    await write(page, "refused \u0007");
    await page.getByText("Not sent.").waitFor();
    await check("a conversation, with a message that was refused");
    await page.locator(".message.own").first().hover();
    await page.getByRole("button", { name: "Edit" }).first().click();
    await check("editing");
    await page.keyboard.press("Escape");
    await page.keyboard.press("F2");
    await page.locator('.step[data-outcome="stop"]').waitFor();
    await check("the glass, at a step that stopped");
    await page.locator(".requests button").nth(1).click();
    await page.locator('[data-step="chat.post.7"] button').click();
    await page.getByText("The same request").click();
    await check("the glass, at a step with a file");
    await page.getByRole("button", { name: "As a table" }).click();
    await check("the glass, as a table");
    await page.keyboard.press("F2");
    await page.getByRole("button", { name: "ada", exact: true }).click();
    await page.getByRole("button", { name: "Leave for good…" }).click();
    await page.getByRole("button", { name: "Log out…" }).click();
    await check("the account dialog");
    await page.getByRole("button", { name: "Join as someone else" }).click();
    await page.getByRole("button", { name: "Forget ada" }).click();
    await check("the form to join, with somebody who is known in this browser");

    const wall = await sitDown(t, app.origin, {
      colorScheme,
      reducedMotion: "reduce",
      path: `/projector#${PROJECTOR_KEY}`,
    });
    await wall.page.getByText("connected", { exact: true }).waitFor();
    await wall.page.getByRole("button", { name: "Show the class secret" }).click();
    await grace.publishMessage({ userHandle: "ada", message: "hello" });
    await grace.publishMessage({ userHandle: "nobody", message: "hello" }).catch(() => {});
    await wall.page.locator(".current", { hasText: "404" }).waitFor();
    assert.deepEqual(await accessProblems(wall.page), [], "the projector");
    await wall.page.getByRole("button", { name: "As a table" }).click();
    assert.deepEqual(await accessProblems(wall.page), [], "the projector, as a table");
  });
}

test("the keyboard alone is enough to join, talk, edit, take back and use the glass", async (t) => {
  const app = await startApp(t);
  const grace = new PlainchatClient(app.origin);
  await grace.registerUser({ secret: app.secret, userHandle: "grace" });
  const { page } = await sitDown(t, app.origin);
  const { keyboard } = page;
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? "");
  const tabTo = async (name: string | RegExp) => {
    for (let i = 0; i < 40; i++) {
      await keyboard.press("Tab");
      if (await page.getByRole("button", { name }).and(page.locator(":focus")).count()) return;
    }
    assert.fail(`Tab does not lead to ${name}, but to ${await focused()}`);
  };
  // The first three stops are the language, the glass and the first field.
  for (let i = 0; i < 3; i++) await keyboard.press("Tab");
  await keyboard.type("ada");
  await keyboard.press("Tab");
  await keyboard.type(app.secret);
  await keyboard.press("Enter");
  await page.getByText("connected", { exact: true }).waitFor();
  await tabTo("grace");
  await keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.id === "message-text");
  await keyboard.type("helo");
  await keyboard.press("Enter");
  await page.locator(".message", { hasText: "helo" }).getByText("✓ sent").waitFor();
  // Arrow up in an empty field edits the last message.
  await keyboard.press("ArrowUp");
  await page.waitForFunction(() => document.activeElement?.closest(".edit") !== null);
  await keyboard.press("Control+A");
  await keyboard.type("hello");
  await keyboard.press("Enter");
  await page.locator(".message", { hasText: "hello" }).getByText("edited").waitFor();
  await page.waitForFunction(() => document.activeElement?.id === "message-text");
  // From the field back to the list, and with the arrow key to its last message.
  await keyboard.press("Shift+Tab");
  await keyboard.press("ArrowUp");
  await tabTo("Take back");
  await keyboard.press("Enter");
  await tabTo("Take back");
  await keyboard.press("Enter");
  await page.getByText("No messages yet. Say hello.").waitFor();
  await keyboard.press("F2");
  await page.getByRole("complementary", { name: "The glass" }).waitFor();
  await tabTo("Pause");
  await keyboard.press("Enter");
  await tabTo("One step forward");
  await keyboard.press("Enter");
  await keyboard.press("F2");
  await page.getByRole("complementary", { name: "The glass" }).waitFor({ state: "detached" });
});

test("a screen reader reads new messages, and not those that were there before", async (t) => {
  const app = await startApp(t);
  const grace = new PlainchatClient(app.origin);
  await grace.registerUser({ secret: app.secret, userHandle: "grace" });
  const { page } = await sitDown(t, app.origin);
  await joinAs(page, app.secret, "ada");
  await grace.publishMessage({ userHandle: "ada", message: "before" });
  await page.getByRole("navigation").getByText("unread").waitFor();
  await talkTo(page, "grace");
  await page.locator(".message", { hasText: "before" }).waitFor();
  await grace.publishMessage({ userHandle: "ada", message: "now" });
  await page.getByRole("log").getByText("grace: now").waitFor();
  assert.equal(
    await page
      .getByRole("log")
      .textContent()
      .then((text) => text?.includes("before")),
    false,
  );
});

test("on a screen of 360 pixels everything fits, and only one part is visible at a time", async (t) => {
  const app = await startApp(t, { isClass: true });
  const grace = new PlainchatClient(app.origin);
  const userHandle = "grace-with-a-handle-of-sixty-four-characters-which-is-rather-long";
  await grace.registerUser({ secret: app.secret, userHandle: userHandle.slice(0, 64) });
  const { page } = await sitDown(t, app.origin, {
    viewport: { width: 360, height: 640 },
    hasTouch: true,
    isMobile: true,
  });
  const fits = async (view: string) => {
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 360, `${view} is ${width} pixels wide`);
  };
  await fits("the form to join");
  await joinAs(page, app.secret, "ada");
  await fits("the people");
  await talkTo(page, "grace-with");
  assert.equal(await page.getByRole("navigation").isVisible(), false);
  await page.getByRole("textbox", { name: "Message to" }).fill("w".repeat(200));
  await page.getByRole("button", { name: "Send" }).click();
  await page.locator(".message").getByText("✓ sent").waitFor();
  await fits("the conversation");
  await page.getByRole("button", { name: "The glass" }).click();
  await page.locator(".steps").waitFor();
  await fits("the glass");
  assert.equal(await page.locator(".conversation").isVisible(), false);
  await page.getByRole("button", { name: "Close the glass" }).click();
  await page.getByRole("button", { name: "People" }).click();
  await page.getByRole("navigation").waitFor();
  await page.goto(`${new URL(page.url()).origin}/projector`);
  await page.getByText("connected", { exact: true }).waitFor();
  await fits("the projector");
});

test("the page uses the browser's language, or another one that the user chooses", async (t) => {
  const app = await startApp(t);
  const { page } = await sitDown(t, app.origin, { locale: "de-AT" });
  await page.getByRole("heading", { name: "Dem Chat beitreten" }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), "de");
  await page.getByRole("combobox", { name: "Sprache" }).selectOption("English");
  await page.getByRole("heading", { name: "Join the chat" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Join the chat" }).waitFor();
});

test("a language whose name has a region is found, shown and kept", async (t) => {
  const app = await startApp(t);
  const { context, page } = await sitDown(t, app.origin, { locale: "pt-PT" });
  const languages = [
    { code: "en", name: "English" },
    { code: "pt-BR", name: "Português" },
  ];
  await context.route("**/languages/index.json", (route) => route.fulfill({ json: languages }));
  await context.route("**/languages/pt-BR.json", (route) => route.fulfill({ json: { "join.title": "Entrar" } }));
  await page.reload();
  await page.getByRole("heading", { name: "Entrar" }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), "pt-BR");
  await page.getByRole("combobox", { name: "Language" }).selectOption("English");
  await page.getByRole("heading", { name: "Join the chat" }).waitFor();
  await page.getByRole("combobox", { name: "Language" }).selectOption("Português");
  await page.reload();
  await page.getByRole("heading", { name: "Entrar" }).waitFor();
});

test("the first view takes less than 116 KiB", async (t) => {
  const app = await startApp(t);
  const { page } = await sitDown(t, app.origin);
  const transferred = await page.evaluate(() => {
    const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    return entries.map((entry) => ({ name: entry.name, bytes: (entry as PerformanceResourceTiming).transferSize }));
  });
  const bytes = transferred.reduce((sum, each) => sum + each.bytes, 0);
  t.diagnostic(`${transferred.length} files, ${(bytes / 1024).toFixed(1)} KiB with their headers`);
  assert.ok(transferred.length > 20 && transferred.every((each) => each.bytes > 0), "none of it was in a cache");
  assert.ok(bytes < 116 * 1024);
});
