/**
 * The pages on which everybody's requests are watched, behind a proxy that holds streams back: they say so, show what
 * happens a little later, and return to the stream when one gets through.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import { TeacherClient } from "../../client/teacher-client.ts";
import { startHoldingProxy } from "../../testing/holding-proxy.ts";
import { startApp, TEACHER_KEY } from "../../testing/start-app.ts";
import { closeBrowser, sitDown } from "./people.ts";

after(closeBrowser);

const SENTENCE = "This network holds streams back: requests appear about two seconds later.";

test("wall, glass and teacher's page say that streams are held back, and show requests all the same", async (t) => {
  const app = await startApp(t, { isClass: true });
  const proxy = await startHoldingProxy(t, app.origin, "body");
  const teacher = new TeacherClient(app.origin, { teacherKey: TEACHER_KEY });
  await teacher.becomeTeacher({ userHandle: "ms-hopper" });
  const grace = new PlainchatClient(app.origin);
  await grace.registerUser({ secret: app.secret, userHandle: "grace" });
  const { page: wall } = await sitDown(t, proxy.origin, { path: "/projector" });
  const { page: lead } = await sitDown(t, proxy.origin, { path: `/teacher#${TEACHER_KEY}` });
  const { page: chat } = await sitDown(t, proxy.origin);
  for (const page of [wall, lead, chat]) await page.clock.install();
  await chat.getByLabel("Your handle").fill("ada");
  await chat.getByLabel("Class secret").fill(app.secret);
  await chat.getByRole("button", { name: "Join", exact: true }).click();
  await chat.keyboard.press("F2");
  await chat.getByRole("button", { name: "The whole class" }).click();
  for (const page of [wall, lead, chat]) await page.getByText(SENTENCE).waitFor();

  const { messageId } = await grace.publishMessage({ userHandle: "ada", message: "Zebras" });
  await assert.rejects(grace.publishMessage({ userHandle: "nobody", message: "hello" }));
  await wall.getByText("chat.post").first().waitFor();
  await chat.locator(".glass .requests").getByText("404").first().waitFor();
  await lead.locator("#trace-2").click();
  await lead.locator(".open-trace .steps").first().waitFor();

  proxy.holds = "nothing";
  for (const page of [wall, lead, chat]) {
    await page.clock.fastForward(31_000);
    await page.getByText(SENTENCE).waitFor({ state: "detached" });
  }
  await grace.removeMessage({ messageId });
});
