import assert from "node:assert/strict";
import { test } from "node:test";
import { ChatError } from "../../client/chat-error.ts";
import { Attempts } from "./attempts.ts";

// Without a catalogue, say() returns the name of the phrase.
test("a fault in the server does not send the teacher to the teacher", async () => {
  const attempts = new Attempts({ change: () => {}, wrongKey: () => {} });
  const failed = (status: number) =>
    attempts.run("end", () =>
      Promise.reject(new ChatError("In English.", { reason: "refused", status, step: "archives.post.6" })),
    );
  assert.equal(await failed(500), false);
  assert.equal(attempts.errorAt("end"), "teacher.serverFault");
  await failed(507);
  assert.equal(attempts.errorAt("end"), "error.diskFull");
});
