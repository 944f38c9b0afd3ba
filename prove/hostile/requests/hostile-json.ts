/**
 * Bodies: the inputs of a call as JSON, with one thing wrong, or everything. A grammar makes them as text, because
 * JSON.stringify() cannot write the texts that break programs.
 */
import { hostileText } from "./hostile-text.ts";
import type { Random } from "./random.ts";

const NUMBERS = [
  "0",
  "-0",
  "-1",
  "1",
  "1.5",
  "1e0",
  "1e999",
  "-1e999",
  "9007199254740991",
  "9007199254740993",
  "18446744073709551616",
  "1e-400",
  "01",
  "+1",
  "0x10",
  ".5",
  "NaN",
  "Infinity",
] as const;
const STRINGS = [
  String.raw`"\ud800"`,
  String.raw`"\udc00\ud800"`,
  String.raw`"abc\ud83d"`,
  String.raw`"\u0000\u0000\u0000"`,
  String.raw`"\x41"`,
  String.raw`"\u00"`,
  '"a\nb"',
  "'single'",
  '"open',
  String.raw`"\"`,
] as const;
const WORDS = ["true", "false", "null", "undefined", "True", "[]", "{}", "[[]]", '{"a":1}', '["ada"]', "[1]"] as const;
const NAMES = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "then",
  "toJSON",
  "length",
  "",
  "myAuth",
  "myId",
] as const;
const DEPTHS = [2, 10, 500, 10_000] as const;

/** @param inputs names, and values as JSON. */
export function hostileBody(random: Random, inputs: Record<string, string>): Buffer {
  const fields = Object.entries(inputs);
  const place = random.below(Math.max(1, fields.length));
  const [name = "a", value = "1"] = fields[place] ?? [];
  switch (random.below(12)) {
    case 0:
      return damaged(random, Buffer.from(object(fields)));
    case 1:
      fields.push([name, random.oneIn(2) ? value : hostileValue(random)]);
      break;
    case 2:
      fields.push([random.pick(NAMES), hostileValue(random)]);
      break;
    case 3:
      fields.splice(place, 1);
      break;
    case 4:
      fields.splice(place, 1, [`${name}s`, value]);
      break;
    case 5:
      return Buffer.from(hostileValue(random));
    case 6:
      return Buffer.from(`[${object(fields)}]`);
    default:
      fields.splice(place, 1, [name, hostileValue(random)]);
  }
  return Buffer.from(object(fields));
}

export function object(fields: [string, string][]): string {
  return `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",")}}`;
}

function hostileValue(random: Random, depth = 0): string {
  switch (random.below(10)) {
    case 0:
    case 1:
      return random.pick(NUMBERS);
    case 2:
      return random.pick(STRINGS);
    case 3:
      return random.pick(WORDS);
    case 4:
      if (random.oneIn(20)) return nested(random);
      return depth > 3 ? "{}" : `{${JSON.stringify(random.pick(NAMES))}:${hostileValue(random, depth + 1)}}`;
    case 5:
      return depth > 3 ? "[]" : `[${hostileValue(random, depth + 1)},${hostileValue(random, depth + 1)}]`;
    default:
      return JSON.stringify(hostileText(random));
  }
}

function nested(random: Random): string {
  const depth = random.pick(DEPTHS);
  if (random.oneIn(2)) return "[".repeat(depth) + "]".repeat(random.oneIn(4) ? depth - 1 : depth);
  return '{"a":'.repeat(depth) + 1 + "}".repeat(depth);
}

/** Bytes that are no longer valid text, or cut short. */
function damaged(random: Random, body: Buffer): Buffer {
  const at = random.below(body.length);
  switch (random.below(5)) {
    case 0:
      return body.subarray(0, at);
    case 1:
      return Buffer.concat([body.subarray(0, at), random.bytes(3), body.subarray(at)]);
    case 2:
      return Buffer.concat([Buffer.from("\ufeff"), body]);
    case 3:
      return Buffer.from(body.toString(), "utf16le");
    default:
      return Buffer.concat([body, Buffer.from([0])]);
  }
}
