import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { atEnd } from "../../testing/at-end.ts";
import { freePort } from "./free-port.ts";

test("a free port is one on which you can listen, and none that the system gives to programs that connect", async (t) => {
  const port = await freePort();
  assert.ok(port >= 20_000 && port < 32_768, `${port}`);
  const server = createServer().listen(port, "127.0.0.1");
  atEnd(t, () => server.close());
  await once(server, "listening");
});

test("a port that is taken is not free", async (t) => {
  const taken = await freePort();
  const server = createServer().listen(taken, "127.0.0.1");
  atEnd(t, () => server.close());
  await once(server, "listening");
  // The first number leads to that port, the second one to the port after it.
  const numbers = [taken - 20_000 + 0.5, taken - 20_000 + 1.5].map((number) => number / 12_768);
  t.mock.method(Math, "random", () => numbers.shift() ?? 0);
  assert.equal(await freePort(), taken + 1);
});
