import { after, test } from "node:test";
import { mkdirSync } from "node:fs";
import { PlainchatClient } from "./client/plainchat-client.ts";
import { theDatabase } from "./testing/open-test-database.ts";
import { startApp } from "./testing/start-app.ts";
import { closeBrowser, joinAs, sitDown, talkTo, write } from "./tests/browser/people.ts";
after(closeBrowser);
const out = "/tmp/w/h224-shots"; mkdirSync(out, { recursive: true });
for (const [width, height] of [[360, 740], [1366, 768], [1920, 1080]] as const)
  for (const locale of ["en-US", "de-DE"])
    test(`${width} ${locale}`, async (t) => {
      const app = await startApp(t, { database: await (await theDatabase()).create() });
      const grace = new PlainchatClient(app.origin);
      await grace.registerUser({ secret: app.secret, userHandle: "grace" });
      const { page } = await sitDown(t, app.origin, { viewport: { width, height } , reducedMotion: "reduce"});
      await joinAs(page, app.secret, "ada");
      if (locale === "de-DE") { await page.evaluate(() => localStorage.setItem("plainchat.language", '"de"')); }
      await talkTo(page, "grace");
      await write(page, "hello through the glass, with a text that is a bit longer than usual");
      await page.keyboard.press("F2");
      if (width === 360) await page.screenshot({ path: `${out}/${width}-${locale}-0.png` });
      await write(page, "hello again").catch(() => {});
      await page.locator('[data-step="chat.post.7"] button').click();
      await page.waitForTimeout(400);
      await page.screenshot({ path: `${out}/${width}-${locale}-1.png` });
      await page.locator(".folder").scrollIntoViewIfNeeded();
      await page.waitForTimeout(200);
      await page.screenshot({ path: `${out}/${width}-${locale}-2.png` });
      await page.locator(".tools button").nth(2).click();
      await page.locator(".tables table").nth(1).scrollIntoViewIfNeeded();
      await page.screenshot({ path: `${out}/${width}-${locale}-3.png` });
    });
