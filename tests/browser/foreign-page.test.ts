/**
 * Tests in a real browser what the page of another origin can do: nothing, until `--allow-origin` allows it, and then
 * everything that a program can do.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, test } from "node:test";
import { freePort } from "../../check/node/free-port.ts";
import { atEnd } from "../../testing/at-end.ts";
import { type RunningApp, SCHOOL, startApp } from "../../testing/start-app.ts";
import { closeBrowser, sitDown } from "./people.ts";

after(closeBrowser);

// Browsers say more about where a request comes from if it goes to `localhost`.
for (const host of ["localhost", SCHOOL]) {
  test(`a page on another port of ${host} can do nothing until it is allowed`, async (t) => {
    const page = `http://${host}:${await startEmptyPage(t)}`;
    for (const allowedOrigins of [[], [page], ["*"]]) {
      const app = await startApp(t, { allowedOrigins });
      const told = await useFrom(t, page, app, host);
      const isAllowed = allowedOrigins.length > 0;
      assert.deepEqual(
        told,
        isAllowed ? ["joined", "sent", "read", "no such handle", "step chat.get.1.11", "streamed"] : ["refused"],
      );
      const reply = await app.send({ method: "POST", path: "/api/v1/register", body: bodyOf(app) });
      assert.equal(reply.status, isAllowed ? 409 : 200, "whether the page's request registered the user");
    }
  });
}

const bodyOf = ({ secret }: RunningApp) => ({ secret, userHandle: "ada" });

/** Starts a web server with one empty page. @returns its port. */
async function startEmptyPage(t: Parameters<typeof atEnd>[0]): Promise<number> {
  const port = await freePort();
  const server = createServer((_request, reply) => {
    reply.setHeader("content-type", "text/html").end("<!doctype html><link rel=icon href=data:,><p class=bar>empty");
  }).listen(port, "127.0.0.1");
  await once(server, "listening");
  atEnd(t, () => server.close().closeAllConnections());
  return port;
}

/** Sends requests as a learner's page would. @returns what they brought. */
async function useFrom(t: Parameters<typeof sitDown>[0], at: string, app: RunningApp, host: string): Promise<string[]> {
  const visitor = await sitDown(t, at);
  const origin = app.origin.replace("127.0.0.1", host);
  const found = await visitor.page.evaluate(
    async ({ url, body }) => {
      const did: string[] = [];
      try {
        const joined = await (await fetch(`${url}/register`, { method: "POST", body: JSON.stringify(body) })).json();
        did.push("joined");
        const headers = { authorization: `Basic ${btoa(`${joined.userId}:${joined.authToken}`)}` };
        const send = async (path: string, more: RequestInit = {}) =>
          fetch(url + path, { ...more, headers: { ...headers, ...more.headers } });
        const message = JSON.stringify({ userHandle: "ada", message: "hello" });
        const keys = { "content-type": "application/json", "idempotency-key": "k1", explain: "1", "x-anything": "1" };
        const sent = await send("/chat", { method: "POST", body: message, headers: keys });
        if (sent.headers.get("link") !== null && sent.headers.get("server-timing") !== null) did.push("sent");
        const { messageId } = await sent.json();
        await send("/chat", { method: "PATCH", body: JSON.stringify({ messageId, message: "new" }) });
        const { messages } = await (await send("/chat?after=0")).json();
        if (messages[0].message === "new") did.push("read");
        if ((await send("/register?userHandle=nobody")).status === 404) did.push("no such handle");
        did.push(`step ${(await (await send("/chat?limit=0")).json()).step}`);
        const stream = await send("/chat/stream", { headers: { "last-event-id": "0" } });
        const first = await stream.body?.getReader().read();
        if (first?.value !== undefined) did.push("streamed");
      } catch {
        did.push("refused");
      }
      return did;
    },
    { url: `${origin}/api/v1`, body: bodyOf(app) },
  );
  // The browser writes about refused requests by itself, and asks another host, as it should here.
  visitor.complaints.length = 0;
  return found;
}
