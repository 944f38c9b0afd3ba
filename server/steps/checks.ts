/**
 * The checks that operations run on their inputs: is it there, is it an integer, is it a string of the right length.
 * Each check returns the value, or throws a Refusal with a sentence that says how to correct it. A check must not
 * change anything, and its sentence must not contain the value that it refuses, which could be a secret.
 */
import type { Inputs } from "./call.ts";
import { CASE_ID_LENGTH, IDEMPOTENCY_KEY_LENGTH, MAX_ID, TOKEN_LENGTH } from "./limits.ts";
import { LOOKS_LIKE_A_NAME, nearMiss } from "./near-miss.ts";
import { Refusal } from "./refusal.ts";

/** The least and the greatest, both included: of a number, or of the length of a text. */
interface Bounds {
  min: number;
  max: number;
}

/** Checks that an input was sent at all. @throws {Refusal} with `status` if it was not. */
export function mustExist(inputs: Inputs, field: string, status: number): void {
  // For the field "myId", `inputs[field]` is what the client sent as myId.
  if (inputs[field] !== undefined) return;
  // `field` is shown between backquotes. They also begin and end this text, so inside it each needs a backslash.
  throw new Refusal(status, `\`${field}\` is missing.${hintFor(inputs, field)}`, field);
}

/** Checks that at least one of several inputs was sent. @throws {Refusal} with `status` if none was. */
export function mustExistOneOf(inputs: Inputs, fields: readonly string[], status: number): void {
  if (fields.some((field) => inputs[field] !== undefined)) return;
  const hint = fields.map((field) => hintFor(inputs, field)).find((each) => each !== "") ?? "";
  throw new Refusal(status, `Send ${choiceOf(fields)}.${hint}`);
}

function choiceOf(fields: readonly string[]): string {
  const names = fields.map((field) => `\`${field}\``);
  if (names.length === 2) return `${names.join(" or ")}, or both`;
  return `at least one of ${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/**
 * Checks that nothing else was sent, not even an input that no call knows: it could mean that the client wants something
 * else. @param reason why the call takes nothing else, and what to do. @throws {Refusal} with `status`.
 */
export function mustNotHaveOthers(inputs: Inputs, fields: readonly string[], reason: string, status: number): void {
  const other = Object.keys(inputs).find((name) => !fields.includes(name));
  if (other === undefined) return;
  const names = fields.map((field) => `\`${field}\``).join(" and ");
  const field = LOOKS_LIKE_A_NAME.test(other) ? other : undefined;
  const shown = field === undefined ? "another input" : `\`${field}\``;
  throw new Refusal(status, `This call takes only ${names}, but you sent ${shown}. ${reason}`, field);
}

/** Clients sometimes send these inputs under the names that they have in replies, or in other programs. */
const OTHER_NAMES: Record<string, readonly string[]> = {
  myId: ["userId", "id", "user"],
  myAuth: ["authToken", "token", "auth", "password"],
};

/** For somebody who has typed it wrong. It says the same whatever the secret is. */
const LOOK_OF_SECRET = " Unless somebody changed it, it is five words with hyphens, all in small letters.";

/** Names the input that the client may have sent instead of a missing one. */
function hintFor(inputs: Inputs, field: string): string {
  if (field === "myId" && inputs.myAuth === undefined) return hintAtCredentials(inputs);
  const misspelt = nearMiss(inputs, field);
  if (misspelt !== undefined) return ` You sent \`${misspelt}\`: did you mean \`${field}\`?`;
  if (field === "secret") return LOOK_OF_SECRET;
  const other = otherName(inputs, field);
  return other === undefined ? "" : ` You sent \`${other}\`: send your own as \`${field}\`.`;
}

/** For a client that has sent neither `myId` nor `myAuth`: perhaps both, under other names. */
function hintAtCredentials(inputs: Inputs): string {
  const id = nearMiss(inputs, "myId") ?? otherName(inputs, "myId");
  const token = nearMiss(inputs, "myAuth") ?? otherName(inputs, "myAuth");
  const curl =
    "With curl, send both like this: `-u ID:TOKEN`. They are the `userId` and the `authToken` from when you registered.";
  if (id !== undefined && token !== undefined)
    return ` You sent \`${id}\` and \`${token}\`: call them \`myId\` and \`myAuth\`. ${curl}`;
  const sent = id === undefined ? "" : ` You sent \`${id}\`: send your own as \`myId\`.`;
  const alsoMissing =
    token === undefined ? "`myAuth` is missing, too." : `You sent \`${token}\`: send your own as \`myAuth\`.`;
  return `${sent} ${alsoMissing} ${curl}`;
}

function otherName(inputs: Inputs, field: string): string | undefined {
  return OTHER_NAMES[field]?.find((name) => inputs[name] !== undefined);
}

