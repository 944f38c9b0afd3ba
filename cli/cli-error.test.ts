import assert from "node:assert/strict";
import { test } from "node:test";
import { errorInReply } from "../client/chat-error.ts";
import { EXIT, outcomeOf } from "./cli-error.ts";

test("a 503 says at the terminal whether it is known that nothing was done", () => {
  const outcome = (slug: string) => {
    const text = JSON.stringify({ type: `/problems/${slug}`, detail: "The `Idempotency-Key` of the server." });
    return outcomeOf(errorInReply(new Response(text, { status: 503 }), text, "http://127.0.0.1:8080"));
  };
  assert.equal(outcome("service-unavailable").exitCode, EXIT.refused);
  const { exitCode, sentence } = outcome("outcome-unknown");
  assert.equal(exitCode, EXIT.unreachable);
  assert.match(sentence, /^Nobody knows whether this was done: .* Look before you try again$/);
});
