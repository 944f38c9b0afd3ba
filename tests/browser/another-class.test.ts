/**
 * The server comes back at the same address with another data folder, in which the same ids are other people: the page
 * sends no old token there, says what has happened, and knows its user again when the old folder comes back.
 */
import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import { freePort } from "../../check/node/free-port.ts";
import { type RunningApp, startApp } from "../../testing/start-app.ts";
import { closeBrowser, joinAs, sitDown, talkTo, write } from "./people.ts";

after(closeBrowser);

/** Whether the server has refused a token so far. */
const refusedToken = (app: RunningApp) => /"status(Code)?":40[13]/.test(app.logged());

async function replace(t: TestContext, app: RunningApp, isClass: boolean, root?: string): Promise<RunningApp> {
  await app.stop();
  return startApp(t, { isClass, port: Number(new URL(app.origin).port), ...(root !== undefined && { root }) });
}

for (const isClass of [true, false]) {
  test(`an identity is for one folder only, and comes back with it (${isClass ? "class mode" : "no class"})`, async (t) => {
    const first = await startApp(t, { isClass, port: await freePort() });
    await first.register("grace");
    const visitor = await sitDown(t, first.origin);
    visitor.mayFailToLoad = true;
    const { page } = visitor;
    const gone = isClass
      ? page.getByText("The class in which you were ada is over, or the server has another one now.")
      : page.getByText("The server has other data now than when you were ada.");
    await joinAs(page, first.secret, "ada");
    await talkTo(page, "grace");
    await write(page, "hello, old grace");
    await page.getByText("✓ sent").waitFor();
    await page.getByRole("textbox", { name: "Message to" }).fill("only for old grace");

    const second = await replace(t, first, isClass);
    await second.register("zoe");
    await gone.waitFor();
    await page.reload();
    await gone.waitFor();
    assert.ok(!refusedToken(second));
    // The user may insist, and then the server decides.
    const refusing = page.waitForResponse((reply) => [401, 403].includes(reply.status()));
    await page.getByRole("button", { name: "Try again as ada" }).click();
    await refusing;
    await gone.waitFor();

    // In the other folder, somebody else has the id of ada.
    await joinAs(page, second.secret, "ada");
    await talkTo(page, "zoe");
    assert.equal(await page.getByRole("textbox", { name: "Message to" }).inputValue(), "");
    await write(page, "hello, zoe");
    await page.getByText("✓ sent").waitFor();
    const known = await page.evaluate(() => JSON.parse(localStorage.getItem("plainchat.identities") ?? ""));
    assert.deepEqual(
      known.map(({ myId, userHandle }: { myId: number; userHandle: string }) => [myId, userHandle]),
      [
        [2, "ada"],
        [2, "ada"],
      ],
    );

    const third = await replace(t, second, isClass, first.root);
    await gone.waitFor();
    await page.getByRole("button", { name: "Continue as ada", exact: true }).click();
    await page.getByText("connected", { exact: true }).waitFor();
    await talkTo(page, "grace");
    await page.locator(".message .text", { hasText: "hello, old grace" }).waitFor();
    assert.equal(await page.getByRole("textbox", { name: "Message to" }).inputValue(), "only for old grace");
    assert.ok(!refusedToken(third));
  });
}
