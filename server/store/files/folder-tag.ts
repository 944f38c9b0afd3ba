/**
 * A short text that is the same for two programs exactly when they look at the same folder of the same computer. The
 * server sends it at /readyz, and `plainchat doctor` compares it with that of its own folder. It tells nobody where the
 * folder is or what is in it.
 */
import { createHash } from "node:crypto";
import { statSync } from "node:fs";

const CHARACTERS = 16;

export function folderTag(folder: string): string {
  const { dev, ino } = statSync(folder, { bigint: true });
  return createHash("sha256").update(`${dev} ${ino}`).digest("base64url").slice(0, CHARACTERS);
}
