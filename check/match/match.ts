/**
 * Compares a reply with what a case expects. A plain value must be equal. An object must have the named fields; more
 * are fine. A list must have exactly these items. Marks stand for values that nobody can know in advance:
 *
 *     "<id>"          a whole number, 1 or more    "<text>"     a string, not empty
 *     "<token>"       a string of 12-64 characters "<time>"     a time in ISO 8601 format, in UTC
 *     "<above 17>"    a whole number above 17      "<not 17>"   anything but 17
 *     "<now>"         a "<time>" that is the present time, as far as the clock of the check knows
 *     "<begins /p/>"  a string that begins with /p/ "<unlike abc>" a string that is random, when abc is, too
 *     "<contains abc>" a value with abc somewhere in it, with capital or small letters
 *     "<absent>"      the field must not be there
 *     {"<count>": 3}  a list of 3 items            {"<at least>": 2} a list of 2 or more items
 *     {"<each>": …}   what every item must be like
 *     {"<ascending>": "messageId"}                 each item's value is greater than the one before
 *     {"<different>": "message"}                   no two items have the same value
 */
import type { Json } from "../case.ts";
import { show, showDifference } from "./show.ts";

/** @returns one sentence for each difference. Empty when everything is as expected. */
export function differences(expected: Json, came: Json | undefined, path = ""): string[] {
  const where = path === "" ? "the body" : `\`${path}\``;
  if (typeof expected === "string" && MARK.test(expected)) return markDifferences(expected, came, where);
  if (came === undefined) return [`${where} is missing`];
  if (typeof expected === "string" && typeof came === "string" && expected !== came) {
    return [`${where} should be ${showDifference(expected, came)}`];
  }
  if (Array.isArray(expected)) return listDifferences(expected, came, path, where);
  if (typeof expected === "object" && expected !== null) {
    if (Object.keys(expected).some((name) => MARK.test(name))) return aboutList(expected, came, path, where);
    if (typeof came !== "object" || came === null || Array.isArray(came)) {
      return [`${where} should be an object, but it is ${show(came)}`];
    }
    return Object.entries(expected).flatMap(([name, each]) => fieldDifferences(name, each, came, path));
  }
  if (expected === came) return [];
  const [wanted, is] = [kindOf(expected), kindOf(came)];
  const kinds = wanted === is || came === null || expected === null ? "" : ` (a ${is} instead of a ${wanted})`;
  return [`${where} should be ${show(expected)}, but it is ${show(came)}${kinds}`];
}

const MARK = /^<(?:[a-z]+|at least|above \d+|(?:not|begins|contains|unlike) .+)>$/;

function fieldDifferences(name: string, expected: Json, came: Record<string, Json>, path: string): string[] {
  const value = Object.hasOwn(came, name) ? came[name] : undefined;
  const mistakes = differences(expected, value, path === "" ? name : `${path}.${name}`);
  if (value !== undefined || mistakes.length === 0) return mistakes;
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z]/g, "");
  const similar = Object.keys(came).find((other) => plain(other) === plain(name));
  return similar === undefined ? mistakes : mistakes.map((each) => `${each}, but there is ${show(similar)}`);
}

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
  const [, beginning] = /^<begins (.+)>$/.exec(mark) ?? [];
  if (beginning !== undefined)
    return wanted(`text that begins with ${beginning}`, text?.startsWith(beginning) === true);
  const [, part] = /^<contains (.+)>$/.exec(mark) ?? [];
  if (part !== undefined) {
    const isThere = JSON.stringify(came).toLowerCase().includes(part.toLowerCase());
    return isThere ? [] : [`${where} should contain "${part}", but it is ${show(came)}`];
  }
  const [, like] = /^<unlike (.+)>$/.exec(mark) ?? [];
  if (like !== undefined) {
    return wanted(
      `random, and not like ${like}`,
      text !== undefined && otherCharacters(text, like) >= RANDOM_CHARACTERS,
    );
  }
  if (mark === "<text>") return wanted("a string", text !== undefined && text !== "");
  if (mark === "<token>") return wanted("a string of 12-64 characters", text !== undefined && hasTokenLength(text));
  if (mark === "<time>")
    return wanted("a time such as 2030-01-02T12:00:00.000Z", text !== undefined && TIME.test(text));
  if (mark === "<now>") {
    const now = new Date().toISOString();
    return wanted(`the present time in UTC, about ${now}`, text !== undefined && TIME.test(text) && isNear(text, now));
  }
  throw new Error(`There is no mark ${mark}`);
}

/** Two random texts of 12 characters practically always differ in more places, even if they have only digits. */
const RANDOM_CHARACTERS = 4;

/** The number of places at which two texts differ. */
function otherCharacters(a: string, b: string): number {
  const [longer, shorter] = a.length > b.length ? [a, b] : [b, a];
  return [...longer].filter((character, i) => character !== [...shorter][i]).length;
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)$/;

/** Clocks are rarely wrong by this much, and local times are further away from UTC. */
const NEAR_MILLISECONDS = 25 * 60 * 1000;

function isNear(time: string, other: string): boolean {
  return Math.abs(Date.parse(time) - Date.parse(other)) <= NEAR_MILLISECONDS;
}

function hasTokenLength(text: string): boolean {
  const characters = [...text].length;
  return characters >= 12 && characters <= 64;
}

function listDifferences(expected: Json[], came: Json, path: string, where: string): string[] {
  if (!Array.isArray(came)) return [`${where} should be a list, but it is ${show(came)}`];
  if (came.length !== expected.length) {
    const length = `${where} should have ${items(expected.length)}, but it has ${came.length}`;
    return [length, ...firstWrongItem(expected, came, path)];
  }
  return expected.flatMap((each, i) => differences(each, came[i], `${path}[${i}]`));
}

/** Where lists of different lengths begin to differ. */
function firstWrongItem(expected: Json[], came: Json[], path: string): string[] {
  for (const [i, item] of came.entries()) {
    const wanted = expected[i];
    if (wanted === undefined) return [`\`${path}[${i}]\` is one too many: ${show(item)}`];
    const [mistake] = differences(wanted, item, `${path}[${i}]`);
    if (mistake !== undefined) return [`the first wrong item: ${mistake}`];
  }
  return [`after the last item, ${show(expected[came.length] ?? null)} is missing`];
}

function aboutList(expected: Record<string, Json>, came: Json, path: string, where: string): string[] {
  if (!Array.isArray(came)) return [`${where} should be a list, but it is ${show(came)}`];
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
    const inWords = (i: number) => `\`${path}[${i}].${wanted}\``;
    if (mark === "<ascending>") {
      const i = values.findIndex((value, at) => at > 0 && !(Number(value) > Number(values[at - 1])));
      if (i === -1) return [];
      const before = show(values[i - 1] ?? null);
      return [
        `${inWords(i)} should be greater than ${inWords(i - 1)}, which is ${before}, but it is ${show(values[i] ?? null)}`,
      ];
    }
    if (mark === "<different>") {
      const i = values.findIndex((value, at) => values.indexOf(value) < at);
      if (i === -1) return [];
      const first = values.indexOf(values[i] ?? null);
      return [`${inWords(i)} should not be the same as ${inWords(first)}, but both are ${show(values[i] ?? null)}`];
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
  if (value === null) return "null";
  return Array.isArray(value) ? "list" : typeof value;
}
