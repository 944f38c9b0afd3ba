/**
 * Test users in front of browsers: each has their own browser profile with one or more tabs. A test fails if a page
 * writes a warning or an error to its console, or sends a request to another host.
 */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { atEnd } from "../../testing/at-end.ts";
import { SCHOOL } from "../../testing/start-app.ts";
import { startChromium } from "./chromium.ts";

/** What has not come by then never comes, however busy the computer is. */
const LONGEST_MILLISECONDS = 60_000;

let starting: Promise<Browser> | undefined;

/** One browser for all tests of a file. */
function browser(): Promise<Browser> {
  starting ??= startChromium();
  return starting;
}

/** Call this after the last test of a file. */
export async function closeBrowser(): Promise<void> {
  await (await starting)?.close();
}

interface Visitor {
  context: BrowserContext;
  page: Page;
  /** Warnings and errors of the page so far. */
  complaints: string[];
  /** A test sets this if it stops the server or gets a refusal: browsers write an error for that by themselves. */
  mayFailToLoad: boolean;
  /** A test adds the new address of a server that moves. */
  addresses: string[];
}

/**
 * Opens `path` in a new browser profile, on a network without https.
 * @param options `drawn` is a selector of what the page shows when it is ready.
 */
export async function sitDown(
  test: TestContext,
  origin: string,
  options: BrowserContextOptions & { path?: string; drawn?: string } = {},
): Promise<Visitor> {
  const { path = "/", drawn = ".bar", ...contextOptions } = options;
  const address = origin.replace("127.0.0.1", SCHOOL);
  const context = await (await browser()).newContext({ locale: "en-US", ...contextOptions });
  const complaints: string[] = [];
  context.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  context.on("weberror", (error) => complaints.push(String(error.error())));
  context.on("request", (request) => {
    const isKnown = visitor.addresses.some((each) => request.url().startsWith(`${each}/`));
    if (!isKnown) complaints.push(`It asked another host: ${request.url()}`);
  });
  const page = await context.newPage();
  const visitor = { context, page, complaints, mayFailToLoad: false, addresses: [address] };
  atEnd(test, async () => {
    await context.close();
    const isFailure = (complaint: string) => complaint.startsWith("Failed to load resource");
    assert.deepEqual(visitor.mayFailToLoad ? complaints.filter((each) => !isFailure(each)) : complaints, []);
  });
  page.setDefaultTimeout(LONGEST_MILLISECONDS);
  await page.goto(address + path);
  // The page cannot draw anything or react to a key before it has fetched its words.
  await page.locator(drawn).first().waitFor();
  return visitor;
}

/** Joins the chat with a handle. */
export async function joinAs(page: Page, secret: string, userHandle: string): Promise<void> {
  await page.getByLabel("Your handle").fill(userHandle);
  await page.getByLabel("Class secret").fill(secret);
  await page.getByRole("button", { name: "Join", exact: true }).click();
  await page.getByText("connected", { exact: true }).waitFor();
}

/** Opens the conversation with someone, who may have joined only just now. */
export async function talkTo(page: Page, userHandle: string): Promise<void> {
  await page.getByRole("navigation").getByRole("button", { name: userHandle }).click();
  await page.getByRole("heading", { name: userHandle }).waitFor();
}

/** Writes a message and presses Enter. */
export async function write(page: Page, message: string): Promise<void> {
  await page.getByRole("textbox", { name: "Message to" }).fill(message);
  await page.keyboard.press("Enter");
}
