import assert from "node:assert/strict";
import { test } from "node:test";
import { classAddresses, waysIn } from "./class-addresses.ts";

const KNOWN = ["http://192.168.1.20:8080", "http://192.168.7.1:8080"];

test("the address with which the projector was opened comes first, also when it is a proxy's", () => {
  for (const opened of ["https://chat.example.org", "http://teacher.local:8080", "http://[2001:db8::1]:8080"]) {
    assert.deepEqual(classAddresses(opened, KNOWN), [opened, ...KNOWN]);
    assert.deepEqual(classAddresses(opened, []), [opened]);
  }
  assert.deepEqual(classAddresses("http://192.168.7.1:8080", KNOWN), [KNOWN[1], KNOWN[0]]);
  assert.deepEqual(classAddresses("http://localhost.example.org", KNOWN)[0], "http://localhost.example.org");
});

test("a name for this computer itself is never shown to the class", () => {
  for (const host of ["localhost", "127.0.0.1", "127.1.2.3", "[::1]", "[::]", "0.0.0.0", "chat.localhost"]) {
    assert.deepEqual(classAddresses(`http://${host}:8080`, KNOWN), KNOWN);
    assert.deepEqual(classAddresses(`http://${host}:8080`, []), []);
  }
});

test("the QR code has an IP address, and the name is shown beside it, whichever of them the wall was opened with", () => {
  const [ip = ""] = KNOWN;
  const name = "http://plainchat.local:8080";
  assert.deepEqual(waysIn(ip, [...KNOWN, name]), { scanned: ip, other: name });
  assert.deepEqual(waysIn(name, [name, ...KNOWN]), { scanned: ip, other: ip });
  assert.deepEqual(waysIn(name, [name]), { scanned: name, other: undefined });
  assert.deepEqual(waysIn(ip, KNOWN), { scanned: ip, other: undefined });
  const proxy = "https://chat.example.org";
  assert.deepEqual(waysIn(proxy, [proxy, ip, name]), { scanned: proxy, other: name });
});
