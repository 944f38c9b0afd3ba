/**
 * The page on a phone: its keyboard has no Shift+Enter, its Back button is always there, and its browser loads a page
 * again when it was in the background for a while.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import { startApp } from "../../testing/start-app.ts";
import { closeBrowser, joinAs, sitDown, talkTo, write } from "./people.ts";

after(closeBrowser);

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

test("on a phone you can write two lines, Back leads to the list, and nothing is lost in a reload or a Back", async (t) => {
  const app = await startApp(t);
  const grace = new PlainchatClient(app.origin);
  await grace.registerUser({ secret: app.secret, userHandle: "grace" });
  const alan = new PlainchatClient(app.origin);
  await alan.registerUser({ secret: app.secret, userHandle: "alan" });
  const ada = await sitDown(t, app.origin, PHONE);
  const { page } = ada;
  // Another page was here before.
  const address = page.url();
  await page.goto(`${address}?join`);
  await joinAs(page, app.secret, "ada");
  await talkTo(page, "grace");
  const field = page.getByRole("textbox", { name: "Message to" });
  const people = page.getByRole("navigation");

  await field.click();
  await page.keyboard.type("one");
  await page.keyboard.press("Enter");
  await page.keyboard.type("two");
  assert.equal(await field.inputValue(), "one\ntwo");
  await page.getByRole("button", { name: "Send" }).click();
  await page.locator(".message").getByText("✓ sent").waitFor();
  assert.deepEqual(
    (await grace.fetchQueue()).messages.map(({ message }) => message),
    ["one\ntwo"],
  );

  await field.fill("not finished");
  await page.goBack();
  await people.waitFor();
  await talkTo(page, "alan");
  await field.fill("for alan");
  await page.goBack();
  await people.waitFor();
  // The page's own button does the same.
  await talkTo(page, "grace");
  assert.equal(await field.inputValue(), "not finished");
  await page.getByRole("button", { name: "People" }).click();
  await people.waitFor();
  await page.goForward();
  await page.getByRole("heading", { name: "grace" }).waitFor();

  await page.reload();
  await page.getByRole("heading", { name: "grace" }).waitFor();
  await page.locator(".message", { hasText: "two" }).waitFor();
  assert.equal(await field.inputValue(), "not finished");

  // The glass covers everything, so Back closes it first.
  await page.getByRole("button", { name: "The glass" }).click();
  await page.getByRole("complementary", { name: "The glass" }).waitFor();
  await page.goBack();
  await page.getByRole("complementary", { name: "The glass" }).waitFor({ state: "detached" });
  await page.getByRole("heading", { name: "grace" }).waitFor();

  // From the list, Back leaves the page, and Forward comes back to where you were.
  await page.goBack();
  await people.waitFor();
  await page.goBack();
  await page.waitForURL(address);
  await page.goForward();
  await people.waitFor();
  await talkTo(page, "alan");
  assert.equal(await field.inputValue(), "for alan");
});

test("with a keyboard, Enter sends, also on a narrow window, and never the unfinished word of an input method", async (t) => {
  const app = await startApp(t);
  const grace = new PlainchatClient(app.origin);
  await grace.registerUser({ secret: app.secret, userHandle: "grace" });
  const { page } = await sitDown(t, app.origin, { viewport: PHONE.viewport });
  await joinAs(page, app.secret, "ada");
  await talkTo(page, "grace");
  const field = page.getByRole("textbox", { name: "Message to" });
  await field.fill("にほ");
  // WebKit ends the composition before the key comes. Other browsers say that it still composes.
  for (const facts of [{ keyCode: 229 }, { isComposing: true }]) {
    await field.dispatchEvent("keydown", { key: "Enter", ...facts });
  }
  assert.equal(await field.inputValue(), "にほ");
  await write(page, "日本");
  await page.locator(".message").getByText("✓ sent").waitFor();
  await page.keyboard.press("ArrowUp");
  const edited = page.getByLabel("New text");
  await edited.fill("にほ");
  await edited.dispatchEvent("keydown", { key: "Enter", keyCode: 229 });
  await edited.dispatchEvent("keydown", { key: "Escape", keyCode: 229 });
  assert.equal(await edited.inputValue(), "にほ");
  assert.deepEqual(
    (await grace.fetchQueue()).messages.map(({ message }) => message),
    ["日本"],
  );
});

test("on a phone, an open conversation shows that somebody else has written", async (t) => {
  const app = await startApp(t);
  const grace = new PlainchatClient(app.origin);
  await grace.registerUser({ secret: app.secret, userHandle: "grace" });
  const alan = new PlainchatClient(app.origin);
  await alan.registerUser({ secret: app.secret, userHandle: "alan" });
  const { page } = await sitDown(t, app.origin, PHONE);
  await joinAs(page, app.secret, "ada");
  await talkTo(page, "grace");
  const back = page.getByRole("button", { name: "People" });
  await grace.publishMessage({ userHandle: "ada", message: "you read this at once" });
  await page.locator(".message", { hasText: "at once" }).waitFor();
  assert.equal(await back.locator(".unread").count(), 0);
  await alan.publishMessage({ userHandle: "ada", message: "look at the wall" });
  await back.locator(".unread", { hasText: "1" }).waitFor();
  await back.click();
  await talkTo(page, "alan");
  await back.locator(".unread").waitFor({ state: "detached" });
});
