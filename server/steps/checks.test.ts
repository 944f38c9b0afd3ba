import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  mustBeHandle,
  mustBeId,
  mustBeMessage,
  mustBeNewHandle,
  mustBeText,
  mustExist,
  mustExistOneOf,
  mustNotMisspell,
} from "./checks.ts";
import { HANDLE_LENGTH, MAX_ID, MESSAGE_LENGTH } from "./limits.ts";
import { nearMiss } from "./near-miss.ts";
import { Refusal } from "./refusal.ts";

/** The value that a check returns, or undefined if it refuses. Any other error is a bug. */
function checked<Value>(check: () => Value): Value | undefined {
  try {
    return check();
  } catch (error) {
    assert.ok(error instanceof Refusal);
    return undefined;
  }
}

const anyText = fc.string({ unit: "binary", maxLength: 80 });
const hasControl = (text: string) => /\p{Cc}/u.test(text);

test("mustBeText() counts an emoji as one character, and refuses half characters", () => {
  fc.assert(
    fc.property(anyText, (value) => {
      const length = [...value].length;
      const expected = length >= 3 && length <= 64 && value.isWellFormed() ? value : undefined;
      assert.equal(
        checked(() => mustBeText({ value }, "value", { min: 3, max: 64 }, 400)),
        expected,
      );
    }),
  );
});

test("mustBeHandle() returns a handle in NFC, and accepts that handle again", () => {
  fc.assert(
    fc.property(anyText, (value) => {
      const handle = checked(() => mustBeHandle({ value }, "value", HANDLE_LENGTH, 400));
      if (handle === undefined) return;
      assert.equal(handle, handle.normalize("NFC"));
      assert.ok(!hasControl(handle) && [...handle].length <= 64);
      assert.equal(mustBeHandle({ value: handle }, "value", HANDLE_LENGTH, 400), handle);
      assert.equal(mustBeHandle({ value: handle.normalize("NFD") }, "value", { min: 1, max: 999 }, 400), handle);
    }),
  );
});

test("mustBeMessage() accepts line breaks and tabs, and no other control character", () => {
  assert.equal(mustBeMessage({ message: "a\n\tb\r\n" }, "message", MESSAGE_LENGTH, 400), "a\n\tb\r\n");
  for (const bad of ["\u0000", "\u0007", "\u001b[2J", "\u007f", "\u0085"]) {
    assert.equal(
      checked(() => mustBeMessage({ message: bad }, "message", MESSAGE_LENGTH, 400)),
      undefined,
    );
  }
});

test("mustBeId() accepts the integers from 1 to 2^53 - 1, and no other JSON value", () => {
  fc.assert(
    fc.property(fc.oneof(fc.integer(), fc.double(), fc.maxSafeInteger(), fc.jsonValue()), (value) => {
      const isId = typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= MAX_ID;
      assert.equal(
        checked(() => mustBeId({ value }, "value", 400)),
        isId ? value : undefined,
      );
    }),
  );
});

test("no check repeats the value that it refuses", () => {
  const secret = "a-secret-that-nobody-must-see";
  for (const check of [
    () => mustBeText({ secret }, "secret", { min: 99, max: 100 }, 401),
    () => mustBeId({ secret }, "secret", 400),
    () => mustBeHandle({ secret: `${secret}\n` }, "secret", HANDLE_LENGTH, 400),
  ]) {
    assert.throws(check, (error) => error instanceof Refusal && !error.message.includes("nobody"));
  }
});

test("nearMiss() finds a name with typing mistakes, and never takes another input's name for one", () => {
  for (const [sent, meant] of [
    ["mesage", "message"],
    ["Message", "message"],
    ["userhandle", "userHandle"],
    ["handle", undefined],
    ["wiat", "wait"],
    ["messageId", undefined],
    ["bax", "box"],
  ] as const) {
    const field = meant ?? "message";
    assert.equal(nearMiss({ [sent]: 1 }, field), meant === undefined ? undefined : sent, sent);
  }
});

