/**
 * The keys of a class, in the file `class/keys.json`. Whoever has the one is the teacher. With the other, somebody may
 * show the class secret on the projector. The server reads them here, and so does `plainchat class keys`, which also
 * replaces them while a server is running.
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { replaceFile } from "../files/durable-file.ts";
import type { Paths } from "../files/paths.ts";

/** 128 bits: nobody can guess it. */
const KEY_BYTES = 16;
const KEY = /^[\w-]{12,64}$/;

/** With the one, you are the teacher. With the other, you may show the class secret on the projector. */
export interface ClassKeys {
  teacher: string;
  projector: string;
}

/** @returns undefined if the file is there, but has no keys that can be used. @throws if it cannot be read. */
export function readKeys(paths: Paths): ClassKeys | undefined {
  const text = readFileSync(paths.classKeys, "utf8");
  try {
    const { teacher, projector } = JSON.parse(text);
    return KEY.test(teacher) && KEY.test(projector) ? { teacher, projector } : undefined;
  } catch {
    return undefined;
  }
}

/** Makes new keys. The old ones no longer count. */
export async function makeKeys(paths: Paths): Promise<ClassKeys> {
  const key = () => randomBytes(KEY_BYTES).toString("base64url");
  const keys = { teacher: key(), projector: key() };
  await replaceFile(paths.classKeys, `${JSON.stringify(keys, null, 2)}\n`);
  return keys;
}
