/**
 * The questions that an operation asks of its inputs: does it exist, is it an integer, is it a string of so many
 * characters. Each check answers with the value, or throws a Refusal with a sentence that says how to mend it.
 * A check never changes anything, and never puts a value that it refuses into its sentence: it might be a secret.
 */
import type { Inputs } from "./call.ts";
import { IDEMPOTENCY_KEY_LENGTH, MAX_ID, SECRET_LENGTH } from "./limits.ts";
import { nearMiss } from "./near-miss.ts";
import { Refusal } from "./refusal.ts";

/** Checks that an input was sent at all. @throws {Refusal} with `status` where it was not. */
export function mustExist(inputs: Inputs, field: string, status: number): void {
  if (inputs[field] !== undefined) return;
  throw new Refusal(status, `\`${field}\` is missing.${hintFor(inputs, field)}`, field);
}

/** Checks that at least one of several inputs was sent. @throws {Refusal} with `status` where none was. */
export function mustExistOneOf(inputs: Inputs, fields: readonly string[], status: number): void {
  if (fields.some((field) => inputs[field] !== undefined)) return;
  const hint = fields.map((field) => hintFor(inputs, field)).find((each) => each !== "") ?? "";
  throw new Refusal(status, `Send ${fields.map((field) => `\`${field}\``).join(" or ")}, or both.${hint}`);
}

/** Checks that an input was not sent, because it would mean something else here. @throws {Refusal} with `status`. */
export function mustNotExist(inputs: Inputs, field: string, sentence: string, status: number): void {
  if (inputs[field] !== undefined) throw new Refusal(status, sentence, field);
}

/** A reply names the ids of its user otherwise than the next request does, so they are sent under the wrong name. */
const NAMES_IN_REPLIES: Record<string, string> = { myId: "userId", myAuth: "authToken" };

/** What the client may have sent instead of a missing input. */
function hintFor(inputs: Inputs, field: string): string {
  const misspelt = nearMiss(inputs, field);
  if (misspelt !== undefined) return ` You sent \`${misspelt}\`: did you mean \`${field}\`?`;
  const inReply = NAMES_IN_REPLIES[field];
  if (inReply === undefined || inputs[inReply] === undefined) return "";
  return ` You sent \`${inReply}\`: your own goes in as \`${field}\`.`;
}

/** Checks that an input is the id of a user or a message: an integer from 1. @throws {Refusal} with `status`. */
export function mustBeId(inputs: Inputs, field: string, status: number): number {
  return mustBeInteger(inputs, field, { min: 1, max: MAX_ID }, status);
}

/** Checks that an input is an integer between two bounds, both included. @throws {Refusal} with `status`. */
export function mustBeInteger(
  inputs: Inputs,
  field: string,
  bounds: { min: number; max: number },
  status: number,
): number {
  const value = inputs[field];
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= bounds.min && value <= bounds.max) {
    return value;
  }
  const isTooGreat = typeof value === "number" && value > bounds.max;
  const upTo = bounds.max === MAX_ID && !isTooGreat ? `${bounds.min} or more` : `from ${bounds.min} to ${bounds.max}`;
  throw new Refusal(status, `\`${field}\` must be an integer, ${upTo}.${hintForText(field, value)}`, field);
}

/** What may be meant by a text where a number belongs. */
function hintForText(field: string, value: unknown): string {
  if (typeof value !== "string") return "";
  if (/^\d+$/.test(value)) return " You sent it as a string: in JSON, a number stands without quotes.";
  return field === "myId" ? " It is the number `userId` that registering gave you, not your handle." : "";
}

/**
 * Checks that an input is a string of so many characters, all of which can be stored and sent as UTF-8.
 * @throws {Refusal} with `status`.
 */
export function mustBeText(
  inputs: Inputs,
  field: string,
  length: { min: number; max: number },
  status: number,
): string {
  const value = inputs[field];
  if (typeof value !== "string") throw new Refusal(status, `\`${field}\` must be a string.`, field);
  const characters = countCodePoints(value);
  if (characters < length.min || characters > length.max) {
    throw new Refusal(
      status,
      `\`${field}\` must be ${length.min} to ${length.max} characters long. Yours has ${characters}.`,
      field,
    );
  }
  if (!value.isWellFormed()) {
    throw new Refusal(status, `\`${field}\` has half a character in it (a lone surrogate).`, field);
  }
  return value;
}

/** Why nobody can register with a class secret that was written by hand, or undefined when it is fine. */
export function problemOfSecret(secret: string | undefined): string | undefined {
  if (secret === undefined) return "The class secret cannot be read: nobody can register.";
  if (CONTROL_CHARACTER.test(secret)) return "The class secret has a line break in it: nobody can register.";
  const { min, max } = SECRET_LENGTH;
  const characters = countCodePoints(secret);
  if (characters >= min && characters <= max) return undefined;
  return `The class secret must be ${min} to ${max} characters long, and has ${characters}: nobody can register.`;
}

