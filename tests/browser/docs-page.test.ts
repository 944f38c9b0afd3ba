/**
 * Tests /docs in a real browser: the page draws every call of the OpenAPI document, and you can send a call from it. As
 * on every page of these tests, a message on the console or a request to another host is a failure.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { ADDRESS, openApiDocument } from "../../server/http/routes/reference/openapi.ts";
import { startApp } from "../../testing/start-app.ts";
import { closeBrowser, sitDown } from "./people.ts";

after(closeBrowser);

test("/docs shows every call", async (t) => {
  const { origin } = await startApp(t);
  const { page } = await sitDown(t, origin, { path: "/docs", drawn: ".opblock" });
  const drawn = await page.locator(".opblock-summary").evaluateAll((summaries) =>
    summaries.map((summary) => {
      const text = (selector: string) => summary.querySelector(selector)?.textContent?.replaceAll("\u200b", "");
      return `${text(".opblock-summary-method")} ${text(".opblock-summary-path")}`;
    }),
  );
  const documented = Object.entries(openApiDocument().paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  assert.deepEqual(drawn.sort(), documented.sort());
});

test("/docs sends a call with the credentials that you entered, and shows the reply", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const { page } = await sitDown(t, app.origin, { path: "/docs", drawn: ".opblock" });
  await page.getByRole("button", { name: "Authorize", exact: true }).click();
  await page.locator("#auth-basic-username").fill(String(ada.userId));
  await page.locator("#auth-basic-password").fill(ada.authToken);
  await page.getByRole("button", { name: "Apply credentials" }).first().click();
  await page.getByRole("button", { name: "Close" }).first().click();
  const call = page.locator(".opblock", { hasText: "/api/v1/users" });
  await call.locator(".opblock-summary-control").click();
  await call.getByRole("button", { name: "Execute" }).click();
  await call.locator(".live-responses-table").getByText('"userHandle": "ada"').waitFor();
});

test("/docs sends its calls to the address at which it was opened, and says that one", async (t) => {
  const app = await startApp(t);
  const { page } = await sitDown(t, app.origin, { path: "/docs", drawn: ".opblock" });
  const { origin } = new URL(page.url());
  const shown = await page.locator(".swagger-ui").innerText();
  assert.ok(!shown.includes(ADDRESS));
  assert.ok(shown.includes(`listens on ${origin}`));
  assert.deepEqual(await page.locator(".servers option").allInnerTexts(), [
    `${origin} - The server that sent you this document`,
  ]);
});
