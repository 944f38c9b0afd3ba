/**
 * A whole lesson with the real program: a teacher, a wall and thirty pupils, of whom five sit in front of browsers, one of
 * them with a phone. Everything happens that happens in a lesson, in one go: so it also shows that one thing does not
 * spoil the next.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import type { Locator, Page } from "playwright-core";
import { ChatError } from "../../client/chat-error.ts";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import { SCHOOL } from "../../testing/start-app.ts";
import { type RunningServer, startServer } from "../../testing/start-server.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";
import { accessProblems } from "./access-problems.ts";
import { closeBrowser, joinAs, sitDown, talkTo, write } from "./people.ts";

after(closeBrowser);

const HANDLES =
  "ada grace alan katherine dennis ken barbara edsger donald margaret radia frances leslie tim vint linus guido bjarne " +
  "brendan yukihiro rasmus james anders larry niklaus john tony robin joan jean";
const PHONE = { width: 360, height: 640 };
const FLOOD = 200;

interface Pupil {
  handle: string;
  client: PlainchatClient;
}

async function begin(t: TestContext, root: string, port = "0"): Promise<RunningServer> {
  const environment = {
    ...{ PLAINCHAT_CLASS: "1", PLAINCHAT_HOST: "127.0.0.1", PLAINCHAT_ALLOW_HOST: SCHOOL },
    ...{ PLAINCHAT_PORT: port, PLAINCHAT_NO_LOCAL_NAME: "1" },
  };
  return startServer(t, root, environment);
}

const secretIn = async (root: string) => (await readFile(join(root, "users", "secret.dat"), "utf8")).trim();
const button = (page: Page, name: string): Locator => page.getByRole("button", { name, exact: true });
const row = (page: Page, handle: string): Locator =>
  page.locator(".pupil-list tbody").filter({ has: page.getByRole("button", { name: handle, exact: false }) });
const message = (page: Page, text: string): Locator => page.locator(".text").filter({ hasText: text }).first();
const refusal = (work: Promise<unknown>): Promise<ChatError> =>
  work.then(
    () => assert.fail("it was not refused"),
    (error) => (error instanceof ChatError ? error : assert.fail(String(error))),
  );

test("a lesson with thirty pupils, from the first handle to the next class", async (t) => {
  const root = await temporaryFolder(t);
  let server = await begin(t, root);
  const { secret, origin } = server;
  const { port } = new URL(origin);
  const keys = JSON.parse(await readFile(join(root, "class", "keys.json"), "utf8"));
  const patience = { attempts: 30 };
  const enter = async (handle: string, where = secret): Promise<Pupil> => {
    const client = new PlainchatClient(origin, patience);
    await client.registerUser({ secret: where, userHandle: handle });
    return { handle, client };
  };
  const atDesk = async (handle: string, viewport = { width: 1366, height: 768 }) => {
    const visitor = await sitDown(t, origin, { viewport });
    visitor.mayFailToLoad = true;
    await joinAs(visitor.page, secret, handle);
    return visitor;
  };

  // The teacher opens two pages, and becomes the teacher before anybody else is there.
  const teacher = await sitDown(t, origin, { path: `/teacher#${keys.teacher}`, drawn: "form" });
  teacher.mayFailToLoad = true;
  const desk = teacher.page;
  await desk.getByLabel("Your handle").fill("Ms Hopper");
  await desk.keyboard.press("Enter");
  await button(desk, "Pause the class").waitFor();
  const projector = await sitDown(t, origin, {
    path: `/projector#${keys.projector}`,
    viewport: { width: 1920, height: 1080 },
  });
  projector.mayFailToLoad = true;
  const wall = projector.page;

  // Thirty join: five at desks, one of them with a phone, the others with programs of their own. The last two are late.
  const handles = HANDLES.split(" ");
  const [ada = "", grace = "", alan = "", katherine = "", dennis = "", ...programs] = handles;
  const late = programs.splice(-2);
  const desks = {
    ada: await atDesk(ada),
    grace: await atDesk(grace, PHONE),
    alan: await atDesk(alan),
    katherine: await atDesk(katherine),
    dennis: await atDesk(dennis),
  };
  const pages = Object.values(desks).map(({ page }) => page);
  const pupils = await Promise.all(programs.map((handle) => enter(handle)));
  for (const like of ["Ms Норрer", "MS HOPPER", "ms hopper"]) {
    const { status, message } = await refusal(enter(like));
    assert.deepEqual([status, message], [409, "This handle looks like the teacher's. Choose another one."]);
  }
  pupils.push(...(await Promise.all(late.map((handle) => enter(handle)))));
  await desk.getByText("30 pupils").waitFor();
  await row(desk, late[1] ?? "").waitFor();

  // Everybody writes to somebody. All of it arrives, once.
  const [ken, barbara] = [pupils[0] ?? assert.fail(), pupils[1] ?? assert.fail()];
  await talkTo(desks.ada.page, grace);
  await write(desks.ada.page, "hello from the desk");
  await Promise.all(
    pupils.map(({ client, handle }) => client.publishMessage({ userHandle: ada, message: `I am ${handle}` })),
  );
  for (const { handle } of [ken, barbara]) {
    await talkTo(desks.ada.page, handle);
    await message(desks.ada.page, `I am ${handle}`).waitFor();
  }
  await talkTo(desks.grace.page, ada);
  await message(desks.grace.page, "hello from the desk").waitFor();
  assert.equal(await wall.getByText("hello from the desk").count(), 0, "texts are covered on the wall");

  // One pupil's loop pushes nobody off the wall, and a mute ends it.
  const flooding = Array.from({ length: FLOOD }, (_, i) =>
    ken.client.publishMessage({ userHandle: barbara.handle, message: `spam ${i}` }).catch((error) => error),
  );
  const onWall = wall.locator(".current .who, .past").getByText(barbara.handle).first();
  // On a busy computer, a wall that cannot keep up with the flood leaves requests out, and says so. Then she writes again.
  for (let isShown = false, tries = 1; !isShown; tries++) {
    assert.ok(tries <= 10, "barbara is not on the wall");
    await barbara.client.publishMessage({ userHandle: ken.handle, message: "please stop" });
    isShown = await onWall.waitFor({ timeout: 6000 }).then(
      () => true,
      () => false,
    );
  }
  await row(desk, ken.handle).locator(".who button").click();
  await button(desk, "Mute").click();
  await row(desk, ken.handle).locator(".tag", { hasText: "muted" }).waitFor();
  await Promise.all(flooding);
  const muted = await refusal(ken.client.publishMessage({ userHandle: barbara.handle, message: "more" }));
  assert.equal(muted.step, "chat.post.3.2");
  await button(desk, "Let them write").click();
  await row(desk, ken.handle).locator(".tag", { hasText: "muted" }).waitFor({ state: "detached" });

  // An insult goes from every page at once.
  await talkTo(desks.alan.page, katherine);
  await write(desks.alan.page, "a rude word");
  await talkTo(desks.katherine.page, alan);
  await message(desks.katherine.page, "a rude word").waitFor();
  await row(desk, alan).locator(".who button").click();
  await row(desk, alan).getByText("1 message that this page has seen").click();
  await row(desk, alan).locator("li").filter({ hasText: "a rude word" }).getByRole("button").click();
  await row(desk, alan).getByText("a rude word").waitFor({ state: "detached" });
  // Also from what a screen reader reads out.
  for (const { page } of [desks.katherine, desks.alan]) {
    await page.getByText("a rude word").first().waitFor({ state: "detached" });
  }

  // Pause: the pages say so, and nobody but the teacher sends.
  await button(desk, "Pause the class").click();
  for (const page of pages) await page.getByText("Your teacher has paused the class").first().waitFor();
  assert.equal((await refusal(barbara.client.publishMessage({ userHandle: ada, message: "x" }))).status, 403);
  await desk.getByLabel("Message to all").fill("Look at the wall, please.");
  await button(desk, "Send to all").click();
  await desk.getByText("Sent to 30 pupils.").waitFor();
  const { messages } = await barbara.client.fetchQueue({ before: Number.MAX_SAFE_INTEGER, limit: 1 });
  assert.deepEqual(
    [messages[0]?.message, messages[0]?.isTeacher, messages[0]?.isToAll],
    ["Look at the wall, please.", true, true],
  );
  await button(desk, "Resume").click();
  for (const page of pages)
    await page.getByText("Your teacher has paused the class").first().waitFor({ state: "detached" });

  // The server is killed in the middle and starts again: the keys are the same, and everybody goes on.
  await server.stop("SIGKILL");
  server = await begin(t, root, port);
  for (const page of pages) await page.getByText("connected", { exact: true }).waitFor();
  await desk.getByText("connected", { exact: true }).first().waitFor();
  await talkTo(desks.dennis.page, barbara.handle);
  await write(desks.dennis.page, "after the restart");
  await desks.dennis.page.getByText("✓ sent").waitFor();
  await row(desk, dennis).waitFor();

  // Katherine's computer has another address of the server now, where her browser knows nobody. The teacher gives a code.
  await row(desk, katherine).locator(".who button").click();
  await button(desk, "Rejoin code").click();
  const code = await desk.locator(".code-text").innerText();
  await desk.keyboard.press("Escape");
  const moved = await sitDown(t, origin);
  moved.mayFailToLoad = true;
  await moved.page.getByText("I have lost my token").click();
  await moved.page.locator("#rejoin-handle").fill(katherine);
  await moved.page.locator("#rejoin-code").fill(code);
  await moved.page.keyboard.press("Enter");
  await moved.page.getByText("connected", { exact: true }).waitFor();
  await button(moved.page, katherine).waitFor();
  const again = await refusal(
    new PlainchatClient(origin, patience).rejoin({ userHandle: katherine, rejoinCode: code.replace(/\s/g, "") }),
  );
  assert.equal(again.status, 403, "a code counts once");

  // The end: everything is saved, and the class is put away.
  await button(desk, "End the lesson").click();
  for (const colorScheme of ["light", "dark"] as const) {
    await desk.emulateMedia({ colorScheme });
    assert.deepEqual(await accessProblems(desk), []);
  }
  const [download] = await Promise.all([desk.waitForEvent("download"), button(desk, "Save as a zip").click()]);
  assert.match(download.suggestedFilename(), /^plainchat-\d{4}-\d\d-\d\d\.zip$/);
  const zip = await readFile(await download.path(), "utf8");
  assert.ok(zip.includes("after the restart") && zip.includes("I am radia") && !zip.includes("a rude word"));
  await desk.getByLabel("Name of this class, if you like").fill("9b, Monday");
  await desk.keyboard.press("Enter");
  await desk.getByText("Put this class with 30 pupils away?").waitFor();
  await button(desk, "Put it away").click();

  // The next class: nobody is there, the secret is another one, and the wall shows nothing of the first.
  await desk.getByRole("button", { name: "Begin" }).waitFor();
  assert.equal(await desk.getByLabel("Your handle").inputValue(), "Ms Hopper");
  await desk.getByText("9b, Monday").waitFor();
  const widths = () =>
    desk.locator(".teacher-before > *").evaluateAll((parts) => parts.map((part) => part.getBoundingClientRect().width));
  const before = await widths();
  await button(desk, "Open…").click();
  await desk.getByText("Open this class again?").waitFor();
  assert.deepEqual([await widths(), new Set(before).size], [before, 1], "a question does not push its list apart");
  await button(desk, "Cancel").click();
  await desk.getByLabel("Your handle").press("Enter");
  await desk.getByText("Nobody has joined yet.").waitFor();
  const nextSecret = await secretIn(root);
  assert.notEqual(nextSecret, secret);
  assert.equal((await refusal(barbara.client.fetchQueue())).status, 401);
  await wall.getByText(barbara.handle, { exact: true }).first().waitFor({ state: "detached" });
  const sophie = await enter("sophie", nextSecret);
  assert.equal((await sophie.client.fetchQueue()).messages.length, 0);
  await row(desk, "sophie").waitFor();
  await wall.getByText("sophie", { exact: true }).first().waitFor();

  // And Monday's class comes back, with everybody in it. The list comes again while the page asks, and the question stays.
  const isAsked = Promise.withResolvers<void>();
  await desk.route("**/class/archives", (route) => isAsked.promise.then(() => route.continue()), { times: 1 });
  const list = desk.waitForResponse("**/class/archives");
  await button(desk, "End the lesson").click();
  await desk.locator(".archives li").filter({ hasText: "9b, Monday" }).getByRole("button", { name: "Open…" }).click();
  await desk.getByText("Open this class again?").waitFor();
  isAsked.resolve();
  await (await list).finished();
  await button(desk, "Open it").click();
  await row(desk, barbara.handle).waitFor();
  await desk.getByText("30 pupils").waitFor();
  const [newest] = (await barbara.client.fetchQueue({ before: Number.MAX_SAFE_INTEGER, limit: 1 })).messages;
  assert.equal(newest?.message, "after the restart");
  assert.equal(await server.stop("SIGTERM"), 0);
});
