/**
 * Gathers the inputs of a request (ruling R7) from the JSON body, which any method may have, from the query string, and
 * from `Authorization: Basic`. An operation gets one object and does not know which of the three an input came from.
 */
import { isUtf8 } from "node:buffer";
import type { Inputs } from "../../steps/call.ts";
import { LOOKS_LIKE_A_NAME } from "../../steps/near-miss.ts";
import { Refusal } from "../../steps/refusal.ts";
import { parseJsonObject } from "./json-object.ts";
import { wrongByte } from "./wrong-byte.ts";

/** Inputs that are numbers in JSON. A query string has only text, so digits become a number there. */
const INTEGERS = new Set(["myId", "userId", "messageId", "after", "before", "limit", "wait", "lesson"]);
const BOOLEANS = new Set([
  "rotateAuth",
  "isPaused",
  "showsTexts",
  "showsBoard",
  "isMuted",
  "isHidden",
  "isHandUp",
  "isUp",
]);
/** URLs are shown, logged and kept in histories, so they must not contain anything secret. */
const NEVER_IN_A_URL = ["secret", "myAuth", "teacherKey", "rejoinCode"];

interface InputSources {
  body: unknown;
  query: unknown;
  authorization: string | undefined;
  /** Whether only the teacher may make this call. Then the key may be in `Authorization: Bearer`. */
  isForTeacher?: boolean | undefined;
}

/** @returns undefined if nothing was sent. @throws {Refusal} 400 if something cannot be read, or one input is given twice with different values. */
export function gatherInputs({ body, query, authorization, isForTeacher }: InputSources): Inputs | undefined {
  const fromBody = Buffer.isBuffer(body) && body.length > 0 ? parseJsonObject(body) : undefined;
  const fromQuery = typeof query === "object" && query !== null ? readQuery(query) : undefined;
  const fromHeader = authorization === undefined ? undefined : readAuthorization(authorization, isForTeacher === true);
  // Almost every request has only a body. Then there is nothing to merge.
  if (fromQuery === undefined && fromHeader === undefined) return fromBody;
  const inputs: Inputs = { ...fromBody };
  merge(inputs, fromQuery ?? {}, "in the URL");
  merge(inputs, fromHeader ?? {}, "in `Authorization`");
  return inputs;
}

/**
 * Whatever can be read of the inputs, for a trace. It refuses nothing, and so must never decide anything: an operation
 * may refuse the same request because of a mistake in another part of it.
 */
export function readableInputs({ body, query, authorization }: InputSources): Inputs {
  const fromQuery = Object.entries(query ?? {}).map(([name, value]) => [
    name,
    fromText(name, String([value].flat()[0])),
  ]);
  return {
    ...Object.fromEntries(fromQuery),
    ...ifReadable(
      () => (Buffer.isBuffer(body) ? parseJsonObject(body) : {}),
      () => nameIn(String(body)),
    ),
    ...ifReadable(
      () => (authorization === undefined ? {} : readBasic(authorization)),
      // Without base64, as a beginner may write it.
      () => nameIn(authorization?.replace(/^(?:basic|bearer)? *(\d+):.*/i, "myId=$1") ?? ""),
    ),
  };
}

function ifReadable(read: () => Inputs, otherwise: () => Inputs): Inputs {
  try {
    return read();
  } catch {
    return otherwise();
  }
}

/** More would cost time, and the name of a sender is at the front. */
const MAX_SEARCHED_CHARACTERS = 4096;
/** `"myId": 7`, `myId: 7` or `myId=7`, and the same with a handle. */
const NAMES = /["']?\b(myId|userHandle)["']?\s*[:=]\s*(?:["']?(\d{1,16})\b|["']([^"'\n]{1,64})["'])/g;

/**
 * Who a text says it is from, although it cannot be read: a body that is not JSON, or bytes that are not HTTP. Of two
 * different names it finds none.
 */
