/**
 * The chat in a real browser: people talk to each other while the server dies and comes back.
 */
import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import type { Page } from "playwright-core";
import { freePort } from "../../check/node/free-port.ts";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import { type RunningApp, startApp } from "../../testing/start-app.ts";
import { startServer } from "../../testing/start-server.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";
import { closeBrowser, joinAs, sitDown, talkTo, write } from "./people.ts";

after(closeBrowser);

/** Ada and Grace, each with their own browser and with the conversation open. */
async function twoWhoTalk(t: TestContext, { origin, secret }: Pick<RunningApp, "origin" | "secret">) {
  const [ada, grace] = [await sitDown(t, origin), await sitDown(t, origin)] as const;
  await joinAs(ada.page, secret, "ada");
  await joinAs(grace.page, secret, "grace");
  await talkTo(grace.page, "ada");
  await talkTo(ada.page, "grace");
  return { ada, grace };
}

const texts = (page: Page) => page.locator(".message .text");
const message = (page: Page, text: string) => page.locator(".message", { hasText: text });

async function waitForTexts(page: Page, expected: string[]): Promise<void> {
  await page.waitForFunction(
    (wanted) =>
      JSON.stringify([...document.querySelectorAll(".message .text")].map((each) => each.textContent)) === wanted,
    JSON.stringify(expected),
  );
}

test("two people talk, edit, take back and remove, and each sees it at once", async (t) => {
  const app = await startApp(t);
  const { ada, grace } = await twoWhoTalk(t, app);
  await write(ada.page, "hello");
  await waitForTexts(grace.page, ["hello"]);
  await write(grace.page, "hello, ada");
  await waitForTexts(ada.page, ["hello", "hello, ada"]);
  assert.match((await message(ada.page, "hello").first().textContent()) ?? "", /✓ sent/);

  await message(ada.page, "hello").first().hover();
  await ada.page.getByRole("button", { name: "Edit" }).first().click();
  await ada.page.getByLabel("New text").fill("hello, grace");
  await ada.page.keyboard.press("Enter");
  await waitForTexts(grace.page, ["hello, grace", "hello, ada"]);
  await grace.page.getByText("edited").waitFor();

  await message(ada.page, "hello, grace").hover();
  await message(ada.page, "hello, grace").getByRole("button", { name: "Take back" }).click();
  await message(ada.page, "hello, grace").getByRole("button", { name: "Take back" }).click();
  await waitForTexts(grace.page, ["hello, ada"]);

  await message(ada.page, "hello, ada").hover();
  await message(ada.page, "hello, ada").getByRole("button", { name: "Remove" }).click();
  await message(ada.page, "hello, ada").getByRole("button", { name: "Remove" }).click();
  await waitForTexts(grace.page, []);
  await waitForTexts(ada.page, []);
});

test("messages and handles are shown as text, never as HTML", async (t) => {
  const app = await startApp(t);
  const attacks = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "javascript:alert(1)",
    "{{1+1}} &lt;b&gt;",
  ];
  const attacker = new PlainchatClient(app.origin);
  const userHandle = "<script>alert(1)</script><b>eve</b>";
  await attacker.registerUser({ secret: app.secret, userHandle });
  const ada = await sitDown(t, app.origin);
  ada.page.on("dialog", () => ada.complaints.push("A script has run"));
  await joinAs(ada.page, app.secret, "ada");
  await talkTo(ada.page, "eve");
  for (const attack of attacks) await attacker.publishMessage({ userHandle: "ada", message: attack });
  await waitForTexts(ada.page, attacks);
  assert.equal(await ada.page.locator(".peer h2").textContent(), userHandle);
  assert.equal(await ada.page.locator("main img, main script, main b").count(), 0);
  // The glass, too: the request and the files contain the same text.
  await write(ada.page, "<script>alert(2)</script>");
  await ada.page.keyboard.press("F2");
  await ada.page.getByText("26 of 26").waitFor();
  assert.equal(await ada.page.locator("#page script").count(), 0);
});

