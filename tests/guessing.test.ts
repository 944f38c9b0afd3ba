/**
 * Tests that the class secret cannot be guessed quickly, and that somebody who knows it gets in within seconds, however
 * many wrong secrets come from the same address at the same time.
 */
import assert from "node:assert/strict";
import { Agent } from "node:http";
import { describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { MAX_ADDRESSES, MAX_WAITING, SecretTurns } from "../server/http/limits/secret-turns.ts";
import { Refusal } from "../server/steps/refusal.ts";
import { atEnd } from "../testing/at-end.ts";
import { type RunningApp, startApp } from "../testing/start-app.ts";

const REGISTER = "/api/v1/register";
/** What the specification promises: this many wrong secrets are compared at once, then so many every two seconds. */
const AT_ONCE = 100;
const IN_A_BATCH = 6;

const wrongSecret = (app: RunningApp, secret: string, agent?: Agent) =>
  app.send({ method: "POST", path: REGISTER, body: { secret, userHandle: "alan" }, ...(agent && { agent }) });

describe("somebody guesses", { concurrency: true }, () => {
  for (const [what, connections, makeAgent] of [
    ["one loop", 1, () => undefined],
    ["sixty loops, each on a connection of its own", 60, () => new Agent({ keepAlive: true, maxSockets: 1 })],
    ["sixty loops with a new connection for each try", 60, () => new Agent({ keepAlive: false })],
  ] as [string, number, () => Agent | undefined][]) {
    test(`while ${what} guess, the right secret gets in, and no more guesses are compared`, async (t) => {
      const app = await startApp(t);
      const started = performance.now();
      let compared = 0;
      let isOver = false;
      const loops = Array.from({ length: connections }, async (_, loop) => {
        const agent = makeAgent();
        for (let i = 0; !isOver; i++) {
          const reply = await wrongSecret(app, `wrong secret ${loop} ${i}`, agent).catch(() => undefined);
          if (reply?.status === 403) compared++;
        }
        agent?.destroy();
      });
      atEnd(t, async () => {
        isOver = true;
        await app.stop();
        await Promise.all(loops);
      });
      while (compared < AT_ONCE) await setTimeout(5);
      // Not the first batch: all have sent again by then.
      while (compared < AT_ONCE + IN_A_BATCH) await setTimeout(5);
      await setTimeout(200);
      const joining = performance.now();
      await app.register("late");
      const waited = performance.now() - joining;
      assert.ok(waited < 6_000, `it waited ${waited} ms`);
      const batches = Math.ceil((performance.now() - started) / 2_000);
      assert.ok(compared <= AT_ONCE + batches * IN_A_BATCH, `${compared} guesses were compared`);
    });
  }
});

test("a class may mistype its secret, and a secret that is too short or right costs no turn", async (t) => {
  const app = await startApp(t);
  for (let i = 0; i < AT_ONCE * 2; i++) {
    const body = i % 2 === 0 ? { secret: "short", userHandle: "ada" } : { secret: app.secret, userHandle: "x" };
    assert.ok([400, 401].includes((await app.send({ method: "POST", path: REGISTER, body })).status));
  }
  for (let i = 0; i < AT_ONCE; i++) assert.equal((await wrongSecret(app, `mistyped secret ${i}`)).status, 403);
  await app.register("ada");
});

test("requests with tokens never wait for those who guess a secret", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const waiting = Array.from({ length: AT_ONCE + 20 }, (_, i) => wrongSecret(app, `wrong secret ${i}`));
  const { status } = await app.send({ path: "/api/v1/chat", user: ada.user });
  assert.equal(status, 200);
  await Promise.all(waiting.slice(0, AT_ONCE));
  await app.stop();
  for (const { status: each } of await Promise.all(waiting)) assert.ok([403, 429].includes(each));
});

