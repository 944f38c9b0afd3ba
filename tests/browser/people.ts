/**
 * People in front of browsers: each has a browser profile of their own, and one or more tabs in it. Whatever a page says
 * on its console that is a complaint, and whatever it asks of another host, fails the test.
 */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { atEnd } from "../../testing/at-end.ts";
import { SCHOOL, startChromium } from "./chromium.ts";

let starting: Promise<Browser> | undefined;

/** One browser for all tests of a file. */
function browser(): Promise<Browser> {
  starting ??= startChromium();
  return starting;
}

/** To be called after the last test of a file. */
export async function closeBrowser(): Promise<void> {
  await (await starting)?.close();
}

export interface Somebody {
  context: BrowserContext;
  page: Page;
  /** What the page has complained of so far. */
  complaints: string[];
  /** Set by a test that takes the server away, or is refused something: browsers complain of that by themselves. */
  mayFailToLoad: boolean;
}

/** Sits somebody down in front of `path`, in a network without https. */
export async function sitDown(
  test: TestContext,
  origin: string,
  options: BrowserContextOptions & { path?: string } = {},
): Promise<Somebody> {
  const { path = "/", ...contextOptions } = options;
  const address = origin.replace("127.0.0.1", SCHOOL);
  const context = await (await browser()).newContext({ locale: "en-US", ...contextOptions });
  const complaints: string[] = [];
  context.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  context.on("weberror", (error) => complaints.push(String(error.error())));
  context.on("request", (request) => {
    if (!request.url().startsWith(`${address}/`)) complaints.push(`It asked another host: ${request.url()}`);
  });
  const page = await context.newPage();
  const somebody = { context, page, complaints, mayFailToLoad: false };
  atEnd(test, async () => {
    await context.close();
    const isFailure = (complaint: string) => complaint.startsWith("Failed to load resource");
    assert.deepEqual(somebody.mayFailToLoad ? complaints.filter((each) => !isFailure(each)) : complaints, []);
  });
  page.setDefaultTimeout(15_000);
  await page.goto(address + path);
  // The words have to be fetched before anything can be drawn, or a key be heard.
  await page.locator(".bar").waitFor();
  return somebody;
}

/** Joins the chat with a handle. */
export async function joinAs(page: Page, secret: string, userHandle: string): Promise<void> {
  await page.getByLabel("Your handle").fill(userHandle);
  await page.getByLabel("Class secret").fill(secret);
  await page.getByRole("button", { name: "Join", exact: true }).click();
  await page.getByText("connected", { exact: true }).waitFor();
}

/** Opens the conversation with somebody, who may have joined only just now. */
export async function talkTo(page: Page, userHandle: string): Promise<void> {
  await page.getByRole("navigation").getByRole("button", { name: userHandle }).click();
  await page.getByRole("heading", { name: userHandle }).waitFor();
}

/** Writes a message and presses Enter. */
export async function write(page: Page, message: string): Promise<void> {
  await page.getByRole("textbox", { name: "Message to" }).fill(message);
  await page.keyboard.press("Enter");
}
