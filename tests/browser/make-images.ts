/**
 * `npm run images`: makes the pictures for the README, in docs/images. They show the real page in a real browser, with
 * a small class that talks.
 */
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import { PROJECTOR_KEY, type RunningApp, startApp } from "../../testing/start-app.ts";
import { closeBrowser, joinAs, sitDown, talkTo, write } from "./people.ts";

const FOLDER = new URL("../../docs/images/", import.meta.url);
const SCREEN = { viewport: { width: 1280, height: 800 } };

async function take(page: Page, name: string): Promise<void> {
  // Wait until nothing moves any more.
  await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)));
  await page.screenshot({ path: fileURLToPath(new URL(`${name}.png`, FOLDER)) });
}

async function register({ origin, secret }: RunningApp, userHandle: string): Promise<PlainchatClient> {
  const client = new PlainchatClient(origin);
  await client.registerUser({ secret, userHandle });
  return client;
}

test("the pictures are made", async (t) => {
  t.after(closeBrowser);
  const app = await startApp(t, { isClass: true });
  const wall = await sitDown(t, app.origin, { ...SCREEN, path: `/projector#${PROJECTOR_KEY}` });
  await wall.page.getByText("connected", { exact: true }).waitFor();
  const [grace, alan, katherine] = [
    await register(app, "grace"),
    await register(app, "alan"),
    await register(app, "katherine"),
  ];
  const ada = await sitDown(t, app.origin, SCREEN);
  ada.mayFailToLoad = true;
  await joinAs(ada.page, app.secret, "ada");
  await alan.publishMessage({ userHandle: "ada", message: "Does your client work already?" });
  await katherine.publishMessage({ userHandle: "ada", message: "See you at the orbit" });
  await katherine.publishMessage({ userHandle: "ada", message: "The numbers agree." });
  await grace.publishMessage({ userHandle: "ada", message: "Have you found the bug?" });
  await talkTo(ada.page, "grace");
  await write(ada.page, "Yes: I had written mesage instead of message.");
  await ada.page.getByText("✓ sent").waitFor();
  await grace.publishMessage({
    userHandle: "ada",
    message: "The server names the step at which it stopped.\nLook through the glass!",
  });
  await ada.page.getByText("Look through the glass!").last().waitFor();
  await take(ada.page, "chat");

  await ada.page.keyboard.press("F2");
  await write(ada.page, "I can see my message on its way into the journal.");
  await ada.page.getByText("26 of 26").waitFor();
  await ada.page.locator('[data-step="chat.post.7"] button').click();
  await take(ada.page, "glass");

  const phone = await sitDown(t, app.origin, {
    viewport: { width: 390, height: 760 },
    colorScheme: "dark",
    hasTouch: true,
    isMobile: true,
  });
  await joinAs(phone.page, app.secret, "dennis");
  await talkTo(phone.page, "ada");
  await write(phone.page, "I write from my phone.");
  await phone.page.getByText("✓ sent").waitFor();
  await talkTo(ada.page, "dennis");
  await write(ada.page, "And it is dark there.");
  await phone.page.locator(".message", { hasText: "And it is dark there." }).waitFor();
  await take(phone.page, "phone");

  while (await wall.page.getByRole("button", { name: "Next request" }).isEnabled()) {
    await wall.page.getByRole("button", { name: "Next request" }).click();
  }
  const { messageId } = await alan.publishMessage({ userHandle: "grace", message: "Who wrote this?" });
  await grace.editMessage({ messageId, message: "not mine" }).catch(() => {});
  await wall.page.locator(".current", { hasText: "403" }).waitFor();
  await take(wall.page, "projector");
});
