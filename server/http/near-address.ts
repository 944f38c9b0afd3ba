/**
 * Finds the address that a client probably meant, for the reply to one that does not exist. fallbacks.ts calls it. The
 * answer is always one of our own addresses, never something that the client sent.
 */
import { countMistakes } from "../steps/near-miss.ts";

/** A limit on the work that a hostile address can cause. */
const MAX_CHARACTERS = 64;
const MAX_MISTAKES = 2;
/** Below this length, two mistakes can turn one word into another. */
const LONG_CHARACTERS = 7;
const NOT_FOR_PEOPLE = /[:*]|^\/$|\.(?:js|css|ico)$/;

/** @param path without the query string. @param addresses all that there are. */
export function nearAddress(path: string, addresses: Iterable<string>): string | undefined {
  if (path.length > MAX_CHARACTERS) return undefined;
  const candidates = [...addresses]
    .filter((address) => !NOT_FOR_PEOPLE.test(address))
    .map((address) => ({ address, plainAddress: plain(address) }));
  const parts = plain(path).split("/");
  // An id or a handle is not part of an address here, but of many others. So the address above counts, too.
  for (let length = parts.length; length > 1; length--) {
    const asked = parts.slice(0, length).join("/");
    const [nearest] = candidates
      .map(({ address, plainAddress }) => ({ address, mistakes: countMistakesIn(asked, plainAddress) }))
      .sort((a, b) => a.mistakes - b.mistakes);
    if (nearest !== undefined && nearest.mistakes <= (asked.length < LONG_CHARACTERS ? 1 : MAX_MISTAKES))
      return nearest.address;
  }
  return undefined;
}

/** An address without what people add to it. */
function plain(path: string): string {
  return decoded(path)
    .toLowerCase()
    .replace(/\/{2,}/g, "/")
    .replace(/\/$/, "")
    .replace(/\.(?:json|ya?ml|php|html?)$/, "");
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function countMistakesIn(asked: string, address: string): number {
  const [short, shortAddress] = [asked, address].map(withoutVersion);
  if (short === "" || short === undefined || shortAddress === undefined) return Number.POSITIVE_INFINITY;
  if (shortAddress === short || shortAddress.endsWith(short)) return 0;
  return Math.min(countFewMistakes(asked, address), countFewMistakes(short, shortAddress));
}

/** Counting takes time, so it is left out for words whose lengths alone show that there are more mistakes. */
function countFewMistakes(from: string, to: string): number {
  return Math.abs(from.length - to.length) > MAX_MISTAKES ? Number.POSITIVE_INFINITY : countMistakes(from, to);
}

/** Without `/api/v1`, or what was typed for it. */
function withoutVersion(path: string): string {
  return path.replace(/^\/(?:api)?\/?(?:v\d+)?(?=\/|$)/, "");
}
