/**
 * Decides which address a check may go to: the one that the request came from, and only if the server can be sure that
 * it is the pupil's. checks.ts asks. It resolves no name, because there is never a name: whatever is not an IP address
 * is refused.
 */
import { BlockList, isIPv4, isIPv6 } from "node:net";
import type { Peer } from "../steps/call.ts";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** These are not the address of one computer. Some systems send what is for `0.0.0.0` or `::` to themselves. */
const nobody = new BlockList();
nobody.addSubnet("0.0.0.0", 8, "ipv4");
nobody.addSubnet("224.0.0.0", 3, "ipv4");
nobody.addAddress("::", "ipv6");
nobody.addSubnet("ff00::", 8, "ipv6");
// Other ways of writing an IPv4 address. The only one that a socket uses has become IPv4 before.
nobody.addSubnet("::", 96, "ipv6");
nobody.addSubnet("::ffff:0:0:0", 96, "ipv6");
nobody.addSubnet("64:ff9b::", 96, "ipv6");
nobody.addSubnet("2002::", 16, "ipv6");

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const MAPPED_IN_HEX = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/i;

/**
 * @param isBehindProxy the server was started with `--trust-proxy`.
 * @returns the address as text, or undefined if it must not be checked.
 */
export function addressToCheck({ address, isPassedOn }: Peer, isBehindProxy: boolean): string | undefined {
  const plain = asIPv4(address);
  const family = isIPv4(plain) ? "ipv4" : "ipv6";
  // An address with a zone (fe80::1%eth0) has a meaning on this computer only, and URLs cannot hold it.
  if (family === "ipv6" && (!isIPv6(plain) || plain.includes("%"))) return undefined;
  // A proxy on this computer also comes from 127.0.0.1, and everybody's requests come through it.
  if (loopback.check(plain, family)) return isPassedOn || isBehindProxy ? undefined : plain;
  return nobody.check(plain, family) ? undefined : plain;
}

/** A socket for both families calls an IPv4 address `::ffff:192.168.0.7`. */
function asIPv4(address: string): string {
  const [, dotted] = MAPPED.exec(address) ?? [];
  if (dotted !== undefined) return dotted;
  const [, high, low] = MAPPED_IN_HEX.exec(address) ?? [];
  if (high === undefined || low === undefined) return address;
  const numbers = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return numbers.flatMap((each) => [each >> 8, each & 0xff]).join(".");
}
