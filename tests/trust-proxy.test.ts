/**
 * Tests which address the limit on wrong guesses counts when a proxy is in front of the server. It counts the client
 * that the proxy names, if the server was told about the proxy. It must never count an address that a client made up.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { pino } from "pino";
import { createApp } from "../server/http/app.ts";
import { FAILED_ATTEMPTS } from "../server/http/limits/rate-limit.ts";
import { Live } from "../server/live/live.ts";
import { startApp } from "../testing/start-app.ts";

/** @returns a function that sends a wrong token as a proxy on this machine would, and returns the status. */
async function serverBehind(t: Parameters<typeof startApp>[0], trustedProxies: number) {
  const { store, register } = await startApp(t);
  const { userId } = await register("ada");
  const app = await createApp({ store, live: new Live(), log: pino({ level: "silent" }), trustedProxies });
  t.after(() => app.close());
  return async (forwardedFor: string): Promise<number> => {
    const payload = JSON.stringify({ myId: userId, myAuth: "not the token of anybody" });
    const headers = { "x-forwarded-for": forwardedFor };
    const url = "/api/v1/chat";
    return (await app.inject({ url, headers, payload, remoteAddress: "127.0.0.1" })).statusCode;
  };
}

async function useUp(guess: () => Promise<number>): Promise<void> {
  for (let attempt = 0; attempt < FAILED_ATTEMPTS; attempt++) assert.equal(await guess(), 403);
  assert.equal(await guess(), 429);
}

test("behind a proxy that the server knows, each client has its own limit", async (t) => {
  const guess = await serverBehind(t, 1);
  await useUp(() => guess("192.0.2.1"));
  assert.equal(await guess("192.0.2.2"), 403);
});

test("a client cannot avoid the limit with made-up addresses: only the one that the proxy added counts", async (t) => {
  const guess = await serverBehind(t, 1);
  let claimed = 0;
  await useUp(() => guess(`198.51.100.${claimed++ % 250}, 192.0.2.1`));
});

test("a server without a known proxy ignores X-Forwarded-For", async (t) => {
  const guess = await serverBehind(t, 0);
  let claimed = 0;
  await useUp(() => guess(`192.0.2.${claimed++ % 250}`));
});

test("a client cannot avoid the limit with the many addresses of its IPv6 network", async (t) => {
  const guess = await serverBehind(t, 1);
  let host = 1;
  await useUp(() => guess(`2001:db8::${(host++).toString(16)}`));
  assert.equal(await guess("2001:db8:0:1::1"), 403);
});