test("mustExist() names the misspelt input, and mustNotMisspell() refuses it", () => {
  assert.throws(() => mustExist({ mesage: "hi" }, "message", 400), /You sent `mesage`: did you mean `message`\?/);
  assert.throws(() => mustNotMisspell({ limmit: 5 }, ["limit"], 400), /Did you mean `limit`\?/);
  mustNotMisspell({ limit: 5, color: "red" }, ["limit"], 400);
});

test("mustExist() says what an input is called in a request when a client sends its name from a reply", () => {
  assert.throws(() => mustExist({ userId: 1 }, "myId", 400), /You sent `userId`: send your own as `myId`/);
  assert.throws(() => mustExist({ authToken: "x" }, "myAuth", 400), /`authToken`: send your own as `myAuth`/);
});

test("mustExistOneOf() names an input that looks misspelt", () => {
  assert.throws(() => mustExistOneOf({ rotateauth: true }, ["userHandle", "rotateAuth"], 400), /mean `rotateAuth`\?/);
  assert.throws(
    () => mustExistOneOf({}, ["userHandle", "rotateAuth"], 400),
    /Send `userHandle` or `rotateAuth`, or both\.$/,
  );
});

test("mustBeId() says what to send instead of a handle or a number that is too large", () => {
  assert.throws(() => mustBeId({ myId: "ada" }, "myId", 400), /the number `userId` that you got when you registered/);
  assert.throws(() => mustBeId({ myId: 1e20 }, "myId", 400), /from 1 to 9007199254740991/);
});

const choose = (userHandle: string) => mustBeNewHandle({ userHandle }, "userHandle", { min: 3, max: 64 }, 400);

test("a new handle has no character that nobody sees, and the refusal names the character", () => {
  for (const [handle, says] of [
    ["ada\u200b", "U+200B"],
    ["\u202eada", "U+202E"],
    ["a\u2066da", "U+2066"],
    ["ada\u2028", "U+2028"],
    ["ada\u2029x", "U+2029"],
    ["ad\u00ada", "U+00AD"],
    ["\ufeffada", "U+FEFF"],
    ["ada\ue000", "U+E000"],
    ["ada\u0378", "U+0378"],
    ["ada\u{e0061}", "U+E0061"],
    ["ada\u{10ffff}", "U+10FFFF"],
    ["a\u200dda", "U+200D"],
    ["\u200cзоя", "U+200C"],
    ["зоя\u200d", "U+200D"],
    ["зо\u200d\u200dя", "U+200D"],
  ] as const) {
    assert.throws(
      () => choose(handle),
      (error: unknown) => error instanceof Refusal && error.message.includes(`the character ${says} in it`),
      says,
    );
  }
});

test("a new handle has no blank at its ends and no two in a row, whichever blanks they are", () => {
  for (const blank of [" ", "\u00a0", "\u2003", "\u3000", "\u2000"]) {
    assert.throws(() => choose(`${blank}ada`), /begins or ends with a blank \(U\+/);
    assert.throws(() => choose(`ada${blank}`), /begins or ends with a blank \(U\+/);
    assert.throws(() => choose(`ada ${blank}b`), /has two blanks in a row \(U\+0020 and U\+/);
    assert.equal(choose(`ada${blank}b`), `ada${blank}b`.normalize("NFC"));
  }
  assert.throws(() => choose("ada\u3000\u200d\u3000b"), /two blanks in a row/);
});

test("joiners are fine in emoji and in names that need them, and older handles can still be looked for", () => {
  for (const handle of ["ada 👩🏽\u200d🔬", "👩\u200d👩\u200d👧", "❤️\u200d🔥!!", "علی\u200cرضا", "क्\u200dषमा"])
    assert.equal(choose(handle), handle);
  assert.equal(mustBeHandle({ userHandle: " ada\u200b " }, "userHandle", { min: 3, max: 64 }, 400), " ada\u200b ");
});
