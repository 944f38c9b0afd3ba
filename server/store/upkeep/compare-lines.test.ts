import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeRecord } from "../journal/record.ts";
import { compareLines, factsOf, type LineFacts } from "./compare-lines.ts";

/** Five lines of a file, as the server wrote them. */
const LINES = [1, 2, 3, 4, 5].map((seq) => encodeRecord({ op: "user", seq, userId: seq }));
const DROPPED = encodeRecord({ op: "leave", seq: 99, userId: 7 });

function facts(text: string): LineFacts[] {
  let offset = 0;
  return text.split(/(?<=\n)/).flatMap((line) => {
    if (line === "") return [];
    offset += line.length;
    return [factsOf(Buffer.from(line), offset - line.length)];
  });
}

const known = facts(LINES.join(""));
const end = (lines: number) => LINES.slice(0, lines).join("").length;

/** Which lines were taken out, came later, were changed; and how many are strange. @param seen how many lines the editor had read. */
function compare(text: string, { seen = 5, written = 5 } = {}): unknown {
  const { takenOut, unseen, changed, strange } = compareLines({
    known,
    found: facts(text),
    editedUpTo: end(written),
    haveSeen: (from, to) => from <= end(seen) && to <= end(seen),
  });
  const seqs = (lines: LineFacts[]) => lines.map(({ seq }) => seq);
  return { takenOut: seqs(takenOut), unseen: seqs(unseen), changed: seqs(changed), strange };
}

const nothing = { takenOut: [], unseen: [], changed: [], strange: 0 };
const [one = "", two = "", three = "", four = "", five = ""] = LINES;

for (const [what, text, expected, options] of [
  ["nothing was done", LINES.join(""), nothing, {}],
  ["the last newline is missing", LINES.join("").trimEnd(), nothing, {}],
  ["the order is another one", five + four + three + two + one, nothing, {}],
  ["a line between others is missing", one + two + four + five, { ...nothing, takenOut: [3] }, {}],
  ["the first line is missing", two + three + four + five, { ...nothing, takenOut: [1] }, {}],
  ["the last lines are missing", one + two + three, { ...nothing, takenOut: [4, 5] }, {}],
  ["the last lines were not read", one + two + three, { ...nothing, unseen: [4, 5] }, { seen: 3 }],
  ["only some of the last were read", one + two, { ...nothing, takenOut: [3, 4], unseen: [5] }, { seen: 4 }],
  [
    "a line is missing, and others were not read",
    one + three,
    { ...nothing, takenOut: [2], unseen: [4, 5] },
    { seen: 3 },
  ],
  [
    "new lines came behind what the editor saved",
    one + two + five,
    { ...nothing, unseen: [3, 4] },
    { written: 4, seen: 2 },
  ],
  ["the file was emptied", "", { ...nothing, unseen: [1, 2, 3, 4, 5] }, {}],
  ["the file was cut in a line", one + two + three.slice(0, 30), { ...nothing, unseen: [4, 5], changed: [3] }, {}],
  ["a line was changed", one + two + three.replace("user", "uzer") + four + five, { ...nothing, changed: [3] }, {}],
  [
    "a changed line has a right CRC",
    one + two + encodeRecord({ op: "user", seq: 3, userId: 9 }) + four + five,
    { ...nothing, changed: [3] },
    {},
  ],
  ["nobody can say which line was changed", `${one + two}hello\n${four}${five}`, { ...nothing, changed: [3] }, {}],
  ["a strange line was added", `${one + two}hello\n${three}${four}${five}`, { ...nothing, strange: 1 }, {}],
  ["a line is there twice", LINES.join("") + two, { ...nothing, strange: 1 }, {}],
  ["the file is an older one", one + DROPPED + four + five, { ...nothing, unseen: [2, 3], strange: 1 }, {}],
] as const) {
  test(`compareLines(): ${what}`, () => {
    assert.deepEqual(compare(text, options), expected);
  });
}
