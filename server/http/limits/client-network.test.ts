/**
 * Tests which addresses count as one client. Whoever has an IPv6 network has 2^64 addresses in it, and each has many
 * spellings.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { networkOf } from "./client-network.ts";

for (const [what, addresses] of [
  ["one IPv6 address in all its spellings", ["2001:db8::1", "2001:0DB8:0:0:0:0:0:1", "2001:db8:0::0:0.0.0.1"]],
  ["the addresses of one IPv6 network", ["2001:db8::1", "2001:db8::2", "2001:db8::ffff:1:2:3", "2001:db8:0:0:9:8:7:6"]],
  ["another network, with zeros in its middle", ["2001:db8:0:5::1", "2001:db8:0:5:6:7:8:9", "2001:db8::5:0:0:0:1"]],
  ["this machine over IPv6", ["::1", "0:0:0:0:0:0:0:1", "::"]],
  ["an address with the name of its interface", ["fe80::1", "fe80::2%eth0", "fe80::3%25"]],
  [
    "IPv4 in IPv6",
    ["192.0.2.1", "::ffff:192.0.2.1", "::ffff:c000:201", "0:0:0:0:0:FFFF:192.0.2.1", "::FFFF:C000:0201"],
  ],
  ["an address with a port, as some proxies write it", ["192.0.2.1", "192.0.2.1:5000", "[::ffff:192.0.2.1]:80"]],
  ["an IPv6 address in brackets", ["2001:db8::1", "[2001:db8::2]", "[2001:db8::3]:5000"]],
] as const) {
  test(`${what} count as one client`, () => {
    const [first = "", ...others] = addresses;
    for (const address of others) assert.equal(networkOf(address), networkOf(first), address);
  });
}

test("other networks and other IPv4 addresses count as other clients", () => {
  const addresses = ["192.0.2.1", "192.0.2.2", "::ffff:192.0.2.3", "2001:db8::", "2001:db8:0:1::", "2001:db9::", "::1"];
  assert.equal(new Set(addresses.map(networkOf)).size, addresses.length);
});

test("text that is no address counts as itself", () => {
  for (const text of ["", "unknown", "_hidden", "1.2.3", "2001:db8", "1:2:3:4:5:6:7:8:9", "::1::2", ":::", "g::1"]) {
    assert.equal(networkOf(text), text);
  }
});
