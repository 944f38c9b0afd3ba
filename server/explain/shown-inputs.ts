/**
 * Decides how much of a request's inputs a trace may show: the value of an input that the server knows, and only the
 * length of one that is secret or unknown. An unknown input may be a misspelt `myAuth`, and text where a number belongs
 * may be a token in the wrong place.
 */
import type { Inputs } from "../steps/call.ts";
import type { TracedInput } from "./trace.ts";

const TEXTS = new Set(["userHandle", "message", "box", "case"]);
const OTHERS = new Set([
  ...["myId", "messageId", "rotateAuth", "after", "before", "limit", "wait"],
  ...[
    "userId",
    "isPaused",
    "showsTexts",
    "showsBoard",
    "lesson",
    "isMuted",
    "isHidden",
    "isHandUp",
    "isUp",
    "passed",
    "total",
    "port",
  ],
]);
/** Every input of which a trace shows the value. */
export const SHOWN_FIELDS: readonly string[] = [...TEXTS, ...OTHERS];
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
  if (typeof value === "string") {
    if (!TEXTS.has(name) || value.length > MAX_VALUE_CHARACTERS)
      return { name: shownName(name), characters: [...value].length };
    return { name, value };
  }
  const isShown = OTHERS.has(name) && (typeof value === "number" || typeof value === "boolean");
  return isShown ? { name, value } : { name: shownName(name) };
}

/** A long name is not cut: if it ended in a token, the cut name could show the beginning of the token. */
function shownName(name: string): string {
  return name.length > MAX_NAME_CHARACTERS ? `(a name of ${name.length} characters)` : name;
}
