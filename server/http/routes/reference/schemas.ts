/**
 * Makes JSON Schemas from docs/spec.md: for an input from its row in a table, for a reply from its example. This
 * file also says which fields share a named schema. Do not rename these: programs generated from the document use them.
 */
import { MAX_ID } from "../../../steps/limits.ts";
import { type Field, irregular, type Specification } from "./specification.ts";

/** A JSON Schema. This code writes schemas, it never reads them. */
export interface Schema {
  readonly [keyword: string]: unknown;
}

/** The named schemas. The row of the first field defines the schema; the others refer to it. */
const NAMED: Record<string, [field: string, ...others: string[]]> = {
  UserId: ["userId", "myId", "fromId", "toId"],
  UserHandle: ["userHandle", "fromHandle", "toHandle"],
  AuthToken: ["authToken", "myAuth"],
  TeacherKey: ["teacherKey"],
  RejoinCode: ["rejoinCode", "code"],
  Secret: ["secret"],
  MessageId: ["messageId"],
  MessageText: ["message"],
  Time: ["sentAt", "editedAt", "at"],
};
/** The page hides these while you type them. */
const PASSWORDS = ["AuthToken", "Secret", "TeacherKey"];

/** Every form of a type and its limits in docs/spec.md, and the same in JSON Schema. */
const FORMS: [form: RegExp, schema: (min: number, max: number) => Schema][] = [
  [/^integer, (\d+) to 2\^53 - 1$/, (minimum) => ({ minimum, maximum: MAX_ID, format: "int64" })],
  [/^integer, (\d+)-(\d+)(?: \(seconds\))?$/, (minimum, maximum) => ({ minimum, maximum })],
  // JSON Schema counts code points, like ruling R12.
  [/^string, (\d+)-(\d+) characters$/, lengths],
  [/^string, (\d+) characters$/, (length) => lengths(length, length)],
  [/^string, (\d+)-(\d+) visible ASCII characters$/, (...range) => ({ ...lengths(...range), pattern: "^[!-~]+$" })],
  [/^string, an `id` from this stream$/, () => ({ pattern: "^[0-9]+(-[0-9]+)?$" })],
  [/^string, ISO 8601, in UTC$/, () => ({ format: "date-time" })],
  [/^string, a path$/, () => ({ format: "uri-reference" })],
  [/^array, (0)-(\d+) objects$/, (_, maxItems) => ({ maxItems })],
  [/^boolean, `true` or `false`$|^boolean, `true`$|^\w+, $/, () => ({})],
];

function lengths(minLength: number, maxLength: number): Schema {
  return { minLength, maxLength };
}

/** The schema of a field, from its row. @throws {Error} if its type and limits have no known form. */
export function schemaOf({ name, type, limits, required }: Field): Schema {
  const [ofType = "", orNull] = type.split(" or ");
  const given = `${ofType}, ${limits}`;
  const words = /^(?:`"[^"]+"`(?:, | or |$))+$/.test(limits) ? limits.match(/(?<=`")[^"]+/g) : null;
  const [form, schema] = FORMS.find(([each]) => each.test(given)) ?? [];
  if (!words && !schema) throw irregular(`\`${name}\``, "a type and limits in a known form", given);
  const [, min, max] = form?.exec(given) ?? [];
  const byDefault = /\(default `?([^`]+)`?\)/.exec(required)?.[1];
  return {
    ...(ofType !== "any" && { type: orNull === undefined ? ofType : [ofType, orNull] }),
    ...(words === null ? schema?.(Number(min), Number(max)) : { enum: words }),
    ...(byDefault !== undefined && { default: JSON.parse(byDefault) }),
  };
}

/** The schema of a field, or a reference to its named schema, with what the field means here. */
export function describedSchemaOf(field: Field): Schema {
  const name = Object.keys(NAMED).find((each) => NAMED[each]?.includes(field.name));
  const isNamed = name !== undefined && !field.type.includes(" or ");
  return { description: asSentence(field.meaning), ...(isNamed ? named(name) : schemaOf(field)) };
}

/**
 * The schema of a value in a reply, from examples of it. A field is optional if one of the examples lacks it, or if its
 * row says that it is not always there.
 * @param name The field that has this value. Empty for a whole reply and for an item of a list.
 */
export function schemaOfExamples(examples: unknown[], name: string, fields: readonly Field[]): Schema {
  const field = fields.find((each) => each.name === name);
  const schema = field && describedSchemaOf(field);
  const [value, ...others] = examples.filter((each) => each !== null);
  if (Array.isArray(value)) {
    const items = name === "messages" ? named("Message") : schemaOfExamples([value, ...others].flat(), "", fields);
    return { type: "array", ...schema, items };
  }
  if (typeof value !== "object") return schema ?? { type: Number.isInteger(value) ? "integer" : typeof value };
  const objects = [value, ...others] as Record<string, unknown>[];
  const properties: Record<string, Schema> = {};
  const required: string[] = [];
  for (const key of new Set(objects.flatMap(Object.keys))) {
    const values = objects.filter((each) => key in each).map((each) => each[key]);
    properties[key] = schemaOfExamples(values, key, fields);
    const isOptional = fields.some((each) => each.name === key && each.required === "no");
    if (values.length === objects.length && !isOptional) required.push(key);
  }
  return { type: examples.includes(null) ? ["object", "null"] : "object", required, properties, ...schema };
}

/** The named schemas. @throws {Error} if fields that share one have different limits. */
export function namedSchemas({ fieldsOfReplies, fieldsOfRefusals, calls }: Specification): Record<string, Schema> {
  const schemas: Record<string, Schema> = {};
  const everywhere = [...fieldsOfReplies, ...[...calls.values()].flatMap(({ inputs }) => inputs)];
  for (const [name, sharers] of Object.entries(NAMED)) {
    const [first, ...others] = sharers.flatMap((sharer) => everywhere.filter((field) => field.name === sharer));
    if (first === undefined) throw irregular("the tables", `a row for \`${sharers[0]}\``);
    const limitsOf = ({ type, limits }: Field) => `${type}, ${limits}`;
    const other = others.find((each) => limitsOf(each) !== limitsOf(first));
    if (other) throw irregular(`\`${other.name}\``, `what it is elsewhere, ${limitsOf(first)}`, limitsOf(other));
    schemas[name] = {
      description: asSentence(first.meaning),
      ...schemaOf(first),
      ...(PASSWORDS.includes(name) && { format: "password" }),
    };
  }
  const { messages } = JSON.parse(calls.get("GET /api/v1/chat")?.reply.example ?? "{}");
  schemas.Message = schemaOfExamples(messages, "", fieldsOfReplies);
  const refusal = Object.fromEntries(fieldsOfRefusals.map(({ name }) => [name, ""]));
  schemas.Problem = schemaOfExamples([refusal], "", fieldsOfRefusals);
  return schemas;
}

/** A reference to a named schema. */
export function named(schema: string): Schema {
  return { $ref: `#/components/schemas/${schema}` };
}

/** The text of a table cell, with a capital letter and a full stop. */
export function asSentence(text: string): string {
  const sentence = text.replace(/^[a-z]/, (letter) => letter.toUpperCase());
  return /[.?]$/.test(sentence) ? sentence : `${sentence}.`;
}
