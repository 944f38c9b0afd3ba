/**
 * The page of the course, as a pupil uses it: read, open hints, predict, have one's own server checked.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createServer, type RequestListener } from "node:http";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import type { Page } from "playwright-core";
import { freePort } from "../../check/node/free-port.ts";
import { ServerUnderTest } from "../../check/node/server-under-test.ts";
import { atEnd } from "../../testing/at-end.ts";
import { smallCourse } from "../../testing/small-course.ts";
import { startApp, TEACHER_KEY } from "../../testing/start-app.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";
import { accessProblems } from "./access-problems.ts";
import { closeBrowser, joinAs, sitDown } from "./people.ts";

after(closeBrowser);

/** A check runs in a process with a low priority. */
const SLOW = { timeout: 60_000 };

/** A solution of the course, which the test stops and starts as a pupil does. */
async function pythonServer(t: TestContext, name: string): Promise<{ port: number; restart: () => Promise<void> }> {
  const folder = await temporaryFolder(t);
  const port = await freePort();
  const path = join(import.meta.dirname, "..", "..", "course", "solutions", "python", name);
  const server = new ServerUnderTest(`python3 "${path}" ${port} "${folder}"`, `http://127.0.0.1:${port}`);
  atEnd(t, () => server.kill());
  await server.start();
  const restart = async () => {
    await server.kill();
    await new Promise((resolve) => setTimeout(resolve, 500));
    await server.start();
  };
  return { port, restart };
}

async function pupilsServer(t: TestContext, answer: RequestListener): Promise<number> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as { port: number }).port;
}

