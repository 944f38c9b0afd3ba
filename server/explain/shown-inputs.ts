/**
 * The inputs of a request as they may be shown to others: what the server knows with its value, of what is secret or
 * unknown only how long it is. An unknown input may be a misspelt `myAuth`.
 */
import type { Inputs } from "../steps/call.ts";
import type { TracedInput } from "./trace.ts";

const SHOWN = new Set([
  "myId",
  "userHandle",
  "message",
  "messageId",
  "rotateAuth",
  "after",
  "before",
  "limit",
  "wait",
  "box",
]);
/** A body of 64 KiB can hold thousands of names. */
const MAX_INPUTS = 32;
const MAX_NAME_CHARACTERS = 64;
/** The longest message. */
const MAX_VALUE_CHARACTERS = 4096;

export function shownInputs(inputs: Inputs): TracedInput[] {
  return Object.entries(inputs)
    .slice(0, MAX_INPUTS)
    .map(([name, value]) => shownInput(name, value));
}

function shownInput(name: string, value: unknown): TracedInput {
  if (!SHOWN.has(name)) {
    const shownName = name.slice(0, MAX_NAME_CHARACTERS);
    return typeof value === "string" ? { name: shownName, characters: [...value].length } : { name: shownName };
  }
  if (typeof value === "string") return { name, value: value.slice(0, MAX_VALUE_CHARACTERS) };
  // Lists and objects are never right here, and may be of any size.
  return typeof value === "object" && value !== null ? { name } : { name, value };
}
