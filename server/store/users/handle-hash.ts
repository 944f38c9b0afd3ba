/**
 * The sha256 of a handle, which is the name of its file. Those made last are kept: most messages go to the same few people,
 * and a text that is kept is also found faster in a map than another one that equals it.
 */
import { hash } from "node:crypto";

const MAX_KEPT = 4096;
const kept = new Map<string, string>();

/** In lower-case hex. */
export function hashHandle(userHandle: string): string {
  let hashUserHandle = kept.get(userHandle);
  if (hashUserHandle === undefined) {
    hashUserHandle = hash("sha256", userHandle);
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(userHandle, hashUserHandle);
  }
  return hashUserHandle;
}
