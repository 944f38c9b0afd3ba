/**
 * The text of docs/spec.md. In check.mjs, which has no other files beside it, scripts/build-check.ts puts the text itself
 * in the place of this file.
 */
import { readFileSync } from "node:fs";

export function specificationText(): string {
  return readFileSync(new URL("../../docs/spec.md", import.meta.url), "utf8");
}
