/**
 * Says which addresses count as one client, for limits on each client. A household or a school has a whole IPv6
 * network, so all addresses with the same first half are one. An IPv4 address that is written as IPv6 is the IPv4
 * address. The rate limit asks for it.
 */
import { isIPv4, isIPv6 } from "node:net";

const GROUPS = 8;
const GROUPS_OF_NETWORK = 4;

/** @returns the IPv4 address, the first 64 bits of the IPv6 address, or the text as it is if it is no address. */
export function networkOf(text: string): string {
  // Some proxies add the port.
  const address = /^\[(.+)\](?::\d+)?$/.exec(text)?.[1] ?? text.replace(/^([\d.]+):\d+$/, "$1");
  if (isIPv4(address)) return address;
  if (!isIPv6(address)) return text;
  const groups = groupsOf(address.replace(/%.*/, ""));
  const [high = 0, low = 0] = groups.slice(-2);
  const isMapped = groups.slice(0, -2).every((group, i) => group === (i === 5 ? 0xffff : 0));
  if (isMapped) return [high >> 8, high & 0xff, low >> 8, low & 0xff].join(".");
  return groups
    .slice(0, GROUPS_OF_NETWORK)
    .map((group) => group.toString(16))
    .join(":");
}

/** @returns the eight numbers of a valid IPv6 address. The last two may be written like IPv4, and `::` is zeros. */
function groupsOf(address: string): number[] {
  const [before = [], after = []] = address.split("::").map((half) =>
    half.split(":").flatMap((group) => {
      if (group === "") return [];
      if (!group.includes(".")) return [Number.parseInt(group, 16)];
      const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
      return [(a << 8) | b, (c << 8) | d];
    }),
  );
  return [...before, ...new Array(GROUPS - before.length - after.length).fill(0), ...after];
}
