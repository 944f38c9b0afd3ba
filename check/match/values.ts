/**
 * The values that a case can use: the class secret, new handles, the users registered for it, and what it kept from
 * replies. fill.ts puts them into requests and expectations.
 */
import type { Json } from "../case.ts";

export type Values = Record<string, Json>;

/** There are so many of these characters that three random ones make an unused handle. */
const [FIRST_IDEOGRAPH, LAST_IDEOGRAPH] = [0x4e00, 0x9fa0];

/** The values that every case begins with. */
export function freshValues(secret: string): Values {
  const ideograph = () => String.fromCodePoint(FIRST_IDEOGRAPH + randomBelow(LAST_IDEOGRAPH - FIRST_IDEOGRAPH));
  const short = ideograph() + ideograph() + ideograph();
  return { secret, new: `new-${chance()}`, other: `other-${chance()}`, short };
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
  values[`${name}.tokenBeginning`] = authToken.slice(0, -1);
  values[`${name}.tokenInOtherLetters`] = inOtherLetters(authToken);
  values[`${name}.userHandle`] = userHandle;
}

/** Swaps capital and small letters. A token without letters loses its last character instead. */
function inOtherLetters(token: string): string {
  const small = token.toLowerCase();
  const swapped = [...token].map((letter, i) => (letter === small[i] ? letter.toUpperCase() : small[i])).join("");
  return swapped === token ? token.slice(0, -1) : swapped;
}
