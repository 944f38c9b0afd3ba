/**
 * The vectors of lesson 8 say what a learner's server must make of a text. The server's own checks must say the same of
 * each of them, and there must be a vector for each way in which a server can get it wrong.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { mustBeMessage, mustBeNewHandle } from "../../server/steps/checks.ts";
import { HANDLE_LENGTH, MESSAGE_LENGTH } from "../../server/steps/limits.ts";
import { Refusal } from "../../server/steps/refusal.ts";

interface Vector {
  text: string;
  codePoints: number;
  isHandle: boolean;
  isMessage: boolean;
  nfc: string;
}

const FILE = new URL("../../course/lessons/08-text-is-not-bytes/vectors.json", import.meta.url);
const source = await readFile(FILE, "utf8");
const vectors: Vector[] = JSON.parse(source);

/** What a check returns, or undefined if it refuses. Any other error is a bug. */
function accepted(check: () => string): string | undefined {
  try {
    return check();
  } catch (error) {
    assert.ok(error instanceof Refusal);
    return undefined;
  }
}

const asHandle = (text: string) => accepted(() => mustBeNewHandle({ text }, "text", HANDLE_LENGTH, 400));
const asMessage = (text: string) => accepted(() => mustBeMessage({ text }, "text", MESSAGE_LENGTH, 400));
/** How long a refusal says that a text is. No length fits, so the check always says it. */
function lengthOf(text: string): number {
  try {
    mustBeMessage({ text }, "text", { min: MESSAGE_LENGTH.max * 2, max: MESSAGE_LENGTH.max * 2 }, 400);
  } catch (error) {
    if (error instanceof Refusal) return Number(/has (\d+)\./.exec(error.message)?.[1]);
  }
  throw new Error("The check has accepted a text of that length");
}

const shown = (text: string) => (text.length > 40 ? `${JSON.stringify(text.slice(0, 40))}…` : JSON.stringify(text));

test("the server's own checks say of each text what the vectors say", () => {
  for (const { text, codePoints, isHandle, isMessage, nfc } of vectors) {
    assert.equal(lengthOf(text), codePoints, `code points of ${shown(text)}`);
    assert.equal([...text].length, codePoints, `code points of ${shown(text)}, counted by the language`);
    assert.equal(text.normalize("NFC"), nfc, `NFC of ${shown(text)}`);
    assert.equal(asHandle(text), isHandle ? nfc : undefined, `the handle ${shown(text)}`);
    assert.equal(asMessage(text), isMessage ? text : undefined, `the message ${shown(text)}`);
  }
});

test("a vector has five fields, and no text is there twice", () => {
  assert.ok(vectors.length >= 30 && vectors.length <= 60, `${vectors.length} vectors`);
  assert.equal(new Set(vectors.map(({ text }) => text)).size, vectors.length);
  for (const vector of vectors) {
    assert.deepEqual(Object.keys(vector), ["text", "codePoints", "isHandle", "isMessage", "nfc"]);
  }
});

test("the file is plain ASCII, so no editor changes its characters, and each reader sees which ones they are", () => {
  assert.match(source, /^[\n -~]*$/);
});

/** Mistakes in a server. For each, the vectors must have a text of which this server says something else. */
const MISTAKES: Record<string, (text: string) => boolean> = {
  "counts UTF-16 units in a handle": (text) => [...text].length <= 64 && text.length > 64,
  "counts UTF-16 units in a message": (text) => [...text].length <= 4096 && text.length > 4096,
  "counts bytes": (text) => [...text].length <= 64 && Buffer.byteLength(text) > 64,
  "counts what a reader sees as one character": (text) => graphemes(text) < 3 && [...text].length >= 3,
  "does not check the length before NFC": (text) => [...text].length < 3 && [...text.normalize("NFC")].length >= 3,
  "does not check the length after NFC": (text) => [...text].length <= 64 && [...text.normalize("NFC")].length > 64,
  "converts to NFKC": (text) => text.normalize("NFC") !== text.normalize("NFKC"),
  "converts a message to NFC": (text) => [...text].length === 4096 && text.normalize("NFC").length < 4096,
  "accepts half a character": (text) => !text.isWellFormed(),
  "refuses whole characters above U+FFFF": (text) => text.isWellFormed() && /[\u{10000}-\u{10ffff}]/u.test(text),
  "forgets the control characters above U+007F": (text) => /[\u0080-\u009f]/.test(text),
  "refuses line breaks in a message": (text) => asMessage(text) !== undefined && text.includes("\n"),
  "trims a handle": (text) => asHandle(text) === undefined && asHandle(text.trim()) !== undefined,
  "knows only one kind of blank": (text) => asHandle(text) === undefined && /[\u00a0\u3000]$/.test(text),
  "refuses all joiners": (text) => asHandle(text) !== undefined && /[\u200c\u200d]/.test(text),
  "accepts all joiners": (text) => asHandle(text) === undefined && /[a-z]\u200d/.test(text),
  "accepts characters of the category Cf": (text) => asHandle(text) === undefined && /\u200b/.test(text),
  "refuses invisible characters in a message": (text) => asMessage(text) !== undefined && /\u200b/.test(text),
};

function graphemes(text: string): number {
  return [...new Intl.Segmenter().segment(text)].length;
}

for (const [mistake, isFoundBy] of Object.entries(MISTAKES)) {
  test(`a vector finds a server that ${mistake}`, () => {
    assert.ok(vectors.some(({ text }) => isFoundBy(text)));
  });
}
