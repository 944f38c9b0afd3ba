import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeRecord } from "../journal/record.ts";
import { LineComparer, WrittenLines } from "./compare-lines.ts";

/** Five lines of a file, as the server wrote them. */
const LINES = [1, 2, 3, 4, 5].map((seq) => encodeRecord({ op: "user", seq, userId: seq }));
const DROPPED = encodeRecord({ op: "leave", seq: 99, userId: 7 });

const end = (lines: number) => LINES.slice(0, lines).join("").length;
const linesOf = (text: string) => text.split(/(?<=\n)/).filter((line) => line !== "");

/**
 * Which lines were taken out, how many came later, were changed, and are strange, and whether the order is another one.
 * @param seen how many lines the editor had read. @param written how many the server had written by then.
 */
function compare(text: string, { seen = 5, written = 5 } = {}): unknown {
  const lines = new WrittenLines();
  for (const [i, line] of LINES.entries()) lines.add(Buffer.from(line), end(i));
  const haveSeen = (from: number, to: number) => from <= end(seen) && to <= end(seen);
  const comparer = new LineComparer(lines, { editedUpTo: end(written), haveSeen });
  for (const line of linesOf(text)) comparer.see(Buffer.from(line));
  const { isSame, takenOut, ...rest } = comparer.end();
  assert.equal(isSame, text === LINES.join(""));
  return {
    takenOut: takenOut.map((offset) => LINES.findIndex((_, i) => end(i) === offset) + 1),
    ...rest,
  };
}

const nothing = { takenOut: [], unseen: 0, changed: 0, strange: 0, isShuffled: false };
const [one = "", two = "", three = "", four = "", five = ""] = LINES;

for (const [what, text, expected, options] of [
  ["nothing was done", LINES.join(""), nothing, {}],
  ["the last newline is missing", LINES.join("").trimEnd(), nothing, {}],
  ["the order is another one", five + four + three + two + one, { ...nothing, isShuffled: true }, {}],
  ["one line has another place", one + three + four + two + five, { ...nothing, isShuffled: true }, {}],
  ["a line between others is missing", one + two + four + five, { ...nothing, takenOut: [3] }, {}],
  ["the first line is missing", two + three + four + five, { ...nothing, takenOut: [1] }, {}],
  ["the last lines are missing", one + two + three, { ...nothing, takenOut: [4, 5] }, {}],
  ["the last lines were not read", one + two + three, { ...nothing, unseen: 2 }, { seen: 3 }],
  ["only some of the last were read", one + two, { ...nothing, takenOut: [3, 4], unseen: 1 }, { seen: 4 }],
  ["a line is missing, and others were not read", one + three, { ...nothing, takenOut: [2], unseen: 2 }, { seen: 3 }],
  ["new lines came behind what the editor saved", one + two + five, { ...nothing, unseen: 2 }, { written: 4, seen: 2 }],
  ["the file was emptied", "", { ...nothing, unseen: 5 }, {}],
  ["the file was cut in a line", one + two + three.slice(0, 30), { ...nothing, unseen: 2, changed: 1 }, {}],
  ["a line was changed", one + two + three.replace("user", "uzer") + four + five, { ...nothing, changed: 1 }, {}],
  [
    "a changed line has a right CRC",
    one + two + encodeRecord({ op: "user", seq: 3, userId: 9 }) + four + five,
    { ...nothing, changed: 1 },
    {},
  ],
  [
    "one of three lines was changed, the others are gone",
    `${one}hello\n${five}`,
    { ...nothing, changed: 1, unseen: 2 },
    {},
  ],
  ["nobody can say which line was changed", `${one + two}hello\n${four}${five}`, { ...nothing, changed: 1 }, {}],
  ["a strange line was added", `${one + two}hello\n${three}${four}${five}`, { ...nothing, strange: 1 }, {}],
  ["a line is there twice", LINES.join("") + two, { ...nothing, strange: 1 }, {}],
  ["the file is an older one", one + DROPPED + four + five, { ...nothing, unseen: 2, strange: 1 }, {}],
] as const) {
  test(`LineComparer: ${what}`, () => {
    assert.deepEqual(compare(text, options), expected);
  });
}
