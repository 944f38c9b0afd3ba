import assert from "node:assert/strict";
import { test } from "node:test";
import { hostName, hostsOf, ofIpv6, problemOfAddress, withoutPassword } from "./database-address.ts";

test("an address with several hosts is one address for each of them", () => {
  assert.deepEqual(hostsOf("postgres://ada:a,b@one:5433,two/chat?sslmode=require&target_session_attrs=primary"), [
    "postgres://ada:a,b@one:5433/chat?sslmode=require&",
    "postgres://ada:a,b@two/chat?sslmode=require&",
  ]);
  assert.deepEqual(hostsOf("postgresql://one"), ["postgresql://one"]);
  assert.deepEqual(hostsOf("postgres://ada:s@cret@one,two/chat"), [
    "postgres://ada:s@cret@one/chat",
    "postgres://ada:s@cret@two/chat",
  ]);
});

test("the log gets the host of an address and no password", () => {
  assert.equal(hostName("postgres://ada:secret@one:5433/chat?password=secret"), "one:5433");
  assert.equal(hostName("postgres://ada:s@cret@one/chat"), "one");
  assert.equal(
    withoutPassword("postgres://ada:s@c:ret@one,two/chat?password=secret"),
    "postgres://ada@one,two/chat?password=…",
  );
  assert.equal(withoutPassword("postgres://one/chat"), "postgres://one/chat");
});

test("a password that is no part of a URL is noticed, and is not in the sentence about it", () => {
  for (const password of ["100%", "se/cret", "1/cret", "se#cret", "se?cret"]) {
    const problem = problemOfAddress(`postgres://ada:${password}@one,two/chat`);
    assert.match(problem ?? "", /cannot be read\. Write it as postgres:.* % as %25, @ as %40/, password);
    assert.equal(problem?.includes("cret"), false);
  }
  for (const address of [
    "postgres://ada:s%2Fcr%25t@one:5433,two/chat?sslmode=require",
    "postgres://ada:s@cret@one/chat",
    "postgres://one",
    "postgres:///chat",
    "postgres://[::1]:5432/chat",
  ]) {
    assert.equal(problemOfAddress(address), undefined, address);
  }
  assert.ok(problemOfAddress("postgres://one:port/chat"));
});

test("an IPv6 address is one host, and not several words", () => {
  assert.deepEqual(ofIpv6("postgres://ada@[2001:db8::1]:5433/chat"), { host: ["2001:db8::1"], port: [5433] });
  assert.deepEqual(ofIpv6("postgres://ada@[::1]/chat"), { host: ["::1"], port: [5432] });
  assert.deepEqual(ofIpv6("postgres://ada@one:5433/chat"), {});
});
