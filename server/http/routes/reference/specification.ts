/**
 * Reads docs/spec.md, from which openapi.ts makes the OpenAPI document. It reads headings, tables and examples, and
 * passes prose on as it is. If a part is missing or has an unknown form, it throws an error that says where, so that
 * the OpenAPI document is never silently incomplete.
 */
import { readFileSync } from "node:fs";

/** A row of a table: an input of a call, or a field of a reply. */
export interface Field {
  name: string;
  isHeader: boolean;
  /** Such as "integer". */
  type: string;
  /** Such as "0-60 (seconds)". */
  limits: string;
  /** What the column "Required?" or "Always?" says, such as "no (default 50)". Empty without such a column. */
  required: string;
  meaning: string;
}

/** A section about one method of one address. Prose is Markdown; a part that is not there is empty. */
export interface SpecifiedCall {
  title: string;
  purpose: string;
  notes: string;
  /** The command for curl. */
  example: string;
  inputs: Field[];
  reply: { type: string; description: string; example: string; fields: Field[] };
  /** When it refuses, by status, if there are no steps that say it. */
  refusals: Map<string, string>;
}

export interface Specification {
  /** The rules for every call, in Markdown. */
  introduction: string;
  fieldsOfReplies: Field[];
  fieldsOfRefusals: Field[];
  /** By method and path: "POST /api/v1/chat". */
  calls: Map<string, SpecifiedCall>;
}

const DOCUMENT = new URL("../../../../docs/spec.md", import.meta.url);
const TABLE = /^\|.*\n\|[-|]+\|\n(?:\|.*\n)+/gm;

/** The parts of a section: what to call each one in an error, and its form. */
type Parts = [what: string, form: RegExp][];
const BEGINNING: Parts = [
  ["a heading such as `GET /path`: do this", /##+ `(?<call>[A-Z]+ \/\S+)`: (?<title>.+)\n+/y],
  ["**Purpose.** and a paragraph", /\*\*Purpose\.\*\* (?<purpose>[\s\S]+?)\n\n+/y],
];
const REPLY: Parts = [
  [
    "**Reply** (200): and an example between ```json and ```",
    /\*\*Reply\*\* \(200(?:, `(?<type>\S+)`)?\): (?<description>.+)\n\n```(?:json)?\n(?<reply>[\s\S]+?)\n```\n+/y,
  ],
];
const CALL: Parts = [
  ...BEGINNING,
  ["an example for curl between ```sh and ```", /```sh\n(?<example>[\s\S]+?)\n```\n+/y],
  ["**Inputs** and a table", /\*\*Inputs\*\*\n\n(?<inputs>\|.*\n\|[-|]+\|\n(?:\|.*\n)+)\n/y],
  ["a **Reply**", /(?<notesOnInputs>[\s\S]*?)(?=\*\*Reply\*\*)/y],
  ...REPLY,
  ["an **Operation**", /(?<notesOnReply>[\s\S]*?)\*\*Operation\*\*\n/y],
];
const OTHER_ADDRESS: Parts = [
  ...BEGINNING,
  ["perhaps **Inputs** and a table", /(?:\*\*Inputs\*\*\n\n(?<inputs>\|.*\n\|[-|]+\|\n(?:\|.*\n)+)\n)?/y],
  ["a **Reply**", /(?<notesOnInputs>[\s\S]*?)(?=\*\*Reply\*\*)/y],
  ...REPLY,
  ["tables", /(?<tables>[\s\S]*)/y],
];

/** @throws {Error} if the document is not as regular as this file needs it. */
export function readSpecification(source = readFileSync(DOCUMENT, "utf8")): Specification {
  const [introduction = "", ...sections] = source.replaceAll("\r\n", "\n").split(/^(?=## `|## Other|### `)/m);
  const withFields = tablesIn(introduction).filter(([row]) => row?.Field !== undefined);
  const calls = sections.filter((section) => !section.startsWith("## Other"));
  return {
    introduction: withoutLinks(introduction.replace(/^# .*\n/, "").trim()),
    fieldsOfReplies: fieldsOf(withFields[0], "the fields of replies"),
    fieldsOfRefusals: fieldsOf(withFields[1], "the fields of refusals"),
    calls: new Map(calls.map(readCall)),
  };
}

function readCall(section: string): [call: string, SpecifiedCall] {
  const [place = ""] = section.split("\n", 1);
  const found = take(place.startsWith("###") ? OTHER_ADDRESS : CALL, section, place);
  const { call = "", title = "", purpose = "", example = "", inputs, tables = "", reply = "" } = found;
  const { type = "application/json", description = "", notesOnInputs = "", notesOnReply = "" } = found;
  const fields = tablesIn(tables).find(([row]) => row?.Field !== undefined);
  const refusals = tablesIn(tables).find(([row]) => row?.Status !== undefined) ?? [];
  const specified = {
    title,
    purpose: withoutLinks(purpose),
    notes: withoutLinks(`${notesOnInputs}${notesOnReply}`.trim()),
    example,
    inputs: inputs === undefined ? [] : fieldsOf(tablesIn(inputs)[0], place),
    reply: { type, description, example: reply, fields: fields === undefined ? [] : fieldsOf(fields, place) },
    refusals: new Map(refusals.map(({ Status = "", When = "" }) => [Status, When])),
  };
  return [call, specified];
}

/** Takes one part of a section after the other, and returns what their forms have named. */
function take(parts: Parts, section: string, place: string): Record<string, string | undefined> {
  let at = 0;
  const found = {};
  for (const [what, form] of parts) {
    form.lastIndex = at;
    const part = form.exec(section);
    if (part === null) throw irregular(place, what, section.slice(at).split("\n", 1)[0]);
    Object.assign(found, part.groups);
    at = form.lastIndex;
  }
  return found;
}

function tablesIn(text: string): Record<string, string>[][] {
  const cellsOf = (line: string) => line.split("|").slice(1, -1);
  return (text.match(TABLE) ?? []).map((table) => {
    const [headings = [], , ...rows] = table.trim().split("\n").map(cellsOf);
    return rows.map((cells) => Object.fromEntries(headings.map((each, i) => [each.trim(), cells[i]?.trim() ?? ""])));
  });
}

function fieldsOf(table: Record<string, string>[] | undefined, place: string): Field[] {
  if (table === undefined) throw irregular(place, "a table");
  return table.map((row) => {
    const { Type: type, Limits: limits, Meaning: meaning } = row;
    const [, header, name] = /^(header )?`([\w-]+)`$/.exec(row.Name ?? row.Field ?? "") ?? [];
    if (name === undefined || !type || limits === undefined || !meaning) {
      throw irregular(place, "a row with a name in backquotes, a type, limits and a meaning", JSON.stringify(row));
    }
    const required = row["Required?"] ?? row["Always?"] ?? "";
    return { name, isHeader: header !== undefined, type, limits, required, meaning };
  });
}

/** Links lead to documents beside this one, which the server does not serve. */
function withoutLinks(markdown: string): string {
  return markdown.replace(/\[([^\]]+)\]\([^)]+\)/g, "$1");
}

export function irregular(place: string, expected: string, found = "nothing"): Error {
  return new Error(`docs/spec.md, ${place}: expected ${expected}, found: ${found}`);
}
