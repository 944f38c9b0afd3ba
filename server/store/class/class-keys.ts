/**
 * The two keys of a class, in class/keys.json. They stay the same until somebody makes new ones, so that the addresses of
 * the teacher and of the projector still work after a restart.
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { replaceFile } from "../files/durable-file.ts";
import type { Paths } from "../files/paths.ts";

/** With the one, you are the teacher. With the other, you may show the class secret on the projector. */
export interface ClassKeys {
  teacher: string;
  projector: string;
}

/** 128 bits: nobody can guess it. */
const KEY_BYTES = 16;
/** Somebody may choose keys by hand. The calls of the teacher accept no others (steps/limits.ts). */
const KEY = /^[\w-]{12,64}$/;

export function newKeys(): ClassKeys {
  const key = () => randomBytes(KEY_BYTES).toString("base64url");
  return { teacher: key(), projector: key() };
}

/** @returns undefined if these are no keys. */
export function decodeKeys(text: string): ClassKeys | undefined {
  try {
    const { teacher, projector } = JSON.parse(text) ?? {};
    return KEY.test(teacher) && KEY.test(projector) ? { teacher, projector } : undefined;
  } catch {
    return undefined;
  }
}

/** The text of the file. */
export function encodeKeys(keys: ClassKeys): string {
  return `${JSON.stringify(keys, null, 2)}\n`;
}

/** Keeps the keys, durably. A running server uses them within a second. */
export function writeKeys(paths: Paths, keys: ClassKeys): Promise<void> {
  return replaceFile(paths.classFile("keys.json"), encodeKeys(keys));
}

/** For the terminal. @returns undefined if the file is there, but has no keys. @throws if it cannot be read. */
export function readKeys(paths: Paths): ClassKeys | undefined {
  return decodeKeys(readFileSync(paths.classFile("keys.json"), "utf8"));
}

/** Makes new keys, also while a server is running. The old ones no longer count. */
export async function makeKeys(paths: Paths): Promise<ClassKeys> {
  const keys = newKeys();
  await writeKeys(paths, keys);
  return keys;
}
