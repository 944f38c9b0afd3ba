/**
 * Writing in a real browser: editing the last message, mending one that was refused, and where the focus is afterwards.
 */
import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import { startApp } from "../../testing/start-app.ts";
import { closeBrowser, joinAs, sitDown, talkTo, write } from "./people.ts";

after(closeBrowser);

/** Ada in front of a browser, with the conversation with Grace open. */
async function adaWritesToGrace(t: TestContext) {
  const app = await startApp(t);
  const grace = new PlainchatClient(app.origin);
  await grace.registerUser({ secret: app.secret, userHandle: "grace" });
  const ada = await sitDown(t, app.origin);
  await joinAs(ada.page, app.secret, "ada");
  await talkTo(ada.page, "grace");
  const { page } = ada;
  const received = async () => (await grace.fetchQueue()).messages.map(({ message }) => message);
  return {
    ada,
    page,
    grace,
    received,
    field: page.getByRole("textbox", { name: "Message to" }),
    edited: page.getByLabel("New text"),
    message: (text: string) => page.locator(".message", { hasText: text }),
  };
}

test("Arrow up edits the last message and no other, and afterwards you go on writing where you were", async (t) => {
  const { page, grace, received, field, edited, message } = await adaWritesToGrace(t);
  for (const text of ["first", "second"]) {
    await write(page, text);
    await message(text).getByText("✓ sent").waitFor();
  }
  for (const key of ["Escape", "Enter"]) {
    await page.keyboard.press("ArrowUp");
    await edited.waitFor();
    if (key === "Enter") await edited.fill("second, edited");
    await page.keyboard.press(key);
    await edited.waitFor({ state: "detached" });
    await page.keyboard.type("x");
    assert.equal(await field.inputValue(), "x", key);
    await field.fill("");
  }
  // Whoever edits with the mouse comes back to the message. From there, a letter goes into the field, too.
  await message("first").hover();
  await message("first").getByRole("button", { name: "Edit" }).click();
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.activeElement?.classList.contains("message"));
  await page.keyboard.type("yes");
  assert.equal(await field.inputValue(), "yes");
  await field.fill("");

  // While the last message is on its way, the one before it is not opened in its place.
  let pass = () => {};
  const isHeld = new Promise<void>((resolve) => {
    void page.route("**/api/v1/chat", async (route) => {
      await new Promise<void>((go) => {
        pass = go;
        resolve();
      });
      await route.continue();
    });
  });
  await write(page, "third");
  await isHeld;
  await page.keyboard.press("ArrowUp");
  await message("third").getByText("sending…").waitFor();
  assert.equal(await edited.count(), 0);
  pass();
  await message("third").getByText("✓ sent").waitFor();
  await page.unroute("**/api/v1/chat");
  assert.deepEqual(await received(), ["first", "second, edited", "third"]);

  // Scrolled back so far that the newest messages are no longer loaded.
  for (let i = 1; i <= 260; i++) await grace.publishMessage({ userHandle: "ada", message: `message ${i}` });
  await write(page, "the newest");
  await message("the newest").getByText("✓ sent").waitFor();
  const toNewest = page.getByRole("button", { name: "Jump to the newest" });
  while (!(await toNewest.isVisible())) {
    await page.locator(".messages").evaluate((list) => list.scrollTo(0, 0));
  }
  await field.press("ArrowUp");
  await edited.waitFor();
  assert.equal(await edited.inputValue(), "the newest");
});

test("what is typed into an edit stays there when the message is changed elsewhere, and errors go with it", async (t) => {
  const { ada, page, edited, message, received } = await adaWritesToGrace(t);
  ada.mayFailToLoad = true;
  await write(page, "hello");
  await message("hello").getByText("✓ sent").waitFor();
  const second = await ada.context.newPage();
  await second.goto(page.url());
  await talkTo(second, "grace");
  await second.getByRole("textbox", { name: "Message to" }).press("ArrowUp");
  await second.getByLabel("New text").fill("changed in the other tab");
  await page.keyboard.press("ArrowUp");
  await edited.fill("what I am typing");
  await second.keyboard.press("Enter");
  await page.getByText("this message was changed elsewhere").waitFor();
  assert.equal(await edited.inputValue(), "what I am typing");

  await edited.fill("a bell: \u0007");
  await page.keyboard.press("Enter");
  const error = page.locator(".message [role=alert]");
  await error.getByText("The character U+0007 (BEL) after “\u2068a bell:\u2069” is not allowed.").waitFor();
  assert.equal(await edited.inputValue(), "a bell: \u0007");
  await page.keyboard.press("Escape");
  await error.waitFor({ state: "detached" });

  await page.keyboard.press("ArrowUp");
  for (const blank of ["   ", "\n\u200b"]) {
    await edited.fill(blank);
    await page.keyboard.press("Enter");
    await error.getByText("There is nothing in it.").waitFor();
  }
  await page.keyboard.press("Escape");
  assert.deepEqual(await received(), ["changed in the other tab"]);
});

test("a refused message names the character, and can be mended in two ways", async (t) => {
  const { ada, page, field, message, received } = await adaWritesToGrace(t);
  ada.mayFailToLoad = true;
  await write(page, "pasted\nwith \u0085 in it");
  const draft = message("in it");
  await draft.getByText("Not sent. The character U+0085 after “\u2068with\u2069” is not allowed.").waitFor();
  assert.equal(await draft.getByRole("button", { name: "Try again" }).count(), 0);
  await field.fill("already written");
  await draft.getByRole("button", { name: "Correct it" }).click();
  assert.equal(await field.inputValue(), "pasted\nwith \u0085 in it\nalready written");
  // The character is selected, so the next key replaces it.
  await page.keyboard.type("a dash");
  await page.keyboard.press("Enter");
  await message("a dash").getByText("✓ sent").waitFor();

  await write(page, "a bell: \u0007!");
  await message("a bell").getByRole("button", { name: "Without this character" }).click();
  await message("a bell").getByText("✓ sent").waitFor();
  assert.deepEqual(await received(), ["pasted\nwith a dash in it\nalready written", "a bell: !"]);

  await write(page, "\u001b");
  await message("Not sent").getByText("The character U+001B (ESC) at the start of a line is not allowed.").waitFor();
  // Arrow up brings it back into the field.
  await page.keyboard.press("ArrowUp");
  assert.equal(await field.inputValue(), "\u001b");
});
