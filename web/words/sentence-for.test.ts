import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ChatError } from "../../client/chat-error.ts";
import { sentenceFor } from "./sentence-for.ts";

const SPEC = readFileSync(join(import.meta.dirname, "../../docs/spec.md"), "utf8");

/** Nobody comes to these on a page: it sends only inputs of the right kind. */
const NEVER =
  /body parsable|misspelling|Idempotency-Key`, if given|Last-Event-ID|^Does .* exist|only remove|^Is `(myId|myAuth|userId|messageId|isUp|isPaused|showsTexts|showsBoard|lesson|limit|after|before|box|wait|rotateAuth|teacherKey|isMuted|isHidden|isHandUp|archive|case|passed|total|port)`|Do the numbers fit/;

/** The field that such a refusal has, although its sentence does not name it. */
const UNNAMED: [RegExp, string][] = [
  [/^File not found|sender has just left|user removed/, "myId"],
  [/token changed/, "myAuth"],
];

// Without a catalogue, say() returns the name of the phrase.
test("a refusal that one can meet on a page has a sentence in the page's language", () => {
  const steps = [...SPEC.matchAll(/^- `([a-z]+\.[a-z]+\.[\d.]+)` (.*): \*\*(\d{3})\*\*/gm)];
  assert.ok(steps.length > 100);
  const missing: string[] = [];
  for (const [, step = "", sentence = "", status] of steps) {
    if (NEVER.test(sentence)) continue;
    const field = /`(\w+)`/.exec(sentence)?.[1] ?? UNNAMED.find(([words]) => words.test(sentence))?.[1];
    const isEmpty = status === "404" && /handle/i.test(sentence);
    const reason = isEmpty ? "unknown handle" : "refused";
    const said = [field, undefined].map((each) =>
      sentenceFor(new ChatError("In English.", { reason, status: Number(status), step, field: each })),
    );
    if (said.every((each) => each === "error.refused")) missing.push(`${step} ${status}: ${sentence}`);
  }
  assert.deepEqual(missing, []);
});

test("whoever writes at the moment of pausing is told so, and a reply of something else is not taken for the server's", () => {
  const error = (status: number, facts: { step?: string; field?: string } = {}) =>
    sentenceFor(new ChatError("In English.", { reason: "refused", status, ...facts }));
  assert.equal(error(403, { step: "chat.post.3.2" }), "error.mayNotWrite");
  assert.equal(error(403, { step: "chat.patch.3.2" }), "error.mayNotWrite");
  assert.equal(error(429, { step: "stream.get.4" }), "error.tooManyOpen");
  for (const step of ["register.post.3.1", "register.patch.3.2", "pupils.patch.4.3"]) {
    assert.equal(error(409, { step, field: "userHandle" }), "error.likeTeacher");
  }
  assert.equal(error(409, { step: "register.post.5.1", field: "userHandle" }), "error.handleTaken");
  assert.equal(error(429), "error.tooMany");
  assert.equal(error(418), "error.refused");
  assert.equal(sentenceFor(new ChatError("502.", { reason: "strange reply", status: 418 })), "error.strange");
  assert.equal(sentenceFor(new Error("Mine.")), "Mine.");
});
