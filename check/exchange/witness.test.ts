/**
 * What the witness knows about a request, from the replies to the requests before it.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type AfterReply, NoReply, type SentRequest } from "./exchange.ts";
import { Witness } from "./witness.ts";

const SECRET = "river-candle-orbit-maple";

function request(method: string, path: string, body?: object): SentRequest {
  return { method, url: `http://127.0.0.1:8000${path}`, headers: {}, body: body && JSON.stringify(body) };
}

test("a reply without a length is refused where the server leaves connections open, and it is asked once", async () => {
  type Turns = [status: number, after: (AfterReply | undefined)[], isRefused: boolean];
  const turns: Turns[] = [
    [200, ["open"], true],
    [200, ["closed", "open"], true],
    [200, ["open after a length"], true],
    [200, ["closed", "closed"], false],
    [200, ["closed", undefined, "open"], true],
    [431, ["open after a length", "open after a length"], false],
    [431, ["open after a length", "open"], true],
  ];
  for (const [status, after, isRefused] of turns) {
    const asked: string[] = [];
    const witness = new Witness(
      {
        send: async () => ({ status, headers: {}, text: "hello", milliseconds: 1, saysNoEnd: true }),
        open: () => Promise.reject(new NoReply("no streams")),
        staysOpen: async ({ method, url, body }) => {
          asked.push(`${method} ${new URL(url).pathname} ${body}`);
          return after[asked.length - 1];
        },
      },
      SECRET,
    );
    for (const userHandle of ["ada", "grace"]) {
      const sent = witness.send(request("POST", "/api/v1/register", { secret: SECRET, userHandle }), 1);
      if (!isRefused) await sent;
      else await assert.rejects(sent, { why: "no end", message: /^Your reply does not say how long it is/ });
    }
    const inputs = JSON.stringify({ secret: SECRET, userHandle: "ada" });
    const expected = ["GET / undefined", "POST /api/v1/register {}", `POST /api/v1/register ${inputs}`];
    assert.deepEqual(asked, expected.slice(0, after.length));
  }
});

test("the witness knows addresses, bodies and the class secret from the replies before", async () => {
  const statuses = [404, 200, 403, 400, 200];
  const witness = new Witness(
    {
      send: async () => ({ status: statuses.shift() ?? 500, headers: {}, text: "", milliseconds: 1 }),
      open: () => Promise.reject(new NoReply("no streams")),
    },
    SECRET,
  );
  const register = request("POST", "/api/v1/register", { secret: SECRET, userHandle: "ada" });
  const nothing = { knowsAddress: false, readsSuchRequests: false, readsBodyOfGet: false, takesSecret: false };
  assert.deepEqual(witness.knownBefore(register), { ...nothing, hasSecret: true });
  await witness.send(register, 1);
  const unknown = { ...nothing, readsSuchRequests: true, hasSecret: true };
  assert.deepEqual(witness.knownBefore(register), unknown, "a 404 makes no address known");
  await witness.send(register, 1);
  assert.deepEqual(witness.knownBefore(register), { ...unknown, knowsAddress: true, takesSecret: true });

  const ofCase = witness.forCase();
  const wrong = request("POST", "/api/v1/register", { secret: `${SECRET}x`, userHandle: "ada" });
  await ofCase.send(wrong, 1);
  assert.equal(witness.knownBefore(wrong).hasSecret, false);
  const get = request("GET", "/api/v1/register?after=1", { myId: 1 });
  await witness.send(get, 1);
  assert.equal(witness.knownBefore(get).readsBodyOfGet, false);
  await witness.send(get, 1);
  assert.equal(witness.knownBefore(get).readsBodyOfGet, true);
  assert.equal(ofCase.placeOf(wrong), 0);
  assert.equal(ofCase.placeOf(register), -1, "it belongs to the case before");
});
