/** What a server says in the place of a stream is in the report: it is often the reason. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CaseFailed } from "../report/failure.ts";
import type { Exchange } from "./exchange.ts";
import { OpenStreams } from "./open-streams.ts";

const REQUEST = { url: "http://127.0.0.1:8000/", method: "GET", headers: {}, body: undefined };

async function failureOf(status: number, type: string, pieces: string[], ends: boolean) {
  let isClosed = false;
  const exchange: Exchange = {
    send: assert.fail,
    open: async () => ({
      status,
      headers: { "content-type": type },
      read(onText, onEnd) {
        for (const piece of pieces) onText(piece);
        if (ends) onEnd();
      },
      close() {
        isClosed = true;
      },
    }),
  };
  const streams = new OpenStreams(exchange, 1000);
  const failed = await streams.open("stream", REQUEST).catch((error: unknown) => error);
  assert.ok(failed instanceof CaseFailed);
  assert.ok(isClosed);
  return failed.failure;
}

test("a refusal in the place of a stream is shown with its body", async () => {
  const { mistakes, reply } = await failureOf(403, "application/problem+json", ['{"status":', "403}"], true);
  assert.deepEqual(mistakes, ["the status should be 200, but it is 403"]);
  assert.equal(reply?.text, '{"status":403}');
});

test("a reply that is no stream and does not end is shown with its beginning", async () => {
  assert.equal((await failureOf(200, "application/json", ["{"], false)).reply?.text, "{");
  const long = await failureOf(200, "text/html", ["x".repeat(100_000), "y"], false);
  assert.equal(long.reply?.text.startsWith("x".repeat(60_000)), true);
});
