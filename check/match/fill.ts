/**
 * Fills in placeholders. `{secret}` is the class secret, `{ada.userId}` the id of a user, `{first}` something that was
 * kept, `{new}` a handle that nobody has, `{short}` one of 3 characters, `{n}` the number of a repeated request,
 * `{x*65}` the letter x 65 times, and `{new*64}` such a handle of 64 characters. A string that is nothing but a placeholder
 * becomes what it stands for, with its type: `"{ada.userId}"` becomes a number.
 */
import type { Json } from "../case.ts";
import type { Values } from "./values.ts";

/** @throws {Error} for a placeholder that stands for nothing: a mistake in the case. */
export function fill(value: Json, values: Values): Json {
  if (typeof value === "string") return fillText(value, values);
  if (Array.isArray(value)) return value.map((each) => fill(each, values));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [fillInto(name, values), fill(each, values)]));
}

/** The same for a string that stays one. */
export function fillInto(text: string, values: Values): string {
  return text.replace(new RegExp(PLACEHOLDER, "gu"), (_whole, inner: string) => String(standsFor(inner, values)));
}

/** A brace of JSON has a quote or a blank behind it, so it is never taken for one of these. */
const PLACEHOLDER = String.raw`\{([a-zA-Z][\w.]*|[^\s"{}]+\*\d+)\}`;

function fillText(text: string, values: Values): Json {
  const [, inner] = new RegExp(`^${PLACEHOLDER}$`, "u").exec(text) ?? [];
  return inner === undefined ? fillInto(text, values) : standsFor(inner, values);
}

function standsFor(inner: string, values: Values): Json {
  const [, repeated, times] = /^(.+)\*(\d+)$/u.exec(inner) ?? [];
  if (repeated === undefined) return lookUp(inner, values);
  if (repeated in values) return String(values[repeated]).padEnd(Number(times), "x");
  return repeated.repeat(Number(times));
}

function lookUp(name: string, values: Values): Json {
  const value = values[name];
  if (value === undefined) throw new Error(`There is nothing that {${name}} could stand for`);
  return value;
}
