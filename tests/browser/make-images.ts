/**
 * `npm run images`: makes the pictures for the README and docs/lesson.md, in docs/images. They show the real pages in a
 * real browser: a small class that talks, and a lesson with thirty pupils.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Locator, Page } from "playwright-core";
import { ChatError } from "../../client/chat-error.ts";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import { PROJECTOR_KEY, type RunningApp, startApp, TEACHER_KEY } from "../../testing/start-app.ts";
import { closeBrowser, joinAs, sitDown, talkTo, write } from "./people.ts";

after(closeBrowser);

const FOLDER = new URL("../../docs/images/", import.meta.url);
/** The pictures show the address. */
const PORT = 8080;
const SCREEN = { viewport: { width: 1280, height: 800 } };
const LAPTOP = { viewport: { width: 1366, height: 768 } };
const WALL = { viewport: { width: 1920, height: 1080 } };
const PHONE = { viewport: { width: 390, height: 760 }, hasTouch: true, isMobile: true };

const HANDLES =
  "ada grace alan katherine dennis ken barbara edsger donald margaret radia frances leslie tim vint linus guido bjarne " +
  "brendan yukihiro rasmus james anders larry niklaus john tony robin joan jean";

async function take(what: Page | Locator, name: string): Promise<void> {
  const page = "page" in what ? what.page() : what;
  // Wait until nothing moves any more. An animation is also over when its element goes.
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)));
  await what.screenshot({ path: fileURLToPath(new URL(`${name}.png`, FOLDER)) });
}

async function register({ origin, secret }: RunningApp, userHandle: string): Promise<PlainchatClient> {
  const client = new PlainchatClient(origin);
  await client.registerUser({ secret, userHandle });
  return client;
}

/** Has a stream open until the lesson ends. */
async function stayHere(client: PlainchatClient, signal: AbortSignal): Promise<void> {
  for await (const _ of client.listen({ signal }));
}

/** What happens to everybody in their first lesson. */
async function misspell(app: RunningApp, { credentials }: PlainchatClient): Promise<void> {
  const user = `${credentials?.myId}:${credentials?.myAuth}`;
  await app.send({ method: "POST", path: "/api/v1/chat", user, body: { userHandle: "ada", mesage: "hello" } });
}

/** Does something that the server refuses. */
async function isRefused(work: Promise<unknown>): Promise<void> {
  await work.catch((error) => {
    if (!(error instanceof ChatError)) throw error;
  });
}

test("a small class that talks", async (t) => {
  const app = await startApp(t, { isClass: true });
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

  const phone = await sitDown(t, app.origin, { ...PHONE, colorScheme: "dark" });
  await joinAs(phone.page, app.secret, "dennis");
  await talkTo(phone.page, "ada");
  // On a phone, Enter starts a new line.
  await phone.page.getByRole("textbox", { name: "Message to" }).fill("I write from my phone.");
  await phone.page.getByRole("button", { name: "Send" }).click();
  await phone.page.getByText("✓ sent").waitFor();
  await talkTo(ada.page, "dennis");
  await write(ada.page, "And it is dark there.");
  await phone.page.locator(".message", { hasText: "And it is dark there." }).waitFor();
  await take(phone.page, "phone");
});

test("a lesson with thirty pupils", async (t) => {
  let minutesAgo = 0;
  const clock = { now: () => Date.now() - minutesAgo * 60_000 };
  const app = await startApp(t, { isClass: true, clock, port: PORT });
  const teacher = await sitDown(t, app.origin, { ...LAPTOP, path: `/teacher#${TEACHER_KEY}`, drawn: "form" });
  const desk = teacher.page;
  await desk.getByLabel("Your handle").fill("Ms Hopper");
  await desk.keyboard.press("Enter");
  await desk.getByRole("button", { name: "Pause the class" }).waitFor();
  const projector = await sitDown(t, app.origin, { ...WALL, path: `/projector#${PROJECTOR_KEY}` });
  const wall = projector.page;
  await wall.getByText("connected", { exact: true }).waitFor();
  const phone = await sitDown(t, app.origin, PHONE);
  await phone.page.getByLabel("Your handle").fill("mia");
  await phone.page.getByLabel("Class secret").fill("five-words-from-the-wall");
  await take(phone.page, "join");

  const pupils = new Map<string, PlainchatClient>();
  const ending = new AbortController();
  for (const handle of HANDLES.split(" ")) {
    const client = await register(app, handle);
    pupils.set(handle, client);
    // Two are away: their pages are closed.
    if (handle !== "tony" && handle !== "joan") void stayHere(client, ending.signal);
  }
  const as = (handle: string) => pupils.get(handle) ?? assert.fail(handle);
  const handles = [...pupils.keys()];
  for (const [i, handle] of handles.entries()) {
    await as(handle).publishMessage({ userHandle: handles[(i + 1) % handles.length] ?? "", message: "hello" });
  }
  minutesAgo = 4;
  for (let i = 0; i < 2; i++) await misspell(app, as("larry"));
  minutesAgo = 2;
  for (const userHandle of ["Grace", "GRACE"]) {
    await isRefused(as("vint").publishMessage({ userHandle, message: "is anybody there?" }));
  }
  minutesAgo = 0;
  for (let i = 0; i < 2; i++) await isRefused(as("radia").publishMessage({ userHandle: "tim", message: "" }));
  await isRefused(as("guido").editMessage({ messageId: 4, message: "not mine" }));
  await as("katherine").raiseHand({ isUp: true });
  await desk.getByText("30 pupils").waitFor();
  await desk.getByText("stuck 4 min").waitFor();
  await desk.locator("tbody", { hasText: "larry" }).getByTitle("See the steps").click();
  await desk.getByText("8 of 8").waitFor();
  await take(desk, "teacher");

  await wall.getByRole("button", { name: "To the newest" }).click();
  await misspell(app, as("larry"));
  await wall.locator(".current", { hasText: "larry" }).getByText("did you mean").waitFor();
  await take(wall, "projector");

  await desk.getByRole("button", { name: "End the lesson" }).click();
  await desk.getByLabel("Name of this class, if you like").fill("9b");
  await desk.keyboard.press("Enter");
  await desk.getByText("Put this class with 30 pupils away?").waitFor();
  await take(desk.locator("dialog.end"), "end");
  ending.abort();
});