/** Checks that an input is the id of a user or a message: an integer, 1 or more. @throws {Refusal} with `status`. */
export function mustBeId(inputs: Inputs, field: string, status: number): number {
  return mustBeInteger(inputs, field, { min: 1, max: MAX_ID }, status);
}

/** Checks that an input is an integer between two bounds, both included. @throws {Refusal} with `status`. */
export function mustBeInteger(inputs: Inputs, field: string, bounds: Bounds, status: number): number {
  const value = inputs[field];
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= bounds.min && value <= bounds.max) {
    return value;
  }
  const isTooLarge = typeof value === "number" && value > bounds.max;
  const upTo = bounds.max === MAX_ID && !isTooLarge ? `${bounds.min} or more` : `from ${bounds.min} to ${bounds.max}`;
  throw new Refusal(status, `\`${field}\` must be an integer, ${upTo}.${hintForText(inputs, field)}`, field);
}

/** A hint for a client that sent text where a number belongs. */
function hintForText(inputs: Inputs, field: string): string {
  const value = inputs[field];
  if (typeof value !== "string") return "";
  if (/^\d+$/.test(value)) return " You sent a string: in JSON, write a number without quotes.";
  if (/^\d+$/.test(value.trim())) return " There is a blank or a line break around the number: leave it out.";
  if (field === "myId" && value.length >= TOKEN_LENGTH.min && /^\d{1,16}$/.test(String(inputs.myAuth).trim()))
    return " It looks as if you sent your token as `myId` and your id as `myAuth`. The id comes first: ID:TOKEN.";
  return field === "myId" ? " Use the number `userId` that you got when you registered, not your handle." : "";
}

/**
 * Checks that an input is a string of the right length, and that it can be stored and sent as UTF-8.
 * @throws {Refusal} with `status`.
 */
export function mustBeText(inputs: Inputs, field: string, length: Bounds, status: number): string {
  const value = inputs[field];
  const look = field === "secret" ? LOOK_OF_SECRET : "";
  if (typeof value !== "string") throw new Refusal(status, `\`${field}\` must be a string.${look}`, field);
  const characters = countCodePoints(value);
  if (characters < length.min || characters > length.max) {
    throw new Refusal(
      status,
      `\`${field}\` must be ${rangeOf(length)} characters long. Yours has ${characters}.${look}`,
      field,
    );
  }
  if (!value.isWellFormed()) {
    throw new Refusal(status, `\`${field}\` has half a character in it (a lone surrogate).`, field);
  }
  return value;
}

function rangeOf(length: Bounds): string {
  return length.min === length.max ? String(length.min) : `${length.min} to ${length.max}`;
}

/**
 * Checks a handle, and converts it to the form in which it is stored (Unicode's NFC). "é" can be typed as one character
 * or as "e" and an accent, and both must find the same user.
 * @throws {Refusal} with `status`.
 */
export function mustBeHandle(inputs: Inputs, field: string, length: Bounds, status: number): string {
  const typed = mustBeText(inputs, field, length, status);
  const handle = typed.normalize("NFC");
  if (CONTROL_CHARACTER.test(handle)) {
    throw new Refusal(status, `\`${field}\` has a control character in it, such as a line break or a tab.`, field);
  }
  // In NFC, a few characters become longer than they were typed, so check the length again on what will be stored.
  return handle === typed ? handle : mustBeText({ [field]: handle }, field, length, status);
}

/**
 * Checks a handle that somebody chooses. People must be able to tell it from others by eye, and to type it. A handle that
 * somebody looks for may be an older one: mustBeHandle() checks that. @throws {Refusal} with `status`.
 */
export function mustBeNewHandle(inputs: Inputs, field: string, length: Bounds, status: number): string {
  const handle = mustBeHandle(inputs, field, length, status);
  const joined = handle.replace(JOINED, "");
  // `exec` returns a list that begins with the character that it found, or null. From an empty list, `[invisible]` takes
  // undefined.
  const [invisible] = INVISIBLE.exec(joined) ?? [];
  if (invisible !== undefined) {
    throw new Refusal(
      status,
      `\`${field}\` has the character ${codePointOf(invisible)} in it, which is invisible or has no meaning. Leave it out.`,
      field,
    );
  }
  const [blank] = BLANK_AT_AN_END.exec(joined) ?? [];
  if (blank !== undefined) {
    throw new Refusal(status, `\`${field}\` begins or ends with a blank (${codePointOf(blank)}). Leave it out.`, field);
  }
  const [blanks] = TWO_BLANKS.exec(joined) ?? [];
  if (blanks !== undefined) {
    throw new Refusal(
      status,
      `\`${field}\` has two blanks in a row (${[...blanks].map(codePointOf).join(" and ")}). Leave one out.`,
      field,
    );
  }
  return handle;
}