const goTo = async (page: Page, path: string) => {
  await page.goto(new URL(page.url()).origin + path);
  await page.locator(".learn").waitFor();
};

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing wrong with the course, in ${colorScheme}`, async (t) => {
    const app = await startApp(t, {
      isClass: true,
      courseFolder: await smallCourse(t),
      checks: { pauseMilliseconds: 0 },
    });
    const port = await pupilsServer(t, (_request, response) => response.end("hello\n"));
    const { page } = await sitDown(t, app.origin, { colorScheme, reducedMotion: "reduce" });
    const check = async (view: string) => assert.deepEqual(await accessProblems(page), [], view);
    await goTo(page, "/learn");
    await check("the list");
    await page.getByRole("link", { name: "Words for machines" }).click();
    await page.getByText("To have your server checked, join the class").waitFor();
    await check("a lesson, without anybody logged in");
    await page.goto(new URL(page.url()).origin);
    await joinAs(page, app.secret, "ada");
    await goTo(page, "/learn#2");
    await page.getByRole("button", { name: "Show hint 1" }).click();
    await page.getByRole("radio").first().check();
    await page.getByRole("button", { name: "That is my answer" }).first().click();
    await page.getByText("The lines in plainchat's own code").click();
    await check("a lesson with everything open");
    await page.getByLabel("The port of your server").fill(`${port}`);
    await page.getByRole("button", { name: "Check lessons 1 to 2" }).click();
    await page.getByText("1 check passed, then this one failed").waitFor(SLOW);
    await check("a check that failed");
  });
}

test("a pupil reads, opens one hint after the other, answers, and then sees the right answer", async (t) => {
  const app = await startApp(t, { isClass: true, courseFolder: await smallCourse(t) });
  const { page } = await sitDown(t, app.origin, { path: "/learn", drawn: ".learn" });
  assert.equal(
    await page.getByRole("link", { name: "server.py" }).getAttribute("href"),
    "/learn/starters/python/server.py",
  );
  await page.getByText("python3 server.py 8000 data", { exact: true }).waitFor();
  await page.getByRole("link", { name: "Words for machines" }).click();
  await page.getByRole("heading", { name: "2 · Words for machines" }).waitFor();
  await page.getByText("On this page, press “Check my server”").waitFor();
  await page.getByText(`curl -i ${new URL(page.url()).origin}/api/v1/register`).waitFor();
  // Markup in the text is text.
  await page.getByText('<script>alert("no")</script>').waitFor();
  assert.equal(await page.getByRole("link", { name: "specification" }).getAttribute("href"), "/docs");
  assert.equal(await page.getByRole("link", { name: "serve.ts" }).count(), 0);
  const isDrawn = () =>
    page.getByRole("img", { name: "Two boxes" }).evaluate((image) => (image as HTMLImageElement).naturalWidth > 0);
  await page.getByRole("img", { name: "Two boxes" }).scrollIntoViewIfNeeded();
  await page.waitForFunction(() => [...document.images].every((image) => image.complete));
  assert.ok(await isDrawn());

  assert.equal(await page.getByText("Look at the first line.").count(), 0);
  await page.getByRole("button", { name: "Show hint 1 of 2" }).click();
  await page.getByText("Look at the first line.").waitFor();
  assert.equal(await page.getByText("json.dumps").count(), 0);
  await page.getByRole("button", { name: "Show hint 2 of 2" }).click();
  await page.getByText("json.dumps").waitFor();
  assert.equal(await page.getByRole("button", { name: /^Show hint/ }).count(), 0);

  const question = page.locator(".question").first();
  assert.equal(await page.getByText("201 is another number.").count(), 0);
  assert.equal(await question.getByRole("button").isDisabled(), true);
  await question.getByRole("radio").last().check();
  await question.getByRole("button").click();
  await question.getByText("201 is another number.").waitFor();
  await question.getByText("Not quite: it is register.").waitFor();
  assert.equal(await question.getByRole("radio").first().isDisabled(), true);

  await page.getByRole("combobox", { name: "Language" }).selectOption("Deutsch");
  await page.getByRole("heading", { name: "Die Idee" }).waitFor();
  await page.getByRole("heading", { name: "2 · Worte für Maschinen" }).waitFor();
  await page.getByText("201 ist eine andere Zahl.").waitFor();
  await page.getByRole("link", { name: "Jemand antwortet" }).first().click();
  await page.getByRole("heading", { name: "1 · Jemand antwortet" }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), "lesson-title");
});

test("with the keyboard alone, a pupil has a server checked, mends it, and the lesson is passed", async (t) => {
  const app = await startApp(t, {
    isClass: true,
    courseFolder: await smallCourse(t),
    checks: { pauseMilliseconds: 0 },
  });
  let isMended = false;
  const port = await pupilsServer(t, (request, response) => {
    if (!isMended || request.method !== "POST") return response.end("hello\n");
    response.setHeader("content-type", "application/json");
    return response.end(JSON.stringify({ userId: 1, authToken: "a-token-of-sixteen" }));
  });
  const { page } = await sitDown(t, app.origin);
  await joinAs(page, app.secret, "ada");
  await goTo(page, "/learn#2");
  const { keyboard } = page;
  await page.getByLabel("The port of your server").focus();
  await keyboard.press("Control+A");
  await keyboard.type(`${port}`);
  await keyboard.press("Enter");
  await page.getByText("1 check passed, then this one failed").waitFor(SLOW);
  const failure = page.locator(".failure");
  for (const part of ["POST /api/v1/register", "Expected", "Received", "What to do:"]) {
    await failure.getByText(part).first().waitFor();
  }
  isMended = true;
  await keyboard.press("Enter");
  await page.getByText("All 3 checks passed. Lesson 2 works.").waitFor(SLOW);
  await page
    .getByRole("link", { name: /Words for machines/ })
    .getByRole("img", { name: "passed" })
    .waitFor();
  // The list knows it after a reload, too.
  await page.reload();
  await page.locator(".lesson-list .passed").nth(1).waitFor();
});

test("a server that is not there, and the class server itself, get a sentence that helps", async (t) => {
  const app = await startApp(t, {
    isClass: true,
    courseFolder: await smallCourse(t),
    checks: { pauseMilliseconds: 0 },
  });
  const visitor = await sitDown(t, app.origin, { locale: "de-DE" });
  visitor.mayFailToLoad = true;
  const { page } = visitor;
  await page.getByLabel("Dein Name").fill("ada");
  await page.getByLabel("Geheimwort").fill(app.secret);
  await page.keyboard.press("Enter");
  await page.getByText("verbunden", { exact: true }).waitFor();
  await goTo(page, "/learn#1");
  const checkAt = async (port: number) => {
    await page.getByLabel("Der Port deines Servers").fill(`${port}`);
    await page.getByRole("button", { name: "Lektion 1 prüfen" }).click();
  };
  await checkAt(1024);
  const why = page.locator(".check-result .notice", { hasText: "erreicht deinen Server nicht" });
  await why.getByText("hast du ihn mit HOST=0.0.0.0 gestartet?").waitFor(SLOW);
  for (const line of [
    "HOST=0.0.0.0 python3 server.py 1024 data",
    'set "HOST=0.0.0.0" && py server.py 1024 data',
    '$env:HOST="0.0.0.0"; py server.py 1024 data',
  ]) {
    await why.getByText(line, { exact: true }).waitFor();
  }
  await page.getByText("Die Prüfung spricht Englisch, wie die Spezifikation.").waitFor();
  await checkAt(Number(new URL(app.origin).port));
  await page.getByText("Das ist der Port des Servers der Klasse.").waitFor(SLOW);
});

test("in lesson 6, the page asks for a restart, the pupil restarts the server, and the check goes on", async (t) => {
  if (spawnSync("python3", ["--version"]).status !== 0) return t.skip("unproven: there is no Python");
  const app = await startApp(t, { isClass: true, checks: { pauseMilliseconds: 0 } });
  const server = await pythonServer(t, "06.py");
  const { page } = await sitDown(t, app.origin);
  await joinAs(page, app.secret, "ada");
  await goTo(page, "/learn#6");
  await page.getByText("the page asks you to stop your server and start it again").waitFor();
  await page.getByLabel("The port of your server").fill(`${server.port}`);
  await page.getByRole("button", { name: "Check lessons 1 to 6" }).click();
  await page.getByText("The check ends by itself, after four minutes at most.").waitFor(SLOW);
  await page.getByText("Now stop your server with Ctrl+C").waitFor(SLOW);
  await server.restart();
  await page.getByText("All 49 checks passed. Lesson 6 works.").waitFor(SLOW);
  await page.getByRole("link", { name: /Files/ }).getByRole("img", { name: "passed" }).waitFor();
});

test("a pupil who stops the server ends the check", async (t) => {
  const app = await startApp(t, { isClass: true, checks: { pauseMilliseconds: 0 } });
  const slow = createServer((_request, response) => void setTimeout(() => response.end("hello\n"), 2000));
  const stop = () => {
    slow.closeAllConnections();
    slow.close();
  };
  // If it listened on after a failure, this file would never end.
  atEnd(t, stop);
  await new Promise<void>((resolve) => slow.listen(0, "127.0.0.1", resolve));
  const { page } = await sitDown(t, app.origin);
  await joinAs(page, app.secret, "ada");
  await goTo(page, "/learn#5");
  await page.getByLabel("The port of your server").fill(`${(slow.address() as { port: number }).port}`);
  await page.getByRole("button", { name: "Check lessons 1 to 5" }).click();
  await page.getByText("To end it sooner, stop your server.").waitFor(SLOW);
  stop();
  await page.locator(".check-result .failure").waitFor({ timeout: 10_000 });
});

test("a lesson that kills the server says that it cannot be passed from here, and what to do", async (t) => {
  const app = await startApp(t, { isClass: true });
  const { page } = await sitDown(t, app.origin, { locale: "de-DE" });
  await page.getByLabel("Dein Name").fill("ada");
  await page.getByLabel("Geheimwort").fill(app.secret);
  await page.keyboard.press("Enter");
  await page.getByText("verbunden", { exact: true }).waitFor();
  await goTo(page, "/learn#12");
  const here = page.locator(".checked-here");
  await here.getByText("Diese Lektion kannst du von hier aus nicht ganz schaffen").waitFor();
  await here.getByText("3 Prüfungen werden hier ausgelassen").waitFor();
  await here.getByText('node check.mjs :8000 --lesson 12 --start "python3 server.py 8000 data"').waitFor();
  await page.getByRole("combobox", { name: "Sprache" }).selectOption("English");
  await here.getByText("This lesson cannot be passed from here").waitFor();
  await here.getByText("the page asks you to stop your server and start it again").waitFor();
  await here.getByText("3 checks are left out here").waitFor();
  assert.deepEqual(await accessProblems(page), []);
  await page.getByText("So that the class server reaches it").waitFor();
  await page.getByText("HOST=0.0.0.0 python3 server.py 8000 data", { exact: true }).waitFor();
  for (const width of [360, 1366]) {
    await page.setViewportSize({ width, height: 768 });
    for (const part of [".check", ".check-form"]) {
      const { scrollWidth, clientWidth } = await page
        .locator(part)
        .evaluate(({ scrollWidth, clientWidth }) => ({ scrollWidth, clientWidth }));
      assert.ok(scrollWidth <= clientWidth, `${part} at ${width}: ${scrollWidth} in ${clientWidth}`);
    }
  }
  // Nothing is left out of these.
  await goTo(page, "/learn#5");
  await page.getByLabel("The port of your server").waitFor();
  assert.equal(await here.count(), 0);
});

test("the course fits on every screen, its first view is small, and the chat loads nothing of it", async (t) => {
  const app = await startApp(t, { isClass: true, courseFolder: await smallCourse(t) });
  const { page, context } = await sitDown(t, app.origin, { path: "/learn", drawn: ".learn" });
  const transferred = await page.evaluate(() => {
    const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    return entries.reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).transferSize, 0);
  });
  t.diagnostic(`${(transferred / 1024).toFixed(1)} KiB with their headers`);
  assert.ok(transferred > 0 && transferred < 90 * 1024);
  await page.getByRole("link", { name: "Words for machines" }).click();
  await page.getByRole("button", { name: "Show hint 1" }).click();
  await page.getByRole("button", { name: "Show hint 2" }).click();
  for (const width of [360, 768, 1024, 1366, 1920]) {
    await page.setViewportSize({ width, height: 768 });
    const wide = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.querySelector(".learn") ?? document.body;
      return { page: document.documentElement.scrollWidth, part: scrollWidth - clientWidth };
    });
    assert.ok(wide.page <= width && wide.part <= 0, `${width}: ${JSON.stringify(wide)}`);
  }
  const urls: string[] = [];
  context.on("request", (request) => urls.push(request.url()));
  await page.goto(new URL(page.url()).origin);
  await page.getByRole("heading", { name: "Join the chat" }).waitFor();
  assert.deepEqual(
    urls.filter((url) => url.includes("learn")),
    [],
  );
});

test("without a course, the page says so", async (t) => {
  const app = await startApp(t, { isClass: true, courseFolder: new URL("file:///nothing/at/all/") });
  const { page } = await sitDown(t, app.origin, { path: "/learn", drawn: ".learn-before" });
  await page.getByText("The course is not here").waitFor();
});

test("the board is on the wall while the teacher shows it, on every size of wall", async (t) => {
  const app = await startApp(t, { isClass: true });
  for (let i = 0; i < 30; i++) await app.register(`pupil-${i}`);
  const ada = await app.register("ada");
  const path = "/api/v1/class/progress";
  await app.send({ method: "PATCH", path, user: ada.user, body: { lesson: 1, passed: 1, total: 1 } });
  const teacher = await sitDown(t, app.origin, { path: `/teacher#${TEACHER_KEY}` });
  await teacher.page.getByLabel("Your handle").fill("ms-hopper");
  await teacher.page.keyboard.press("Enter");
  const wall = await sitDown(t, app.origin, { path: "/projector", reducedMotion: "reduce" });
  await wall.page.getByText("connected", { exact: true }).waitFor();
  assert.equal(await wall.page.getByRole("heading", { name: "Lessons passed" }).count(), 0);
  await teacher.page.getByRole("button", { name: "Show the board" }).click();
  const row = wall.page.getByRole("row", { name: /^ada/ });
  await row.getByRole("img", { name: "passed" }).waitFor();
  assert.equal(await wall.page.getByRole("row", { name: "ms-hopper" }).count(), 0);
  for (const [width, height] of [
    [1024, 768],
    [1920, 1080],
    [390, 700],
  ] as const) {
    await wall.page.setViewportSize({ width, height });
    const wide = await wall.page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= width, `${width}: ${wide}`);
    assert.deepEqual(await accessProblems(wall.page), [], `${width}`);
  }
  await teacher.page.getByRole("button", { name: "Hide the board" }).click();
  await wall.page.getByRole("heading", { name: "Lessons passed" }).waitFor({ state: "detached" });
});
