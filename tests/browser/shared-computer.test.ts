/**
 * Several people share one browser: nobody replaces another, and nobody loses a token without being asked.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import { startApp } from "../../testing/start-app.ts";
import { closeBrowser, joinAs, sitDown, talkTo, write } from "./people.ts";

after(closeBrowser);

test("several people are known in one browser: switch between them, add another, forget one", async (t) => {
  const app = await startApp(t);
  const grace = new PlainchatClient(app.origin);
  await grace.registerUser({ secret: app.secret, userHandle: "grace" });
  const visitor = await sitDown(t, app.origin);
  const { page } = visitor;
  const me = (handle: string) => page.getByRole("button", { name: handle, exact: true });
  await joinAs(page, app.secret, "ada");
  await talkTo(page, "grace");
  await page.getByRole("textbox", { name: "Message to" }).fill("not sent by ada");

  await me("ada").click();
  await page.getByRole("button", { name: "Join as someone else" }).click();
  await joinAs(page, app.secret, "alan");
  await talkTo(page, "grace");
  // What ada has not sent is hers.
  assert.equal(await page.getByRole("textbox", { name: "Message to" }).inputValue(), "");
  await write(page, "from alan");
  await page.getByText("✓ sent").waitFor();

  await me("alan").click();
  await page.getByRole("button", { name: "Continue as ada" }).click();
  await me("ada").waitFor();
  await talkTo(page, "grace");
  assert.equal(await page.getByRole("textbox", { name: "Message to" }).inputValue(), "not sent by ada");
  await write(page, "from ada");
  await page.getByText("✓ sent").waitFor();
  assert.deepEqual(
    (await grace.fetchQueue()).messages.map(({ fromHandle, message }) => `${fromHandle}: ${message}`),
    ["alan: from alan", "ada: from ada"],
  );

  // Whoever logs out is asked, and the other one is still known, also after a reload.
  await page.getByRole("textbox", { name: "Message to" }).fill("a secret of ada");
  await me("ada").click();
  await page.getByRole("button", { name: "Log out…" }).click();
  await page.getByText("Without your id (2) and your token you cannot come back as ada.").waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Log out…" }).click();
  await page.getByRole("button", { name: "Log out", exact: true }).click();
  await page.getByRole("heading", { name: "Join the chat" }).waitFor();
  await page.reload();
  await page.getByRole("button", { name: "Continue as alan" }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Continue as ada" }).count(), 0);
  const saved = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  assert.doesNotMatch(saved, /a secret of ada|"ada"/);

  await page.getByRole("button", { name: "Forget alan" }).click();
  await page.getByText("This deletes the token of alan (id 3) from this browser.").waitFor();
  await page.getByRole("button", { name: "Delete the token" }).click();
  await page.getByRole("button", { name: "Continue as alan" }).waitFor({ state: "detached" });
});

test("who comes to a new address of the server, where the browser knows nobody, gets in with id and token", async (t) => {
  const app = await startApp(t);
  const ada = new PlainchatClient(app.origin);
  const { userId, authToken } = await ada.registerUser({ secret: app.secret, userHandle: "ada" });
  const visitor = await sitDown(t, app.origin);
  visitor.mayFailToLoad = true;
  const { page } = visitor;
  await page.getByLabel("Your handle").fill("ada");
  await page.getByLabel("Class secret").fill(app.secret);
  await page.getByRole("button", { name: "Join", exact: true }).click();
  await page
    .getByText("This handle is taken. Choose another one. Is it yours? Then open “I was here before”.")
    .waitFor();
  // Also as one text, as for curl.
  await page.getByLabel("Your id").fill(`${userId}`);
  await page.getByLabel("Your token").fill(` ${userId}:${authToken} `);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("button", { name: "ada", exact: true }).waitFor();
  await page.getByText("connected", { exact: true }).waitFor();
});
