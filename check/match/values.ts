/**
 * The values that a case can use: the class secret, new handles, the users registered for it, and what it kept from
 * replies. fill.ts puts them into requests and expectations.
 */
import type { Json } from "../case.ts";

export type Values = Record<string, Json>;

/** There are so many of these characters that three random ones make an unused handle. */
const [FIRST_IDEOGRAPH, LAST_IDEOGRAPH] = [0x4e00, 0x9fa0];

/** The values that every case begins with. */
export function freshValues(secret: string, url: string): Values {
  const ideograph = () => String.fromCodePoint(FIRST_IDEOGRAPH + randomBelow(LAST_IDEOGRAPH - FIRST_IDEOGRAPH));
  const short = ideograph() + ideograph() + ideograph();
  const { origin, protocol, hostname } = new URL(url);
  return {
    ...withWrongForms("secret", secret),
    new: `new-${chance()}`,
    other: `other-${chance()}`,
    short,
    origin,
    otherOrigin: `${protocol}//${hostname}:1`,
  };
}

/** Six random letters or digits, most likely never used before. */
export function chance(): string {
  return randomBelow(36 ** 6)
    .toString(36)
    .padStart(6, "0");
}

/** A random whole number, also where there is no https: `crypto.getRandomValues` works everywhere. */
function randomBelow(end: number): number {
  const [number = 0] = crypto.getRandomValues(new Uint32Array(1));
  return number % end;
}

/** A user that run-case.ts registered. */
interface CheckUser {
  userId: number;
  authToken: string;
  userHandle: string;
}

/**
 * Adds a user: `{ada.userId}` and so on, and wrong forms that a client may send by mistake, such as the id as a string.
 */
export function keepUser(values: Values, name: string, { userId, authToken, userHandle }: CheckUser): void {
  values[`${name}.userId`] = userId;
  values[`${name}.userIdText`] = String(userId);
  values[`${name}.authToken`] = authToken;
  Object.assign(values, withWrongForms(`${name}.token`, authToken));
  values[`${name}.base64`] = base64(`${userId}:${authToken}`);
  values[`${name}.userHandle`] = userHandle;
}

/** What follows `Authorization: Basic`. */
export function base64(credentials: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(credentials)));
}

const [LEAST, MOST] = [12, 64];

/**
 * A token or a secret, and wrong forms of it: `{secretBeginning}` and so on. Each wrong form has 12-64 characters, so only
 * the comparison can refuse it.
 */
function withWrongForms(name: string, text: string): Values {
  const characters = [...text];
  const other = (character: string | undefined) => (character === "x" ? "y" : "x");
  const changed = [...characters.slice(0, -1), other(characters.at(-1))].join("");
  const beginning = characters.length > LEAST ? characters.slice(0, -1).join("") : changed;
  const and = (more: string) => [...characters.slice(0, MOST - 1), more].join("");
  return {
    [name]: text,
    [`${name}Beginning`]: beginning,
    [`${name}Ending`]: characters.length > LEAST ? characters.slice(1).join("") : changed,
    [`${name}AndMore`]: and(other(characters[MOST - 1])),
    [`${name}AndBlank`]: and(" "),
    [`${name}InOtherLetters`]: inOtherLetters(text) ?? changed,
  };
}

/** Swaps capital and small letters. @returns undefined if there are none. */
function inOtherLetters(text: string): string | undefined {
  const swap = (letter: string) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase());
  const swapped = [...text].map((letter) => (swap(swap(letter)) === letter ? swap(letter) : letter)).join("");
  return swapped === text ? undefined : swapped;
}
