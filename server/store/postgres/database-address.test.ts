import assert from "node:assert/strict";
import { test } from "node:test";
import { hostName, hostsOf } from "./database-address.ts";

test("an address with several hosts is one address for each of them", () => {
  assert.deepEqual(hostsOf("postgres://ada:a,b@one:5433,two/chat?sslmode=require&target_session_attrs=primary"), [
    "postgres://ada:a,b@one:5433/chat?sslmode=require&",
    "postgres://ada:a,b@two/chat?sslmode=require&",
  ]);
  assert.deepEqual(hostsOf("postgresql://one"), ["postgresql://one"]);
});

test("the log gets the host of an address and no password", () => {
  assert.equal(hostName("postgres://ada:secret@one:5433/chat?password=secret"), "one:5433");
});
