/**
 * Compares a reply with what a case expects. A plain value must be equal. An object must have the named fields; more
 * are fine. A list must have exactly these items. Marks stand for values that nobody can know in advance:
 *
 *     "<id>"          a whole number, 1 or more    "<text>"     a string, not empty
 *     "<token>"       a string of 12-64 characters "<time>"     a time in ISO 8601 format, in UTC
 *     "<above 17>"    a whole number above 17      "<not 17>"   anything but 17
 *     "<absent>"      the field must not be there
 *     {"<count>": 3}  a list of 3 items            {"<at least>": 2} a list of 2 or more items
 *     {"<each>": …}   what every item must be like
 *     {"<ascending>": "messageId"}                 each item's value is greater than the one before
 *     {"<different>": "message"}                   no two items have the same value
 */
import type { Json } from "../case.ts";

/** @returns one sentence for each difference. Empty when everything is as expected. */
export function differences(expected: Json, came: Json | undefined, path = ""): string[] {
  const where = path === "" ? "the body" : `\`${path}\``;
  if (typeof expected === "string" && MARK.test(expected)) return markDifferences(expected, came, where);
  if (came === undefined) return [`${where} is missing`];
  if (Array.isArray(expected)) return listDifferences(expected, came, path, where);
  if (typeof expected === "object" && expected !== null) {
    if (Object.keys(expected).some((name) => MARK.test(name))) return aboutList(expected, came, path, where);
    if (typeof came !== "object" || came === null || Array.isArray(came)) return [`${where} should be an object`];
    return Object.entries(expected).flatMap(([name, each]) =>
      differences(each, Object.hasOwn(came, name) ? came[name] : undefined, path === "" ? name : `${path}.${name}`),
    );
  }
  if (expected === came) return [];
  const kinds = typeof came === typeof expected ? "" : ` (a ${kindOf(came)} instead of a ${kindOf(expected)})`;
  return [`${where} should be ${show(expected)}, but it is ${show(came)}${kinds}`];
}

const MARK = /^<(?:[a-z]+|at least|above \d+|not .+)>$/;
const MAX_SHOWN_CHARACTERS = 80;

function markDifferences(mark: string, came: Json | undefined, where: string): string[] {
  if (mark === "<absent>") return came === undefined ? [] : [`${where} should not be there`];
  if (came === undefined) return [`${where} is missing`];
  const wanted = (what: string, isRight: boolean) =>
    isRight ? [] : [`${where} should be ${what}, but it is ${show(came)}`];
  const [, least] = /^<above (\d+)>$/.exec(mark) ?? [];
  if (least !== undefined) {
    return wanted(`a whole number above ${least}`, Number.isSafeInteger(came) && Number(came) > Number(least));
  }
  const [, other] = /^<not (.+)>$/.exec(mark) ?? [];
  if (other !== undefined) return wanted(`different from ${other}`, String(came) !== other);
  if (mark === "<id>")
    return wanted("a whole number of 1 or more, without quotes", Number.isSafeInteger(came) && Number(came) > 0);
  const text = typeof came === "string" ? came : undefined;
  if (mark === "<text>") return wanted("a string", text !== undefined && text !== "");
  if (mark === "<token>") return wanted("a string of 12-64 characters", text !== undefined && hasTokenLength(text));
  if (mark === "<time>")
    return wanted("a time such as 2030-01-02T12:00:00.000Z", text !== undefined && TIME.test(text));
  throw new Error(`There is no mark ${mark}`);
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)$/;

function hasTokenLength(text: string): boolean {
  const characters = [...text].length;
  return characters >= 12 && characters <= 64;
}

function listDifferences(expected: Json[], came: Json, path: string, where: string): string[] {
  if (!Array.isArray(came)) return [`${where} should be a list`];
  if (came.length !== expected.length)
    return [`${where} should have ${items(expected.length)}, but it has ${came.length}`];
  return expected.flatMap((each, i) => differences(each, came[i], `${path}[${i}]`));
}

function aboutList(expected: Record<string, Json>, came: Json, path: string, where: string): string[] {
  if (!Array.isArray(came)) return [`${where} should be a list`];
  return Object.entries(expected).flatMap(([mark, wanted]) => {
    if (mark === "<count>") {
      return came.length === wanted ? [] : [`${where} should have ${items(Number(wanted))}, but it has ${came.length}`];
    }
    if (mark === "<at least>") {
      const wantedItems = items(Number(wanted));
      return came.length >= Number(wanted)
        ? []
        : [`${where} should have ${wantedItems} or more, but it has ${came.length}`];
    }
    if (mark === "<each>") return came.flatMap((each, i) => differences(wanted, each, `${path}[${i}]`)).slice(0, 3);
    const values = came.map((each) => fieldOf(each, String(wanted)));
    if (mark === "<ascending>") {
      const isWrong = values.some((value, i) => i > 0 && !(Number(value) > Number(values[i - 1])));
      return isWrong
        ? [`each \`${wanted}\` in ${where} should be greater than the one before, but they are ${show(values)}`]
        : [];
    }
    if (mark === "<different>") {
      return new Set(values).size === values.length ? [] : [`${where} has the same \`${wanted}\` twice`];
    }
    throw new Error(`There is no mark ${mark}`);
  });
}

function fieldOf(value: Json, name: string): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value[name] ?? null) : null;
}

function items(count: number): string {
  return count === 1 ? "1 item" : `${count} items`;
}

function kindOf(value: Json): string {
  return typeof value === "string" ? "string" : typeof value;
}

function show(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}…` : text;
}
