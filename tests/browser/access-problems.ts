/**
 * Looks with axe for what makes a page hard to use for somebody.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";

const AXE = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

/** The problems that axe finds on the page, by the rules of WCAG 2.2 AA and of good practice. */
export async function accessProblems(page: Page): Promise<string[]> {
  // The page's policy does not allow foreign scripts, so axe has to come in through the developer tools.
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: AXE });
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map((node) => `${id}: ${help}: ${node.target.join(" ")} ${node.any.map((each) => each.message).join()}`),
    );
  });
}
