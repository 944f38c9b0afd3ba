/**
 * The chat behind a proxy that holds streams back: the page notices it, says so, and chats without a stream.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Page } from "playwright-core";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import { TeacherClient } from "../../client/teacher-client.ts";
import { startHoldingProxy } from "../../testing/holding-proxy.ts";
import { startApp, TEACHER_KEY } from "../../testing/start-app.ts";
import { closeBrowser, joinAs, sitDown, talkTo, write } from "./people.ts";

after(closeBrowser);

const WITHOUT_STREAM = "connected, without a stream";

async function join(page: Page, secret: string, userHandle: string): Promise<void> {
  await page.getByLabel("Your handle").fill(userHandle);
  await page.getByLabel("Class secret").fill(secret);
  await page.getByRole("button", { name: "Join", exact: true }).click();
}

const texts = (page: Page) => page.locator(".message .text");

for (const holds of ["body", "all", "refused"] as const) {
  test(`when a proxy holds streams back (${holds}), the page waits with fetches instead, until a stream gets through`, async (t) => {
    const isClass = holds === "body";
    const app = await startApp(t, { isClass });
    const proxy = await startHoldingProxy(t, app.origin, holds);
    const grace = new PlainchatClient(app.origin);
    await grace.registerUser({ secret: app.secret, userHandle: "grace" });
    const ada = await sitDown(t, proxy.origin);
    ada.mayFailToLoad = true;
    const { page } = ada;
    await page.clock.install();
    await page.evaluate(() => {
      const seen: string[] = [];
      Object.assign(globalThis, { seen });
      new MutationObserver(() => seen.push(document.body.innerText)).observe(document.body, {
        subtree: true,
        childList: true,
        characterData: true,
      });
    });
    await join(page, app.secret, "ada");
    await page.getByText(WITHOUT_STREAM).waitFor();
    await talkTo(page, "grace");
    const hello = await grace.publishMessage({ userHandle: "ada", message: "hello" });
    await texts(page).getByText("hello", { exact: true }).waitFor();
    await write(page, "hello, grace");
    await page.locator(".message", { hasText: "hello, grace" }).getByText("✓ sent").waitFor();
    await grace.publishMessage({ userHandle: "ada", message: "a second one" });
    await texts(page).getByText("a second one").waitFor();
    const seen = await page.evaluate(() => (globalThis as unknown as { seen: string[] }).seen.join("\n"));
    assert.doesNotMatch(seen, /Nobody else is here|server is not answering/);

    // What was edited comes when the page reads the conversation again.
    await grace.editMessage({ messageId: hello.messageId, message: "hello, ada" });
    await page.clock.fastForward(21_000);
    await grace.publishMessage({ userHandle: "ada", message: "a third one" });
    await texts(page).getByText("hello, ada").waitFor();

    // No stream says that the class is paused: the page asks.
    if (isClass) {
      const teacher = new TeacherClient(app.origin, { teacherKey: TEACHER_KEY });
      await teacher.changeClass({ isPaused: true });
      await page.clock.fastForward(3_000);
      await page.getByText("Your teacher has paused the class.").waitFor();
    }

    proxy.holds = "nothing";
    await page.clock.fastForward(31_000);
    await page.getByText("connected", { exact: true }).waitFor();
    await grace.removeMessage({ messageId: hello.messageId });
    await texts(page).getByText("hello, ada").waitFor({ state: "detached" });
  });
}

test("when only the first piece of each stream gets through, the page notices it, and does not trust the next stream", async (t) => {
  const app = await startApp(t);
  const proxy = await startHoldingProxy(t, app.origin, "rest");
  const grace = new PlainchatClient(app.origin);
  await grace.registerUser({ secret: app.secret, userHandle: "grace" });
  const { page } = await sitDown(t, proxy.origin);
  await page.clock.install();
  await joinAs(page, app.secret, "ada");
  await talkTo(page, "grace");
  await grace.publishMessage({ userHandle: "ada", message: "hello" });
  await page.clock.fastForward(41_000);
  await page.getByText(WITHOUT_STREAM).waitFor();
  await texts(page).getByText("hello").waitFor();
  const isTriedAgain = page.waitForRequest("**/chat/stream?*");
  await page.clock.fastForward(31_000);
  await isTriedAgain;
  await grace.publishMessage({ userHandle: "ada", message: "still there?" });
  await texts(page).getByText("still there?").waitFor();
  await page.getByText(WITHOUT_STREAM).waitFor();
});