export function nameIn(text: string): Inputs {
  const found: Inputs = {};
  for (const [, name = "", id, handle] of text.slice(0, MAX_SEARCHED_CHARACTERS).matchAll(NAMES)) {
    const value = name === "myId" ? Number(id) : (handle ?? id);
    if (value === undefined || Number.isNaN(value)) continue;
    if (found[name] !== undefined && found[name] !== value) return {};
    found[name] = value;
  }
  // Who asks for somebody has an id. A handle alone is the one that somebody wants.
  return found.myId === undefined ? found : { myId: found.myId };
}

function readQuery(query: object): Inputs | undefined {
  const inputs: Inputs = {};
  let isEmpty = true;
  for (const [name, value] of Object.entries(query)) {
    isEmpty = false;
    if (NEVER_IN_A_URL.includes(name)) {
      throw new Refusal(
        400,
        `Never send \`${name}\` in a URL: URLs end up in logs. Send it in the JSON body${
          name === "myAuth" ? ", or with `Authorization: Basic` (curl -u)" : ""
        }.`,
        name,
      );
    }
    const values: unknown[] = Array.isArray(value) ? value : [value];
    if (values.some((each) => each !== values[0])) throw givenTwice(name, "both in the URL");
    inputs[name] = fromText(name, String(values[0]));
  }
  return isEmpty ? undefined : inputs;
}

function readAuthorization(authorization: string, isForTeacher: boolean): Inputs {
  const [, teacherKey] = (isForTeacher && /^bearer +([\x21-\x7e]+)$/i.exec(authorization)) || [];
  return teacherKey === undefined ? readBasic(authorization) : { teacherKey };
}

/** Reads `Authorization: Basic base64(myId:myAuth)`, as RFC 7617 defines it and `curl -u` sends it. */
function readBasic(authorization: string): Inputs {
  const encoded = /^basic +([A-Za-z0-9+/_-]+={0,2})$/i.exec(authorization)?.[1];
  if (encoded === undefined) {
    const asItIs = /^basic +\d+:/i.test(authorization) ? " You sent it as it is, without base64." : "";
    throw new Refusal(
      400,
      `The \`Authorization\` header must be \`Basic\`, then the base64 of ID:TOKEN, your \`myId\` and \`myAuth\` (curl -u does this).${asItIs}`,
    );
  }
  const bytes = Buffer.from(encoded, "base64");
  if (!isUtf8(bytes)) {
    throw new Refusal(
      400,
      `\`Authorization: Basic\` must be the base64 of ID:TOKEN, your \`myId\` and \`myAuth\` (curl -u does this). Yours is the base64 of something that is not text: ${wrongByte(bytes)}.`,
    );
  }
  const decoded = bytes.toString();
  const colon = decoded.indexOf(":");
  if (colon === -1) {
    throw new Refusal(
      400,
      "`Authorization: Basic` must be the base64 of ID:TOKEN, your `myId` and `myAuth` (curl -u does this). Yours is the base64 of a text without a colon.",
    );
  }
  return { myId: fromText("myId", decoded.slice(0, colon)), myAuth: decoded.slice(colon + 1) };
}

function fromText(name: string, text: string): unknown {
  if (INTEGERS.has(name) && /^-?\d+$/.test(text)) return Number(text);
  if (BOOLEANS.has(name) && (text === "true" || text === "false")) return text === "true";
  return text;
}

function merge(inputs: Inputs, more: Inputs, where: string): void {
  for (const [name, value] of Object.entries(more)) {
    if (Object.hasOwn(inputs, name) && inputs[name] !== value) throw givenTwice(name, `once ${where}`);
    inputs[name] = value;
  }
}

function givenTwice(name: string, where: string): Refusal {
  const field = LOOKS_LIKE_A_NAME.test(name) ? name : undefined;
  const shown = field === undefined ? "An input" : `\`${field}\``;
  return new Refusal(400, `${shown} was sent twice with different values (${where}). Send it once.`, field);
}