/**
 * Checks a handle, and brings it into the one form under which it is stored: "é" can be typed as one character or as
 * "e" and an accent, and both must find the same user (Unicode's form NFC).
 * @throws {Refusal} with `status`.
 */
export function mustBeHandle(
  inputs: Inputs,
  field: string,
  length: { min: number; max: number },
  status: number,
): string {
  const typed = mustBeText(inputs, field, length, status);
  const handle = typed.normalize("NFC");
  if (CONTROL_CHARACTER.test(handle)) {
    throw new Refusal(status, `\`${field}\` has a control character in it, such as a line break or a tab.`, field);
  }
  // The form NFC of a few characters is longer than what was typed, so the length is checked on what will be stored.
  return handle === typed ? handle : mustBeText({ [field]: handle }, field, length, status);
}

/**
 * Checks a message. Line breaks and tabs belong in messages; other control characters do not: printed by a client,
 * they could clear the reader's terminal or retitle it. @throws {Refusal} with `status`.
 */
export function mustBeMessage(
  inputs: Inputs,
  field: string,
  length: { min: number; max: number },
  status: number,
): string {
  const message = mustBeText(inputs, field, length, status);
  if (CONTROL_CHARACTER_BUT_LINE_BREAK_OR_TAB.test(message)) {
    throw new Refusal(
      status,
      `\`${field}\` has a control character in it. Only line breaks and tabs are allowed.`,
      field,
    );
  }
  return message;
}

/**
 * Checks the header `Idempotency-Key`. Undefined, where the client sent none, is fine.
 * @throws {Refusal} with `status`.
 */
export function mustBeIdempotencyKey(key: string | undefined, status: number): string | undefined {
  if (key === undefined || VISIBLE_CHARACTERS.test(key)) return key;
  const { min, max } = IDEMPOTENCY_KEY_LENGTH;
  throw new Refusal(status, `The header \`Idempotency-Key\` must be ${min} to ${max} visible ASCII characters.`);
}

/** How far a stream was. */
export interface StreamPosition {
  eventId: number;
  /** It was still telling what had been in the queue at that event, and had come to this message. */
  messageId: number | undefined;
}

/**
 * Checks the header `Last-Event-ID`. Undefined, where the client sent none, is fine; so is an empty one, which browsers
 * may send before they have got an event. @throws {Refusal} with `status`.
 */
export function mustBeEventId(id: string | undefined, status: number): StreamPosition | undefined {
  if (id === undefined || id === "") return undefined;
  const [, eventId, messageId] = /^(\d{1,16})(?:-(\d{1,16}))?$/.exec(id) ?? [];
  const position = { eventId: Number(eventId), messageId: messageId === undefined ? undefined : Number(messageId) };
  if (position.eventId <= MAX_ID && (position.messageId ?? 0) <= MAX_ID) return position;
  throw new Refusal(status, "The header `Last-Event-ID` must be the `id:` of an event that you got from this stream.");
}

/** Checks that an input is one of a few words. @throws {Refusal} with `status`. */
export function mustBeOneOf<Word extends string>(
  inputs: Inputs,
  field: string,
  words: readonly Word[],
  status: number,
): Word {
  const word = words.find((each) => each === inputs[field]);
  if (word === undefined) {
    throw new Refusal(status, `\`${field}\` must be one of: ${words.map((each) => `"${each}"`).join(", ")}.`, field);
  }
  return word;
}

/** Checks that an input is true or false. @throws {Refusal} with `status`. */
export function mustBeBoolean(inputs: Inputs, field: string, status: number): boolean {
  const value = inputs[field];
  if (typeof value !== "boolean")
    throw new Refusal(status, `\`${field}\` must be true or false, in small letters and without quotes.`, field);
  return value;
}

/**
 * Checks that no input looks like a misspelt optional one. An optional input that is not read has no effect, and the
 * client would wonder why: `limt: 5` must not silently give fifty messages. @throws {Refusal} with `status`.
 */
export function mustNotMisspell(inputs: Inputs, optionalFields: readonly string[], status: number): void {
  for (const field of optionalFields) {
    if (inputs[field] !== undefined) continue;
    const misspelt = nearMiss(inputs, field);
    if (misspelt !== undefined) {
      throw new Refusal(status, `There is no input \`${misspelt}\`. Did you mean \`${field}\`?`, misspelt);
    }
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is what these two are for
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f-\u009f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const CONTROL_CHARACTER_BUT_LINE_BREAK_OR_TAB = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

const VISIBLE_CHARACTERS = new RegExp(`^[!-~]{${IDEMPOTENCY_KEY_LENGTH.min},${IDEMPOTENCY_KEY_LENGTH.max}}$`);

function countCodePoints(text: string): number {
  let count = text.length;
  // A character beyond U+FFFF is two units long in JavaScript: a high surrogate and a low one. Count such a pair once.
  for (let i = 0; i < text.length - 1; i++) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      count--;
      i++;
    }
  }
  return count;
}
