import assert from "node:assert/strict";
import { test } from "node:test";
import * as shapes from "./reply-shapes.ts";
import { WrongShape } from "./shape.ts";

const message = {
  messageId: 1,
  fromId: 1,
  fromHandle: "ada",
  toId: 2,
  toHandle: "grace",
  message: "hello",
  sentAt: "2030-01-02T12:00:00.000Z",
};

test("a reply as in the specification is taken as it is, also with fields of a newer server", () => {
  const reply = { myId: 2, messages: [message, { ...message, editedAt: message.sentAt }], more: [] };
  assert.equal(shapes.queue(reply, ""), reply);
  const registered = { userId: 1, authToken: "ünïcödé is allowed" };
  assert.equal(shapes.registered(registered, ""), registered);
});

for (const [what, reply, sentence] of [
  ["an id in quotes", { myId: "2", messages: [] }, "`myId` is not a positive whole number"],
  ["an id of half a number", { myId: 1.5, messages: [] }, "`myId` is not a positive whole number"],
  ["an id of 0", { myId: 0, messages: [] }, "`myId` is not a positive whole number"],
  ["a missing field", { myId: 2 }, "`messages` is missing"],
  ["an object for a list", { myId: 2, messages: {} }, "`messages` is not an array"],
  ["nothing in the list", { myId: 2, messages: [message, null] }, "`messages[1]` is not an object"],
  ["a list for an object", [], "the JSON is not an object"],
  ["a text that is none", { myId: 2, messages: [{ ...message, message: 5 }] }, "`messages[0].message` is not a string"],
  [
    "a time that is none",
    { myId: 2, messages: [{ ...message, sentAt: "soon" }] },
    "`messages[0].sentAt` is not a time",
  ],
  [
    "a field that may be missing",
    { myId: 2, messages: [{ ...message, editedAt: 0 }] },
    "`messages[0].editedAt` is not a time",
  ],
] as const) {
  test(`the sentence about a wrong reply names ${what}`, () => {
    assert.throws(
      () => shapes.queue(reply, ""),
      (error) => error instanceof WrongShape && error.message === sentence,
    );
  });
}
