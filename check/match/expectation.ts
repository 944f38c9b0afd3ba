/**
 * Compares a reply with the expectation of a case: status, headers, body and time. run-case.ts gets the mistakes as
 * sentences from here, and the expectation in words for the report.
 */
import type { Expectation, Json } from "../case.ts";
import type { Reply } from "../exchange/exchange.ts";
import { fill } from "./fill.ts";
import { mistakeInJson } from "./json-mistake.ts";
import { differences } from "./match.ts";
import { show } from "./show.ts";
import type { Values } from "./values.ts";

/** advice.ts looks for mistakes that begin like this. */
export const NOT_JSON = "the body should be JSON, but ";

export type Profile = "full" | "seed";

/** What a profile expects: the seed leaves some things open. */
export function expectedUnder(profile: Profile, expected: Expectation): Expectation {
  if (profile === "full") return expected;
  const { seedStatus = expected.status, seedBody = expected.body } = expected;
  return { ...expected, status: seedStatus, body: seedBody };
}

/** @returns one sentence for each thing that is wrong. */
export function mistakesIn(reply: Reply, expected: Expectation, values: Values): string[] {
  const mistakes: string[] = [];
  const statuses = [expected.status ?? []].flat();
  if (statuses.length > 0 && !statuses.includes(reply.status)) {
    return [`the status should be ${statuses.join(" or ")}, but it is ${reply.status}`];
  }
  for (const [name, parts] of Object.entries(expected.headers ?? {})) {
    const came = reply.headers[name];
    if (came === undefined) mistakes.push(`the header ${name} is missing`);
    else mistakes.push(...mistakesInHeader(name, [parts].flat(), came));
  }
  if (expected.isEmpty === true && reply.text !== "") {
    mistakes.push(`the body should be empty, but it is ${show(reply.text)}`);
  }
  if (expected.body !== undefined) mistakes.push(...mistakesInBody(reply.text, fill(expected.body, values)));
  const { atLeastMilliseconds = 0, atMostMilliseconds = Number.POSITIVE_INFINITY } = expected;
  const milliseconds = Math.round(reply.milliseconds);
  if (milliseconds < atLeastMilliseconds) {
    mistakes.push(`the reply should take at least ${atLeastMilliseconds} ms, but it took ${milliseconds} ms`);
  }
  if (milliseconds > atMostMilliseconds) {
    mistakes.push(`the reply should take at most ${atMostMilliseconds} ms, but it took ${milliseconds} ms`);
  }
  return mistakes;
}

function mistakesInHeader(name: string, parts: string[], came: string): string[] {
  return parts.flatMap((part) => {
    const [, unwanted] = NOT.exec(part) ?? [];
    const isThere = came.toLowerCase().includes((unwanted ?? part).toLowerCase());
    if (isThere === (unwanted === undefined)) return [];
    const should = unwanted === undefined ? `should contain "${part}"` : `should not contain "${unwanted}"`;
    return [`the header ${name} ${should}, but it is "${came}"`];
  });
}

const NOT = /^<not (.+)>$/;

function mistakesInBody(text: string, expected: Json): string[] {
  if (text === "") return ["the body is empty, but it should be JSON"];
  const mistake = mistakeInJson(text);
  return mistake === undefined ? differences(expected, JSON.parse(text) as Json) : [NOT_JSON + mistake];
}

/** The expectation in a line or two, for the report. */
export function inWords(expected: Expectation, values: Values): string {
  const parts: string[] = [];
  const statuses = [expected.status ?? []].flat();
  if (statuses.length > 0) parts.push(`status ${statuses.join(" or ")}`);
  for (const [name, wanted] of Object.entries(expected.headers ?? {})) parts.push(headerInWords(name, [wanted].flat()));
  if (expected.isEmpty === true) parts.push("no body");
  if (expected.body !== undefined) parts.push(...bodyInWords(fill(expected.body, values)));
  if (expected.atLeastMilliseconds !== undefined) parts.push(`after at least ${expected.atLeastMilliseconds} ms`);
  if (expected.atMostMilliseconds !== undefined) parts.push(`within ${expected.atMostMilliseconds} ms`);
  return parts.join(", ");
}

function headerInWords(name: string, wanted: string[]): string {
  const contained = wanted.filter((part) => part !== "" && !NOT.test(part)).map((part) => `"${part}"`);
  const unwanted = wanted.flatMap((part) => NOT.exec(part)?.[1] ?? []).map((part) => `"${part}"`);
  const parts = [contained.join(", "), unwanted.length > 0 ? `not ${unwanted.join(", ")}` : ""].filter(Boolean);
  return [`header ${name}`, ...parts].join(" with ");
}

/** Fields that must be absent come last: inside the JSON, they would look like something to send. */
function bodyInWords(body: Json): string[] {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return [JSON.stringify(body)];
  const fields = Object.entries(body);
  const [only, ...others] = fields;
  // A mark in braces would look like something to send.
  if (only !== undefined && others.length === 0 && isCount(only[1])) return [countInWords(only[0], only[1])];
  const present = Object.fromEntries(fields.filter(([, value]) => value !== "<absent>"));
  const absent = fields.filter(([, value]) => value === "<absent>").map(([name]) => `no \`${name}\``);
  return [JSON.stringify(present), ...absent];
}

function isCount(value: Json): value is { "<count>": number; "<ascending>"?: string } {
  const marks = typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
  return marks.includes("<count>") && marks.every((mark) => mark === "<count>" || mark === "<ascending>");
}

function countInWords(name: string, marks: { "<count>": number; "<ascending>"?: string }): string {
  const { "<count>": count, "<ascending>": field } = marks;
  const items = `${count} ${count === 1 ? "item" : "items"} in \`${name}\``;
  return field === undefined ? items : `${items}, with a \`${field}\` that goes up`;
}