test("when the server is killed and comes back, nothing is lost, and each page shows only what it knows", async (t) => {
  const [root, port] = [await temporaryFolder(t), String(await freePort())];
  const first = await startServer(t, root, { PLAINCHAT_PORT: port });
  const { ada, grace } = await twoWhoTalk(t, first);
  for (const each of [ada, grace]) each.mayFailToLoad = true;
  await write(ada.page, "before");
  await waitForTexts(grace.page, ["before"]);
  // Grace may have it before Ada's reply arrives. If the server died in between, Ada's page could only say that no
  // reply came.
  await message(ada.page, "before").getByText("✓ sent").waitFor();

  await first.stop("SIGKILL");
  await ada.page.getByText("connection lost, trying again…").waitFor();
  await grace.page.getByText("connection lost, trying again…").waitFor();
  await write(ada.page, "in between");
  await message(ada.page, "in between").getByText("sending…").waitFor();
  assert.doesNotMatch((await message(ada.page, "in between").textContent()) ?? "", /✓/);

  const second = await startServer(t, root, { PLAINCHAT_PORT: port });
  assert.equal(second.origin, first.origin);
  await waitForTexts(grace.page, ["before", "in between"]);
  await message(ada.page, "in between").getByText("✓ sent").waitFor();
  await write(grace.page, "after");
  await waitForTexts(ada.page, ["before", "in between", "after"]);
});

test("nobody loses their token when the server is started with the wrong folder", async (t) => {
  const [right, port] = [await temporaryFolder(t), String(await freePort())];
  const first = await startServer(t, right, { PLAINCHAT_PORT: port });
  const ada = await sitDown(t, first.origin);
  ada.mayFailToLoad = true;
  const { page } = ada;
  await joinAs(page, first.secret, "ada");
  await first.stop("SIGTERM");
  const wrong = await startServer(t, await temporaryFolder(t), { PLAINCHAT_PORT: port });
  await page.getByText("The server has other data now than when you were ada").waitFor({ timeout: 30_000 });
  await wrong.stop("SIGTERM");
  await startServer(t, right, { PLAINCHAT_PORT: port });
  await page.getByRole("button", { name: "Try again as ada" }).click();
  await page.getByText("connected", { exact: true }).waitFor();
});

test("a message that could not be sent says so, and arrives once after another try", async (t) => {
  const [root, port] = [await temporaryFolder(t), String(await freePort())];
  const first = await startServer(t, root, { PLAINCHAT_PORT: port });
  const { ada, grace } = await twoWhoTalk(t, first);
  ada.mayFailToLoad = grace.mayFailToLoad = true;
  await first.stop("SIGTERM");
  await write(ada.page, "is anybody there?");
  const draft = message(ada.page, "is anybody there?");
  await draft.getByText("No reply came").waitFor({ timeout: 40_000 });
  // It survives a reload of the page, as soon as a server is there to load it from.
  await startServer(t, root, { PLAINCHAT_PORT: port });
  await ada.page.reload();
  await talkTo(ada.page, "grace");
  await draft.getByText("No reply came").waitFor();
  await waitForTexts(grace.page, []);
  await draft.getByRole("button", { name: "Try again" }).click();
  await draft.getByText("✓ sent").waitFor();
  await waitForTexts(grace.page, ["is anybody there?"]);
});

test("after an outage, a message that gets through brings the stream back at once", async (t) => {
  const [root, port] = [await temporaryFolder(t), String(await freePort())];
  const first = await startServer(t, root, { PLAINCHAT_PORT: port });
  const grace = new PlainchatClient(first.origin);
  await grace.registerUser({ secret: first.secret, userHandle: "grace" });
  const ada = await sitDown(t, first.origin);
  ada.mayFailToLoad = true;
  const { page } = ada;
  await page.clock.install();
  await joinAs(page, first.secret, "ada");
  await talkTo(page, "grace");
  await first.stop("SIGTERM");
  await write(page, "is anybody there?");
  const draft = message(page, "is anybody there?");
  while (!(await draft.getByText("No reply came").isVisible())) await page.clock.fastForward(2_000);
  await page.getByText("connection lost, trying again…").waitFor();
  // From now on, no pause before a next try ends by itself.
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 100));
  await startServer(t, root, { PLAINCHAT_PORT: port });
  await draft.getByRole("button", { name: "Try again" }).click();
  await draft.getByText("✓ sent").waitFor();
  await page.getByText("connected", { exact: true }).waitFor();
});

