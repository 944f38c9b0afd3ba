/**
 * The sha256 of a handle, which is the name of its file. The last ones are kept, because most messages go to the same
 * few people. A map also finds the very same string faster than an equal one.
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