/** The name of a character in Unicode, such as "U+200B". */
function codePointOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/**
 * Checks a message. It may contain line breaks and tabs, but no other control characters: if a client prints those,
 * they could clear the reader's terminal or change its title. @throws {Refusal} with `status`.
 */
export function mustBeMessage(inputs: Inputs, field: string, length: Bounds, status: number): string {
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
 * Checks the header `Idempotency-Key`. It is fine if the client sent none (undefined).
 * @throws {Refusal} with `status`.
 */
export function mustBeIdempotencyKey(key: string | undefined, status: number): string | undefined {
  if (key === undefined || VISIBLE_CHARACTERS.test(key)) return key;
  const { min, max } = IDEMPOTENCY_KEY_LENGTH;
  throw new Refusal(status, `The \`Idempotency-Key\` header must be ${min} to ${max} visible ASCII characters.`);
}

/**
 * Checks the id of a case of the check, such as `register.get-other-token`. The teacher reads it, so only its shape may
 * be free: the server does not know which cases there are. @throws {Refusal} with `status`.
 */
export function mustBeCaseId(inputs: Inputs, field: string, status: number): string {
  const id = mustBeText(inputs, field, CASE_ID_LENGTH, status);
  if (CASE_ID.test(id)) return id;
  throw new Refusal(
    status,
    `\`${field}\` must be the id of a case: small letters and digits, with single hyphens or dots between them.`,
    field,
  );
}

/** How far a stream had come. */
interface StreamPosition {
  eventId: number;
  /** Set if it was still sending the queue as it was at that event: the last message that it sent. */
  messageId: number | undefined;
}

/**
 * Checks the header `Last-Event-ID`. It is fine if the client sent none (undefined), or an empty one, which browsers
 * may send before their first event. @throws {Refusal} with `status`.
 */
export function mustBeEventId(id: string | undefined, status: number): StreamPosition | undefined {
  if (id === undefined || id === "") return undefined;
  // "17" is an event. "17-4" is a message in the queue as it was at that event.
  const [event, message] = id.split("-");
  const eventId = Number(event);
  const messageId = message === undefined ? undefined : Number(message);
  const isInRange = eventId <= MAX_ID && (messageId === undefined || messageId <= MAX_ID);
  if (EVENT_ID.test(id) && isInRange) return { eventId, messageId };
  throw new Refusal(status, "The `Last-Event-ID` header must be the `id:` of an event that you got from this stream.");
}

/**
 * Checks that an input is one of a few words. `Word` stands for the words that the caller gives: with "received", "sent"
 * and "both", TypeScript knows that the result is one of these three, and not just any string.
 * @throws {Refusal} with `status`.
 */
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
 * Checks that no input looks like a misspelt optional one. A misspelt input would have no effect, and nobody would tell
 * the client why: `limt: 5` must not silently give fifty messages. @throws {Refusal} with `status`.
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

// biome-ignore lint/suspicious/noControlCharactersInRegex: these two look for control characters
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f-\u009f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const CONTROL_CHARACTER_BUT_LINE_BREAK_OR_TAB = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

/** Format characters, separators of lines, private use, not assigned. */
const INVISIBLE = /[\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/u;
/** The two joiners, where emoji and the names of some languages need them: between two characters beyond ASCII. */
const JOINED = /(?<=[^\p{ASCII}\u200c\u200d])[\u200c\u200d](?=[^\p{ASCII}\u200c\u200d])/gu;
const BLANK_AT_AN_END = /^\p{Zs}|\p{Zs}$/u;
const TWO_BLANKS = /\p{Zs}{2}/u;

/** One number, or two with a hyphen between them. The greatest possible id has 16 digits. */
const EVENT_ID = /^\d{1,16}(-\d{1,16})?$/;

const CASE_ID = /^[a-z0-9]+([.-][a-z0-9]+)*$/;

/** From "!" to "~" are all visible characters of ASCII. */
const VISIBLE_CHARACTERS = new RegExp(`^[!-~]{${IDEMPOTENCY_KEY_LENGTH.min},${IDEMPOTENCY_KEY_LENGTH.max}}$`);

/**
 * How many characters a text has, as a person would count them. JavaScript stores a character above U+FFFF, such as an
 * emoji, in two halves (a high surrogate and a low one), and `length` counts both. `[...text].length` is right, too, but
 * it first makes a list of all characters, which takes several times as long.
 */
function countCodePoints(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    if (isFirstHalf(text.charCodeAt(i)) && isSecondHalf(text.charCodeAt(i + 1))) {
      count--;
      // The second half is not the beginning of another character.
      i++;
    }
  }
  return count;
}

function isFirstHalf(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isSecondHalf(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