test("a refused message is not sent, and the user can discard it", async (t) => {
  const app = await startApp(t);
  const ada = await sitDown(t, app.origin);
  await joinAs(ada.page, app.secret, "ada");
  await new PlainchatClient(app.origin).registerUser({ secret: app.secret, userHandle: "grace" });
  await talkTo(ada.page, "grace");
  ada.mayFailToLoad = true;
  await write(ada.page, "a bell: \u0007");
  const draft = message(ada.page, "a bell");
  await draft.getByText("Not sent. The character U+0007 (BEL)").waitFor();
  await draft.getByRole("button", { name: "Discard" }).click();
  await waitForTexts(ada.page, []);
});

test("a message never goes to someone who took over the handle of its recipient", async (t) => {
  const app = await startApp(t);
  const [grace, eve] = [new PlainchatClient(app.origin), new PlainchatClient(app.origin)];
  await grace.registerUser({ secret: app.secret, userHandle: "grace" });
  const ada = await sitDown(t, app.origin);
  const { page } = ada;
  await joinAs(page, app.secret, "ada");
  await talkTo(page, "grace");
  // For a moment no user has the handle, and a page that is still loading may ask just then.
  ada.mayFailToLoad = true;
  // The list of people must not notice the change.
  await page.route("**/api/v1/users?*limit=200*", (route) => route.fulfill({ json: { users: [] } }));
  await grace.changeUser({ userHandle: "hopper" });
  await eve.registerUser({ secret: app.secret, userHandle: "grace" });
  await write(page, "for the real grace only");
  for await (const event of grace.listen({ after: 0 })) {
    assert.equal("message" in event && event.message.message, "for the real grace only");
    break;
  }
  assert.deepEqual((await eve.fetchQueue()).messages, []);
  // Even if the handle changes hands while the message is on its way.
  await page.route("**/api/v1/chat", async (route) => {
    await page.unroute("**/api/v1/chat");
    await grace.changeUser({ userHandle: "amazing" });
    await eve.changeUser({ userHandle: "hopper" });
    await route.continue();
  });
  await write(page, "a secret");
  await message(page, "a secret").getByText("It was taken back, but they may have seen it.").waitFor();
  assert.deepEqual((await eve.fetchQueue()).messages, []);
  await message(page, "a secret").getByRole("button", { name: "Try again" }).click();
  for await (const event of grace.listen({ after: 0 })) {
    if ("message" in event && event.message.message === "a secret") break;
  }
  assert.deepEqual((await eve.fetchQueue()).messages, []);
});

test("a changed handle appears in the lists of the others", async (t) => {
  const app = await startApp(t);
  const ada = await sitDown(t, app.origin);
  await joinAs(ada.page, app.secret, "ada");
  const alan = new PlainchatClient(app.origin);
  await alan.registerUser({ secret: app.secret, userHandle: "alan" });
  await ada.page.getByRole("navigation").getByRole("button", { name: "alan" }).waitFor();
  await alan.changeUser({ userHandle: "turing" });
  await ada.page.getByRole("navigation").getByRole("button", { name: "turing" }).waitFor({ timeout: 25_000 });
});

