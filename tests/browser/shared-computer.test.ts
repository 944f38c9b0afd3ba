/**
 * Several people share one browser: nobody replaces another, and nobody loses a token without being asked.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { freePort } from "../../check/node/free-port.ts";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import { SCHOOL, startApp } from "../../testing/start-app.ts";
import { accessProblems } from "./access-problems.ts";
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

test("when the server moves to another address, the old page says what to do and gives what the new one asks for", async (t) => {
  const port = await freePort();
  const app = await startApp(t, { isClass: true, port });
  const visitor = await sitDown(t, app.origin);
  visitor.mayFailToLoad = true;
  const { page, context } = visitor;
  await joinAs(page, app.secret, "ada");
  const { host } = new URL(page.url());
  await app.stop();
  const moved = await startApp(t, { isClass: true, root: app.root });

  const title = page.getByText(`No answer from ${host} for a while. Has the server moved?`);
  await title.waitFor();
  await title.click();
  await page.getByText("The wall shows it, or ask your teacher.").waitFor();
  // The token is on the screen only if somebody wants to see it.
  await page.getByText(`1:${"•".repeat(12)}`).waitFor();
  await page.getByRole("button", { name: "Show token" }).click();
  const shown = (await page.locator(".moved .token").textContent()) ?? "";
  assert.match(shown, /^1:[\w-]{32}$/);
  await page.getByRole("button", { name: "Copy id and token" }).click();
  await page.getByText("Your id and token are on the clipboard.").waitFor();
  assert.deepEqual(await accessProblems(page), []);

  const address = moved.origin.replace("127.0.0.1", SCHOOL);
  visitor.addresses.push(address);
  const elsewhere = await context.newPage();
  await elsewhere.goto(`${address}/?join`);
  await elsewhere.getByText("I was here before").click();
  // Into whichever field: the other one is filled, too.
  await elsewhere.getByLabel("Your id").focus();
  await elsewhere.keyboard.press("Control+V");
  assert.equal(await elsewhere.getByLabel("Your token").inputValue(), shown.slice(2));
  await elsewhere.getByRole("button", { name: "Log in" }).click();
  await elsewhere.getByRole("button", { name: "ada", exact: true }).waitFor();
  await elsewhere.getByText("connected", { exact: true }).waitFor();

  // The server comes back to where it was: the old page goes on as if nothing had happened.
  await moved.stop();
  await startApp(t, { isClass: true, root: app.root, port });
  await page.getByText("connected", { exact: true }).waitFor();
  assert.equal(await title.count(), 0);
});
