/**
 * A short text that is the same for two programs exactly when they look at the same folder of the same computer. The
 * server sends it at /readyz, and `plainchat doctor` compares it with that of its own folder. It tells nobody where the
 * folder is or what is in it.
 */
import { createHash } from "node:crypto";
import { statSync } from "node:fs";

const CHARACTERS = 16;

/**
 * The same, but a folder that takes the place of a removed one has another tag, although the system may give it the
 * same number. Not for `plainchat doctor`: two machines may read the time of birth differently.
 * @param key of the class. A copy of a folder with new keys is another class.
 */
export function classTag(folder: string, key: string): string {
  const { birthtimeNs } = statSync(folder, { bigint: true });
  return createHash("sha256")
    .update(`${folderTag(folder)} ${birthtimeNs} ${key}`)
    .digest("base64url")
    .slice(0, CHARACTERS);
}

export function folderTag(folder: string): string {
  const { dev, ino } = statSync(folder, { bigint: true });
  return createHash("sha256").update(`${dev} ${ino}`).digest("base64url").slice(0, CHARACTERS);
}