test("after someone leaves, you can read their messages but not write to them", async (t) => {
  const app = await startApp(t);
  const { ada, grace } = await twoWhoTalk(t, app);
  // The stream may end before the page knows that she has left.
  grace.mayFailToLoad = true;
  await write(ada.page, "for grace");
  await write(grace.page, "for ada");
  await waitForTexts(ada.page, ["for grace", "for ada"]);
  await grace.page.getByRole("button", { name: "grace", exact: true }).click();
  await grace.page.getByRole("button", { name: "Leave for good…" }).click();
  await grace.page.getByRole("button", { name: "Leave for good", exact: true }).click();
  await grace.page.getByText("You have left.").waitFor();
  // The messages in her queue are gone. The messages that she sent stay.
  await waitForTexts(ada.page, ["for ada"]);
  await ada.page.getByText("This person has left, so you cannot write to them.").waitFor();
  await ada.page.reload();
  await talkTo(ada.page, "grace");
  await waitForTexts(ada.page, ["for ada"]);
});

test("with a thousand messages, scrolling back fetches page by page, and the list does not grow", async (t) => {
  const app = await startApp(t);
  const { page } = await sitDown(t, app.origin);
  await joinAs(page, app.secret, "ada");
  const client = new PlainchatClient(app.origin);
  await client.registerUser({ secret: app.secret, userHandle: "alan" });
  // Five times as many as may be drawn.
  const total = 1_000;
  for (let i = 0; i < total; i += 50) {
    const batch = Array.from({ length: 50 }, (_, k) => `message ${i + k + 1}`);
    for (const text of batch) await client.publishMessage({ userHandle: "ada", message: text });
  }
  await talkTo(page, "alan");
  await message(page, `message ${total}`).waitFor();
  const list = page.locator(".messages");
  let most = 0;
  for (;;) {
    const seen = await texts(page).count();
    most = Math.max(most, seen);
    if (await page.getByText("This is the start of your conversation.").isVisible()) break;
    const first = await texts(page).first().textContent();
    await list.evaluate((element) => element.scrollTo(0, 0));
    await page.waitForFunction(
      (before) =>
        document.querySelector(".message .text")?.textContent !== before ||
        /start of your conversation/.test(document.body.innerText),
      first,
    );
  }
  assert.equal(await texts(page).first().textContent(), "message 1");
  assert.ok(most <= 200, `${most} messages were drawn`);
  // Down again, without a gap.
  while (await page.getByRole("button", { name: "Jump to the newest" }).isVisible()) {
    const last = await texts(page).last().textContent();
    await list.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await page.waitForFunction(
      (before) =>
        [...document.querySelectorAll(".message .text")].at(-1)?.textContent !== before ||
        document.querySelector(".to-newest") === null,
      last,
    );
    const numbers = (await texts(page).allTextContents()).map((text) => Number(text.replace("message ", "")));
    assert.deepEqual(
      numbers,
      Array.from(numbers, (_, k) => (numbers[0] ?? 0) + k),
    );
  }
  assert.equal(await texts(page).last().textContent(), `message ${total}`);
});

test("the message you are reading stays in place while older ones appear above it", async (t) => {
  const app = await startApp(t);
  const ada = await sitDown(t, app.origin);
  await joinAs(ada.page, app.secret, "ada");
  const client = new PlainchatClient(app.origin);
  await client.registerUser({ secret: app.secret, userHandle: "alan" });
  for (let i = 1; i <= 150; i++) await client.publishMessage({ userHandle: "ada", message: `message ${i}` });
  await talkTo(ada.page, "alan");
  const read = message(ada.page, "message 105").first();
  await read.waitFor();
  await read.evaluate((element) => {
    const list = element.closest(".messages");
    if (list !== null) list.scrollTop = (element as HTMLElement).offsetTop - 50;
  });
  const before = await read.boundingBox();
  await message(ada.page, "message 60").waitFor({ state: "attached" });
  const after = await read.boundingBox();
  assert.ok(Math.abs((before?.y ?? 0) - (after?.y ?? 999)) < 3, `it moved from ${before?.y} to ${after?.y}`);
});

