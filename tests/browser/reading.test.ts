/**
 * Reading in a real browser: how messages, dates and buttons look, and what a copy of them contains.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Locator } from "playwright-core";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import { startApp } from "../../testing/start-app.ts";
import { closeBrowser, joinAs, sitDown, talkTo, write } from "./people.ts";

after(closeBrowser);

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

async function boxOf(locator: Locator): Promise<Box> {
  const box = await locator.boundingBox();
  assert.ok(box !== null);
  return box;
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

test("buttons cover no text, each line has its own direction, and a copy has no words of buttons in it", async (t) => {
  const app = await startApp(t);
  const grace = new PlainchatClient(app.origin);
  await grace.registerUser({ secret: app.secret, userHandle: "grace" });
  const { page } = await sitDown(t, app.origin);
  await joinAs(page, app.secret, "ada");
  await talkTo(page, "grace");
  await grace.publishMessage({ userHandle: "ada", message: "ok" });
  await page.locator(".message").first().waitFor();
  await write(page, "a");
  await page.locator(".message").getByText("✓ sent").waitFor();
  await grace.publishMessage({ userHandle: "ada", message: "hello\nשלום לך\nand again" });
  const messages = page.locator(".message");
  await messages.nth(2).waitFor();

  for (const width of [1366, 800, 360]) {
    await page.setViewportSize({ width, height: 768 });
    for (let i = 0; i < 3; i++) {
      const message = messages.nth(i);
      await message.locator(".text").hover();
      const actions = await boxOf(message.locator(".actions"));
      const place = `message ${i} at ${width}: ${JSON.stringify(actions)}`;
      for (let k = 0; k < 3; k++) {
        assert.ok(!overlap(actions, await boxOf(messages.nth(k).locator(".text"))), `the text of ${k}, ${place}`);
      }
      const [button = { height: 0 }] = await Promise.all([boxOf(message.locator(".actions button").first())]);
      assert.ok(actions.height < button.height * 1.5, `two rows, ${place}`);
      const list = await boxOf(page.locator(".messages"));
      assert.ok(actions.x >= list.x && actions.x + actions.width <= list.x + list.width, `cut off, ${place}`);
    }
  }

  const lines = await messages
    .nth(2)
    .locator(".text")
    .evaluate((element) => {
      const text = element.firstChild?.nextSibling ?? element.firstChild;
      const range = document.createRange();
      range.selectNodeContents(text ?? element);
      const outer = element.getBoundingClientRect();
      return [...range.getClientRects()]
        .filter(({ width }) => width > 1)
        .map(({ left, right }) => (left - outer.left < outer.right - right + 1 ? "left" : "right"));
    });
  assert.equal(lines[1], "right", lines.join());
  assert.deepEqual([lines[0], lines[2]], ["left", "left"]);

  const copied = await page.evaluate(() => {
    const list = document.querySelector(".messages");
    if (list !== null) getSelection()?.selectAllChildren(list);
    return getSelection()?.toString() ?? "";
  });
  assert.match(copied, /ok.*hello/s);
  assert.doesNotMatch(copied, /Remove|Edit|Take back/);
});

for (const [locale, time, day] of [
  ["en-GB", "14:05", "Monday 6 May 2024"],
  ["fr-FR", "14:05", "lundi 6 mai 2024"],
  ["ja-JP", "14:05", "2024年5月6日月曜日"],
  ["en-US", "02:05 PM", "Monday May 6 2024"],
] as const) {
  test(`a browser set to ${locale} shows dates and times as its user knows them`, async (t) => {
    const app = await startApp(t);
    const { page } = await sitDown(t, app.origin, { locale, timezoneId: "UTC" });
    const shown = await page.evaluate(async () => {
      const { showTime } = await import(`${location.origin}/web/words/times.ts`);
      return [showTime("2024-05-06T14:05:00Z", "time"), showTime("2024-05-06T14:05:00Z", "day")];
    });
    assert.deepEqual(
      shown.map((text: string) => text.replace(/[\s,]+/g, " ")),
      [time, day],
    );
  });
}

test("on a screen of 360 pixels, no button of the bar has two lines, in any language", async (t) => {
  const app = await startApp(t);
  const viewport = { width: 360, height: 740 };
  for (const language of ["English", "Deutsch"]) {
    const { page } = await sitDown(t, app.origin, { viewport, isMobile: true, hasTouch: true });
    await joinAs(page, app.secret, `the-one-who-speaks-${language}`);
    await page.getByRole("combobox", { name: "Language" }).selectOption(language);
    for (const button of await page.locator(".bar button").all()) {
      const { height } = await boxOf(button);
      assert.ok(height < 45, `${await button.textContent()} is ${height} pixels high`);
    }
  }
});

test("Enter in the search field opens the person who was meant, and says when it may be several", async (t) => {
  const app = await startApp(t);
  for (const userHandle of ["Max", "maximilian", "zoë"]) await app.register(userHandle);
  const ada = await sitDown(t, app.origin);
  ada.mayFailToLoad = true;
  const { page } = ada;
  await joinAs(page, app.secret, "ada");
  const field = page.getByRole("searchbox");
  await page.getByRole("button", { name: "maximilian" }).waitFor();
  for (const [typed, handle] of [
    ["max", "Max"],
    ["ZOE\u0308 ", "zoë"],
    ["maximilian", "maximilian"],
  ] as const) {
    await field.fill(typed);
    await field.press("Enter");
    await page.getByRole("heading", { name: handle, exact: true }).waitFor();
  }
  await field.fill("ma");
  await field.press("Enter");
  await page.getByText("Several people fit. Choose one from the list.").waitFor();
});
