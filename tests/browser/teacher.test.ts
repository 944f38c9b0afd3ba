/**
 * The teacher's page, as a teacher uses it: find who needs help, see what went wrong, and lead the class.
 */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Page } from "playwright-core";
import { type Person, type RunningApp, startApp, TEACHER_KEY } from "../../testing/start-app.ts";
import { accessProblems } from "./access-problems.ts";
import { closeBrowser, joinAs, sitDown } from "./people.ts";

after(closeBrowser);

const PATH = `/teacher#${TEACHER_KEY}`;
const HANDLES =
  "ada grace alan katherine dennis ken barbara edsger donald margaret radia frances leslie tim vint linus guido bjarne " +
  "brendan yukihiro rasmus james anders larry niklaus john tony robin joan jean kathleen evelyn annie mary dorothy " +
  "sophie hedy clara george a-pupil-with-a-handle-of-sixty-four-characters-which-is-too-long";

const row = (page: Page, userHandle: string) =>
  page.locator(".pupil-list tbody").filter({ has: page.getByRole("button", { name: userHandle, exact: false }) });
const open = (page: Page, userHandle: string) => row(page, userHandle).locator(".who button").click();
const handles = (page: Page) => page.locator(".pupil-list .who bdi").allTextContents();

/** Opens the page and becomes the teacher. */
async function lead(page: Page): Promise<void> {
  await page.getByLabel("Your handle").fill("ms-hopper");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Pause the class" }).waitFor();
}

/** Sends a message without a text, or with another mistake. */
async function fail(app: RunningApp, { user }: Person, body: object = { userHandle: "ada" }): Promise<void> {
  const { status } = await app.send({ method: "POST", path: "/api/v1/chat", user, body });
  assert.ok(status >= 400);
}

const CASES = ["register-no-secret", "answers", "register.delete-token-length", "send-and-fetch", "x".repeat(64)];

/** Says how far a pupil is, for some of them since long ago: two of them since twelve minutes ago. */
async function report(app: RunningApp, { user, userId }: Person, i: number): Promise<void> {
  const lesson = 1 + (i % 14);
  const isPassed = i % 5 === 2;
  const body = isPassed ? { lesson, passed: 9, total: 9 } : { lesson, case: CASES[i % 5], passed: 2, total: 9 };
  const { json } = await app.send({ method: "PATCH", path: "/api/v1/class/progress", user, body });
  const { since } = json as unknown as { since: string };
  const minutes = i % 20 === 1 ? 12 : i % 20 === 10 ? 26 * 60 : 0;
  const file = join(app.root, "class", "progress", `${userId}.json`);
  const before = new Date(Date.parse(since) - minutes * 60_000).toISOString();
  if (minutes > 0) await writeFile(file, (await readFile(file, "utf8")).replaceAll(since, before));
}

test("without the right key, the page says where its address is; with it, one leads the class for good", async (t) => {
  const app = await startApp(t, { isClass: true });
  const teacher = await sitDown(t, app.origin, { path: "/teacher", drawn: "main" });
  teacher.mayFailToLoad = true;
  const { page, context } = teacher;
  const urls: string[] = [];
  context.on("request", (request) => urls.push(request.url()));
  await page.getByText("the address that the server printed at its start").waitFor();
  for (const wrong of ["another-key-of-somebody", "%D0%BA%D0%BB%D1%8E%D1%87"]) {
    await page.goto(`${new URL(page.url()).origin}/teacher#${wrong}`);
    await page.getByText("This is not the teacher's key").waitFor();
    await page.getByText("./plainchat class keys shows it, too").waitFor();
  }
  await page.goto(`${new URL(page.url()).origin}${PATH}`);
  await page.getByLabel("Your handle").waitFor();
  assert.ok(!page.url().includes(TEACHER_KEY));
  await app.register("grace");
  await page.getByLabel("Your handle").fill("grace");
  await page.keyboard.press("Enter");
  await page.getByText("This handle is taken.").waitFor();
  await lead(page);
  await page.reload();
  await page.getByRole("link", { name: "Chat as ms-hopper" }).waitFor();
  assert.ok(!urls.some((url) => new URL(url).search.includes("key") || url.split("#")[0]?.includes(TEACHER_KEY)));

  // Another pupil was the user of this browser before, and still can be.
  const grace = await context.newPage();
  await grace.goto(new URL(page.url()).origin);
  await joinAs(grace, app.secret, "pupil");
  const opening = context.waitForEvent("page");
  await page.getByRole("link", { name: "Chat as ms-hopper" }).click();
  const chat = await opening;
  await chat.getByRole("button", { name: "ms-hopper" }).waitFor();
  assert.equal(await chat.getByRole("button", { name: "Hand up" }).count(), 0);
  await chat.getByRole("button", { name: "ms-hopper" }).click();
  await chat.getByRole("button", { name: "Continue as pupil" }).click();
  await chat.getByRole("button", { name: "pupil", exact: true }).waitFor();
});