test("a list at its end stays at its end when the screen gets shorter", async (t) => {
  const app = await startApp(t);
  const ada = await sitDown(t, app.origin);
  await joinAs(ada.page, app.secret, "ada");
  const client = new PlainchatClient(app.origin);
  await client.registerUser({ secret: app.secret, userHandle: "alan" });
  for (let i = 1; i <= 40; i++) await client.publishMessage({ userHandle: "ada", message: `message ${i}` });
  await talkTo(ada.page, "alan");
  await message(ada.page, "message 40").waitFor();
  // As when the keyboard of a phone appears.
  await ada.page.setViewportSize({ width: 1280, height: 420 });
  await ada.page.waitForFunction(() => {
    const list = document.querySelector(".messages");
    return list !== null && list.scrollHeight - list.scrollTop - list.clientHeight < 2;
  });
});

test("all tabs count unread messages until one of them shows them", async (t) => {
  const app = await startApp(t);
  const { ada, grace } = await twoWhoTalk(t, app);
  const second = await grace.context.newPage();
  await second.goto(grace.page.url());
  const person = second.getByRole("navigation").getByRole("button", { name: "ada" });
  await person.waitFor();
  await grace.page.close();
  await write(ada.page, "one");
  await write(ada.page, "two");
  await person.getByText("2 unread").waitFor();
  await second.waitForFunction(() => document.title === "(2) plainchat");
  const third = await grace.context.newPage();
  await third.goto(second.url());
  await third.waitForFunction(() => document.title === "(2) plainchat");
  await talkTo(second, "ada");
  await waitForTexts(second, ["one", "two"]);
  await second.waitForFunction(() => document.title === "plainchat");
  await third.waitForFunction(() => document.title === "plainchat");
});

test("a message that arrives between joining and the first look at the queue is unread", async (t) => {
  const app = await startApp(t);
  const { page } = await sitDown(t, app.origin);
  const client = new PlainchatClient(app.origin);
  await client.registerUser({ secret: app.secret, userHandle: "alan" });
  await page.route("**/api/v1/chat?*", async (route) => {
    if ((await client.fetchQueue({ box: "sent" })).messages.length === 0) {
      await client.publishMessage({ userHandle: "ada", message: "welcome" });
    }
    await route.continue();
  });
  await joinAs(page, app.secret, "ada");
  await page.getByRole("navigation").getByRole("button", { name: "alan" }).getByText("1 unread").waitFor();
});

test("several tabs are one user: each shows what the others do, even a new token and a logout", async (t) => {
  const app = await startApp(t);
  const { ada, grace } = await twoWhoTalk(t, app);
  const second = await ada.context.newPage();
  await second.goto(ada.page.url());
  await talkTo(second, "grace");
  await write(ada.page, "from the first tab");
  await waitForTexts(second, ["from the first tab"]);

  // The old token ends both streams. Neither tab may log out because of that.
  ada.mayFailToLoad = true;
  await second.getByRole("button", { name: "ada", exact: true }).click();
  await second.getByRole("button", { name: "Get a new token" }).click();
  await second.getByText("You have a new token.").waitFor();
  await second.keyboard.press("Escape");
  await write(grace.page, "to both tabs");
  for (const page of [ada.page, second]) await waitForTexts(page, ["from the first tab", "to both tabs"]);
  await write(ada.page, "with the new token");
  await waitForTexts(grace.page, ["from the first tab", "to both tabs", "with the new token"]);

  await ada.page.getByRole("button", { name: "ada", exact: true }).click();
  await ada.page.getByRole("button", { name: "Log out…" }).click();
  await ada.page.getByText("Without your id (1) and your token you cannot come back as ada.").waitFor();
  await ada.page.getByRole("button", { name: "Log out", exact: true }).click();
  for (const page of [ada.page, second]) await page.getByLabel("Class secret").waitFor();
});