/** @returns turns, and who has had one. Without a rate there is none in the time of a test. */
function turnsWith(rate: ConstructorParameters<typeof SecretTurns>[0]) {
  const turns = new SecretTurns({ batch: { turns: 1, milliseconds: 100_000 }, ...rate });
  const began: string[] = [];
  const refused: string[] = [];
  const wait = async (name: string, signal = new AbortController().signal, address = "a") => {
    try {
      const giveBack = await turns.take(address, () => signal);
      began.push(name);
      return giveBack;
    } catch {
      refused.push(name);
      return () => {};
    }
  };
  return { turns, wait, began, refused };
}

test("a batch has the newest requests and the oldest one", async () => {
  // Slow enough that no turn comes while the requests begin, also on a busy machine.
  const { turns, wait, began } = turnsWith({ atOnce: 3, batch: { turns: 4, milliseconds: 400 } });
  for (const name of ["1", "2", "3"]) await wait(name);
  await Promise.all(["a", "b", "c", "d", "e", "f"].map((name) => wait(name)));
  assert.deepEqual(began, ["1", "2", "3", "f", "e", "a", "d", "c", "b"]);
  turns.close();
});

test("a turn that is given back goes to the newest request at once", async () => {
  const { turns, wait, began } = turnsWith({ atOnce: 1 });
  const giveBack = await wait("1");
  const [a, b] = [wait("a"), wait("b")];
  giveBack();
  (await b)();
  (await a)();
  await wait("c");
  assert.deepEqual(began, ["1", "b", "a", "c"]);
  turns.close();
});

test("there are fewer than 300 turns in any minute", async () => {
  assert.ok(AT_ONCE + (60 / 2 + 1) * IN_A_BATCH < 300);
  const { turns, wait, began } = turnsWith({ atOnce: 10, batch: { turns: 2, milliseconds: 50 } });
  const started = performance.now();
  await Promise.all(Array.from({ length: 18 }, (_, i) => wait(String(i))));
  const milliseconds = performance.now() - started;
  assert.equal(began.length, 18);
  assert.ok(milliseconds >= 190, `four batches of two in ${milliseconds} ms`);
  turns.close();
});

test("whoever hangs up waits no longer, and nobody waits when the server stops", async () => {
  const { turns, wait, began, refused } = turnsWith({ atOnce: 0 });
  const hangsUp = new AbortController();
  const all = [wait("hangs up", hangsUp.signal), wait("waits")];
  hangsUp.abort();
  await all[0];
  assert.deepEqual(refused, ["hangs up"]);
  turns.close();
  await Promise.all(all);
  assert.deepEqual([began, refused], [[], ["hangs up", "waits"]]);
});

test("whoever has waited too long is refused with the next batch, and may try again", async () => {
  const rate = { atOnce: 0, batch: { turns: 0, milliseconds: 30 }, maxMilliseconds: 45 };
  const turns = new SecretTurns(rate);
  const { signal } = new AbortController();
  await assert.rejects(
    turns.take("a", () => signal),
    (error) => error instanceof Refusal && error.status === 429 && (error.retryAfterSeconds ?? 0) > 0,
  );
});

test("when too many wait, the oldest of the address with the most of them makes room", async () => {
  const { turns, wait, refused } = turnsWith({ atOnce: 0 });
  const { signal } = new AbortController();
  const all = [wait("elsewhere", signal, "b")];
  for (let i = 1; i <= MAX_WAITING; i++) all.push(wait(String(i), signal));
  await all[1];
  assert.deepEqual(refused, ["1"]);
  turns.close();
  await Promise.all(all);
  assert.equal(refused.length, MAX_WAITING + 1);
});

test("each address has turns of its own; when there are too many addresses, the others share theirs", async () => {
  const { turns, wait, began } = turnsWith({ atOnce: 1 });
  const { signal } = new AbortController();
  const idle = await wait("idle", signal, "idle");
  idle();
  for (let i = 0; i < MAX_ADDRESSES; i++) await wait(`${i}`, signal, `address ${i}`);
  await wait("one more", signal, "one more");
  const late = wait("late", signal, "yet another");
  turns.close();
  await late;
  assert.deepEqual(began.slice(-2), [`${MAX_ADDRESSES - 1}`, "one more"], "the late one shares with the one before");
});
