/**
 * What is in a folder that somebody may have removed, or whose name a file may have.
 */
import { readdirSync } from "node:fs";
import { isCode } from "../error-code.ts";

/** @returns none if there is no such folder. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isCode(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  }
}
