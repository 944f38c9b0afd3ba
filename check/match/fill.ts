/**
 * Replaces placeholders. `{secret}` is the class secret, `{ada.userId}` is the id of a user, `{ada.base64}` what follows
 * `Basic`, `{secretAndBlank}` and `{ada.tokenAndBlank}` wrong forms (values.ts has them all), `{origin}` the address of the
 * server without a path, `{otherOrigin}` the same on another port, `{first}` a value that was kept, `{new}` an unused
 * handle, `{short}` a new handle of 3 characters, `{n}` the number of a repeated request, `{id.n}` what the request with
 * this number kept as `id`, `{x*65}` the letter x 65 times, `{new*64}` a new handle of 64 characters. If a string is just
 * one placeholder, the value keeps its type: `"{ada.userId}"` becomes a number.
 */
import type { Json } from "../case.ts";
import type { Values } from "./values.ts";

/** @throws {Error} for an unknown placeholder: the case has a mistake. */
export function fill(value: Json, values: Values): Json {
  if (typeof value === "string") return fillText(value, values);
  if (Array.isArray(value)) return value.map((each) => fill(each, values));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [fillInto(name, values), fill(each, values)]));
}

/** The same for text that must stay a string. */
export function fillInto(text: string, values: Values): string {
  return text.replace(new RegExp(PLACEHOLDER, "gu"), (_whole, inner: string) => String(standsFor(inner, values)));
}

/** In JSON, a quote or a blank follows the brace, so JSON text is never mistaken for a placeholder. */
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
  const value = values[name.endsWith(".n") ? `${name.slice(0, -1)}${values.n}` : name];
  if (value === undefined) throw new Error(`There is no value for the placeholder {${name}}`);
  return value;
}
