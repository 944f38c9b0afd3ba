/**
 * Addresses: real ones with something added before, after or inside them that must not lead anywhere.
 */
import { ADDRESSES, DEAR_ADDRESSES } from "./calls.ts";
import { hostileEscape } from "./hostile-text.ts";
import type { Random } from "./random.ts";

export function hostilePath(random: Random): string {
  if (random.oneIn(400)) return random.pick(DEAR_ADDRESSES);
  const address = random.pick(ADDRESSES);
  switch (random.below(9)) {
    case 0:
      return `${address}/${hostileEscape(random)}`;
    case 1:
      return `${address}${hostileEscape(random)}`;
    case 2:
      return `/${hostileEscape(random)}${address}`;
    case 3:
      return `http://${random.pick(["a", "127.0.0.1:1", "user@b", "[::1]"])}${address}`;
    case 4:
      return random.pick([
        "*",
        "//",
        "/..",
        "/%2e%2e/",
        "127.0.0.1:22",
        "\\",
        "/?",
        "/#",
        "?a",
        "/web/../../package.json",
        "/web/%2e%2e/%2e%2e/package.json",
        "/web/..%2f..%2fserver/main.ts",
        "/problems/../../etc/passwd",
      ]);
    case 5:
      return address.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`);
    default:
      return address;
  }
}