test("the teacher sees who is stuck and where, and does what a lesson needs", async (t) => {
  const app = await startApp(t, { isClass: true });
  const [ada, , alan] = [await app.register("ada"), await app.register("grace"), await app.register("alan")];
  const teacher = await sitDown(t, app.origin, { path: PATH, drawn: "form", viewport: { width: 1366, height: 768 } });
  teacher.mayFailToLoad = true;
  const { page } = teacher;
  await lead(page);
  await row(page, "alan").waitFor();
  assert.deepEqual(await handles(page), ["ada", "grace", "alan"]);

  // Who is stuck comes first, and the step opens in the glass.
  for (let i = 0; i < 2; i++) await fail(app, alan);
  await row(page, "alan").getByText("stuck").waitFor();
  await page.waitForFunction(() => document.querySelector(".pupil-list .who bdi")?.textContent === "alan");
  await row(page, "alan").getByText("message is missing.").waitFor();
  await page.getByText("1 stuck").waitFor();
  await row(page, "alan").getByRole("button", { name: "See the steps" }).click();
  await page.locator('.open-trace .step[data-step="chat.post.1.8"]').waitFor();
  await page.getByRole("complementary", { name: "alan" }).getByText("message is missing.").waitFor();
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.activeElement?.id.startsWith("trace-"));
  await page.reload();
  await row(page, "alan").getByRole("button", { name: "See the steps" }).click();
  await page.getByText("no longer kept").waitFor();
  await page.getByRole("button", { name: "Close the glass" }).click();

  // While the teacher reads in the list, nothing jumps.
  await page.mouse.move(400, 400);
  await row(page, "grace").hover();
  await app.send({ method: "PATCH", path: "/api/v1/class/hand", user: ada.user, body: { isUp: true } });
  await row(page, "ada").getByText("hand up").waitFor();
  assert.deepEqual(await handles(page), ["alan", "ada", "grace"]);
  await page.getByRole("button", { name: "Sort again" }).click();
  await page.waitForFunction(() => document.querySelector(".pupil-list .who bdi")?.textContent === "ada");

  // One pupil.
  await open(page, "ada");
  await page.getByRole("button", { name: "Take the hand down" }).click();
  await row(page, "ada").getByText("hand up").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Mute" }).click();
  await row(page, "ada").getByText("muted").waitFor();
  await fail(app, ada, { userHandle: "alan", message: "hello" });
  await page.getByRole("button", { name: "Hide from the wall" }).click();
  await row(page, "ada").getByText("hidden").waitFor();
  await page.getByLabel("New handle").fill("alan");
  await page.keyboard.press("Enter");
  await row(page, "ada").getByText("This handle is taken.").waitFor();
  assert.equal(await page.getByLabel("New handle").inputValue(), "alan");
  await page.getByLabel("New handle").fill("lovelace");
  await page.keyboard.press("Enter");
  await row(page, "lovelace").waitFor();
  await row(page, "lovelace").getByText("This handle is taken.").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Rejoin code" }).click();
  await page.getByText(/Valid once, until .*: 10 minutes/).waitFor();
  const code = await page.locator(".code-text").innerText();
  await page.keyboard.press("Escape");

  // The pupil comes back with it.
  const pupil = await sitDown(t, app.origin);
  pupil.mayFailToLoad = true;
  await pupil.page.getByText("I have lost my token").click();
  await pupil.page.locator("#rejoin-handle").fill("lovelace");
  for (const [typed, sentence] of [
    ["2222", "This code is not right"],
    ["222222", "This code is not right"],
  ] as const) {
    await pupil.page.getByLabel("Code from your teacher").fill(typed);
    await pupil.page.keyboard.press("Enter");
    await pupil.page.getByText(sentence).waitFor();
  }
  await pupil.page.getByLabel("Code from your teacher").fill(` ${code.toLowerCase().replaceAll("\n", "-")}`);
  await pupil.page.keyboard.press("Enter");
  await pupil.page.getByRole("button", { name: "lovelace" }).waitFor();
  await pupil.page.getByRole("button", { name: "Hand up" }).click();
  await row(page, "lovelace").getByText("hand up").waitFor();

  // The whole class.
  await page.getByRole("button", { name: "Pause the class" }).click();
  await page.getByText("Paused: only you can send.").waitFor();
  await fail(app, alan, { userHandle: "grace", message: "hello" });
  const person = pupil.page.getByRole("navigation").getByRole("button", { name: "ms-hopper" });
  await person.click();
  await pupil.page.getByText("Your teacher has muted you.").waitFor();
  await pupil.page.getByRole("textbox", { name: "Message to" }).fill("kept");
  await pupil.page.keyboard.press("Enter");
  assert.ok(await pupil.page.getByRole("button", { name: "Send" }).isDisabled());
  assert.deepEqual(await accessProblems(pupil.page), [], "a pupil who cannot write");
  await page.getByRole("button", { name: "Let them write" }).click();
  await pupil.page.getByText("Your teacher has paused the class.").waitFor();
  await page.getByRole("button", { name: "Show texts" }).click();
  await page.getByText("All can read all messages on the wall.").waitFor();
  await page.getByLabel("Lesson", { exact: true }).selectOption("5");
  await page.waitForFunction(() => document.querySelector<HTMLSelectElement>("#lesson")?.disabled === false);
  await page.getByRole("button", { name: "Resume" }).click();
  await pupil.page.getByText("Everybody can read this on the wall.").waitFor();
  await pupil.page.getByRole("button", { name: "Send" }).click();
  await pupil.page.locator(".message", { hasText: "kept" }).getByText("✓ sent").waitFor();
  const { text } = await app.send({ method: "GET", path: "/api/v1/class" });
  const json = JSON.parse(text);
  assert.deepEqual([json.isPaused, json.showsTexts, json.lesson], [false, true, 5]);
  await page.getByLabel("Message to all").fill("Look at the wall, please.");
  await page.keyboard.press("Enter");
  await page.getByText("Sent to 3 pupils.").waitFor();
  await person.getByText("teacher", { exact: true }).waitFor();
  const message = pupil.page.locator(".message", { hasText: "Look at the wall" });
  await message.getByText("teacher", { exact: true }).waitFor();
  await message.getByText("to all").waitFor();
  await pupil.page.emulateMedia({ colorScheme: "dark" });
  assert.deepEqual(await accessProblems(pupil.page), [], "a message from the teacher, while texts are shown");

  // What cannot be undone is asked about.
  await open(page, "lovelace");
  await open(page, "grace");
  await page.getByRole("button", { name: "Remove…" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Remove…" }).click();
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByText("2 pupils").waitFor();

  // Nothing is lost when the server is away.
  await page.getByLabel("Message to all").fill("not sent yet");
  await app.stop();
  await page.getByText("connection lost").waitFor();
  await page.getByLabel("Message to all").press("Enter");
  await page.getByText("nobody gets it twice").waitFor();
  assert.equal(await page.getByLabel("Message to all").inputValue(), "not sent yet");
});

test("forty pupils are readable at 1366 × 768, on a tablet and on a phone, in light and dark, by keyboard alone", async (t) => {
  const app = await startApp(t, { isClass: true });
  const people: Person[] = [];
  for (const userHandle of HANDLES.split(" ")) people.push(await app.register(userHandle));
  const teacher = await sitDown(t, app.origin, { path: PATH, drawn: "form", viewport: { width: 1366, height: 768 } });
  teacher.mayFailToLoad = true;
  const { page } = teacher;
  const { keyboard } = page;
  assert.deepEqual(await accessProblems(page), [], "who are you");
  await lead(page);
  const transferred = await page.evaluate(() =>
    [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
      .filter(({ name }) => !name.includes("/api/"))
      .reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).transferSize, 0),
  );
  t.diagnostic(`${(transferred / 1024).toFixed(1)} KiB with their headers`);
  assert.ok(transferred > 0 && transferred < 120 * 1024);

  const stuck = people.filter((_, i) => i % 3 === 0);
  for (const each of [...stuck, ...stuck]) await fail(app, each, { userHandle: "x".repeat(4000) });
  await page.getByText("14 stuck").waitFor();
  for (const [i, each] of people.entries()) if (i % 8 !== 7) await report(app, each, i);
  await page.getByText("15 stuck").waitFor();
  await row(page, "kathleen").locator(".course").getByText("1 day").waitFor();
  assert.deepEqual((await handles(page)).slice(0, 2), ["grace", "james"], "at the same case for longest");
  const course = (userHandle: string) => row(page, userHandle).locator(".course");
  assert.match(await course("grace").innerText(), /^2\s*answers\s*1[12] min$/);
  assert.match(await course("alan").innerText(), /^3\s*passed\s*0 min$/);
  assert.match(
    String(await course("ada").locator(".at-case").getAttribute("title")),
    /^Lesson 1, at register-no-secret since .*\. 2 of 9 checks pass\.$/,
  );
  for (const [width, height, most] of [
    [1366, 768, 29],
    [1024, 768, 29],
    [360, 740, 40],
  ] as const) {
    await page.setViewportSize({ width, height });
    const sizes = await page.evaluate(() => ({
      width: document.documentElement.scrollWidth,
      rows: [...document.querySelectorAll(".pupil-list tbody")].map((each) => each.getBoundingClientRect().height),
      cut: [...document.querySelectorAll(".course time")].filter((each) => {
        const cell = each.closest(".course")?.getBoundingClientRect();
        return each.getBoundingClientRect().right > (cell?.right ?? 0);
      }).length,
    }));
    assert.equal(sizes.rows.length, 40);
    assert.equal(sizes.cut, 0, "since when they are there shows in full");
    assert.ok(Math.max(...sizes.rows) <= most, `${Math.max(...sizes.rows)} pixels high at ${width}`);
    assert.ok(sizes.width <= width, `${sizes.width} pixels wide at ${width}`);
  }
  await page.setViewportSize({ width: 1366, height: 768 });

  // By keyboard: find a pupil, open the row, ask for a code, close it, and the steps.
  await page.getByLabel("Find a pupil").focus();
  await keyboard.type("EDSG");
  await page.waitForFunction(() => document.querySelectorAll(".pupil-list tbody").length === 1);
  await keyboard.press("Backspace");
  for (let i = 0; i < 5; i++) await keyboard.press("Backspace");
  await page.waitForFunction(() => document.querySelectorAll(".pupil-list tbody").length === 40);
  await keyboard.press("Tab");
  await keyboard.press("Tab");
  const focused = () => page.evaluate(() => document.activeElement?.querySelector("bdi")?.textContent);
  const [first, second] = await handles(page);
  assert.equal(await focused(), first);
  await keyboard.press("ArrowDown");
  assert.equal(await focused(), second);
  await keyboard.press("ArrowUp");
  assert.equal(await focused(), first);
  await keyboard.press("Enter");
  await page.getByRole("button", { name: "Rejoin code" }).waitFor();
  await page.getByText("Lesson 2, at answers since").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("aria-expanded")), "true");
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    assert.deepEqual(await accessProblems(page), [], `an open row in ${colorScheme}`);
    await page.getByRole("button", { name: "Rejoin code" }).press("Enter");
    await page.locator(".code-text").waitFor();
    assert.deepEqual(await accessProblems(page), [], `a code in ${colorScheme}`);
    await keyboard.press("Escape");
    await page.getByRole("button", { name: "How to join" }).press("Enter");
    await page.getByRole("button", { name: "Show the class secret" }).press("Enter");
    await page.getByText(app.secret).waitFor();
    assert.deepEqual(await accessProblems(page), [], `how to join in ${colorScheme}`);
    await keyboard.press("Escape");
    // The secret is gone when the dialog closes.
    await page.getByText(app.secret).waitFor({ state: "detached" });
    await page.getByRole("button", { name: /Pause the class|Resume/ }).press("Enter");
    await page.getByText(colorScheme === "light" ? "Paused: only you" : "Running: all").waitFor();
    await page.locator("tbody .at button").first().press("Enter");
    await page.locator(".open-trace .refusal").waitFor();
    assert.deepEqual(await accessProblems(page), [], `a trace in ${colorScheme}`);
    await keyboard.press("Escape");
  }
  // The first pupil has sent nothing that failed, so the trace was that of the second.
  await keyboard.press("Shift+Tab");
  await keyboard.press("ArrowUp");
  await keyboard.press("Escape");
  await page.getByRole("button", { name: "Rejoin code" }).waitFor({ state: "detached" });
});

test("the chat page loads nothing of the teacher's page", async (t) => {
  const app = await startApp(t, { isClass: true });
  const { page } = await sitDown(t, app.origin);
  const names = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
  assert.ok(names.length > 20);
  assert.deepEqual(
    names.filter((name) => name.includes("teacher")),
    [],
  );
});