test("on another device you can log in with id and token, change your handle and lock out the first device", async (t) => {
  const app = await startApp(t);
  const { ada, grace } = await twoWhoTalk(t, app);
  await write(ada.page, "from the first device");
  await ada.page.getByRole("button", { name: "ada", exact: true }).click();
  await ada.page.getByRole("button", { name: "Show token" }).click();
  const token = (await ada.page.locator(".token").textContent()) ?? "";
  assert.equal(token.length, 32);
  await ada.page.getByRole("button", { name: "Copy id and token" }).click();
  await ada.page.getByText("Your id and token are on the clipboard.").waitFor();
  // Read the clipboard by pasting into a field.
  await ada.page.getByLabel("Your handle").fill("");
  await ada.page.keyboard.press("ControlOrMeta+V");
  assert.equal(await ada.page.getByLabel("Your handle").inputValue(), `1:${token}`);
  await ada.page.keyboard.press("Escape");

  const device = await sitDown(t, app.origin);
  await device.page.getByText("I was here before").click();
  await device.page.getByLabel("Your id").fill("1");
  await device.page.getByLabel("Your token").fill("x".repeat(32));
  device.mayFailToLoad = true;
  await device.page.getByRole("button", { name: "Log in" }).click();
  await device.page.getByText("This is not the token for this id.").waitFor();
  await device.page.getByLabel("Your token").fill(token);
  await device.page.getByRole("button", { name: "Log in" }).click();
  await talkTo(device.page, "grace");
  await waitForTexts(device.page, ["from the first device"]);

  await device.page.getByRole("button", { name: "ada", exact: true }).click();
  await device.page.getByLabel("Your handle").fill("lovelace");
  await device.page.getByRole("button", { name: "Rename" }).click();
  await device.page.getByText("You are now lovelace.").waitFor();
  ada.mayFailToLoad = true;
  await device.page.getByRole("button", { name: "Get a new token" }).click();
  await device.page.getByText("You have a new token.").waitFor();
  await ada.page.getByText("It may have been changed on another device.").waitFor();
  await device.page.keyboard.press("Escape");
  await write(device.page, "from lovelace");
  await waitForTexts(grace.page, ["from the first device", "from lovelace"]);
});

test("a hidden tab closes its stream, still notices new messages, and listens again when it is shown", async (t) => {
  const app = await startApp(t);
  const { ada, grace } = await twoWhoTalk(t, app);
  const { page } = ada;
  const look = (state: "hidden" | "visible") =>
    page.evaluate((visibility) => {
      Object.defineProperty(document, "visibilityState", { configurable: true, get: () => visibility });
      document.dispatchEvent(new Event("visibilitychange"));
    }, state);
  const streams = async () =>
    Number(/^plainchat_streams (\d+)$/m.exec((await app.send({ path: "/metrics" })).text)?.[1]);
  assert.equal(await streams(), 2);
  await page.clock.install();
  await look("hidden");
  await page.clock.fastForward(25_000);
  for (let tries = 0; (await streams()) > 1; tries++) assert.ok(tries < 1000, "the stream is still there");
  await write(grace.page, "are you there?");
  await waitForTexts(grace.page, ["are you there?"]);
  await page.clock.fastForward(20_000);
  await page.waitForFunction(() => document.title === "(1) plainchat");
  await look("visible");
  await waitForTexts(page, ["are you there?"]);
  await page.waitForFunction(() => document.title === "plainchat");
  await write(grace.page, "good");
  await waitForTexts(page, ["are you there?", "good"]);
  assert.equal(await streams(), 2);
});

test("a class secret that is typed with capitals and blanks lets you in, and a wrong one says how a secret looks", async (t) => {
  const app = await startApp(t);
  const visitor = await sitDown(t, app.origin);
  const { page } = visitor;
  visitor.mayFailToLoad = true;
  await page.getByLabel("Your handle").fill("ada");
  await page.getByLabel("Class secret").fill("One Two Three Four");
  await page.getByRole("button", { name: "Join", exact: true }).click();
  await page.getByRole("alert").getByText("five words with hyphens, all in small letters").waitFor();
  await joinAs(page, app.secret.replaceAll("-", " ").toUpperCase(), "ada");
});

test("the class link opens the form with the server's address, and never with the secret", async (t) => {
  const app = await startApp(t);
  const { page } = await sitDown(t, app.origin, { path: "/?join" });
  await page.getByText(`Server: ${new URL(page.url()).origin}`).waitFor();
  assert.equal(await page.getByLabel("Class secret").inputValue(), "");
  assert.ok(!(await page.content()).includes(app.secret));
});
