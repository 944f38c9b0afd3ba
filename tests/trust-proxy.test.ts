/**
 * Whom a limit on guessing counts, where a proxy stands in front: the client that the proxy names, once the server is
 * told that there is one, and never an address that a client has made up.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { pino } from "pino";
import { createApp } from "../server/http/app.ts";
import { FAILED_ATTEMPTS } from "../server/http/rate-limit.ts";
import { Live } from "../server/live/live.ts";
import { startApp } from "../testing/start-app.ts";

/** @returns a function that tries a wrong secret, as a proxy on this machine hands it on. */
async function serverBehind(t: Parameters<typeof startApp>[0], trustedProxies: number) {
  const { store } = await startApp(t);
  const app = await createApp({ store, live: new Live(), log: pino({ level: "silent" }), trustedProxies });
  t.after(() => app.close());
  return async (forwardedFor: string): Promise<number> => {
    const payload = JSON.stringify({ secret: "not the class secret", userHandle: "ada" });
    const headers = { "x-forwarded-for": forwardedFor };
    const url = "/api/v1/register";
    return (await app.inject({ method: "POST", url, headers, payload, remoteAddress: "127.0.0.1" })).statusCode;
  };
}

async function useUp(guess: () => Promise<number>): Promise<void> {
  for (let attempt = 0; attempt < FAILED_ATTEMPTS; attempt++) assert.equal(await guess(), 403);
  assert.equal(await guess(), 429);
}

test("behind a proxy that the server was told of, each client has a limit of its own", async (t) => {
  const guess = await serverBehind(t, 1);
  await useUp(() => guess("192.0.2.1"));
  assert.equal(await guess("192.0.2.2"), 403);
});

test("a client that claims other addresses gets no further: only what the proxy has added counts", async (t) => {
  const guess = await serverBehind(t, 1);
  let claimed = 0;
  await useUp(() => guess(`198.51.100.${claimed++ % 250}, 192.0.2.1`));
});

test("a server that was told of no proxy takes no word of X-Forwarded-For", async (t) => {
  const guess = await serverBehind(t, 0);
  let claimed = 0;
  await useUp(() => guess(`192.0.2.${claimed++ % 250}`));
});
