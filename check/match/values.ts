/**
 * What a case may speak of: the class secret, handles that nobody has, the users that were registered for it, and what it
 * has kept of replies. fill.ts puts it in.
 */
import { randomInt } from "node:crypto";
import type { Json } from "../case.ts";

export type Values = Record<string, Json>;

/** There are enough of them that three make a handle which nobody has. */
const [FIRST_IDEOGRAPH, LAST_IDEOGRAPH] = [0x4e00, 0x9fa0];

/** Values for one case. */
export function freshValues(secret: string): Values {
  const ideograph = () => String.fromCodePoint(randomInt(FIRST_IDEOGRAPH, LAST_IDEOGRAPH));
  const short = ideograph() + ideograph() + ideograph();
  return { secret, new: `new-${chance()}`, other: `other-${chance()}`, short };
}

/** Six letters or digits that nobody has used before, in all likelihood. */
export function chance(): string {
  return randomInt(36 ** 6)
    .toString(36)
    .padStart(6, "0");
}

/** A user who was registered. */
export interface CheckUser {
  userId: number;
  authToken: string;
  userHandle: string;
}

/** Lets a case speak of a user: `{ada.userId}`, and what a client may send by mistake, the id as a text for instance. */
export function keepUser(values: Values, name: string, { userId, authToken, userHandle }: CheckUser): void {
  values[`${name}.userId`] = userId;
  values[`${name}.userIdText`] = String(userId);
  values[`${name}.authToken`] = authToken;
  values[`${name}.tokenBeginning`] = authToken.slice(0, -1);
  values[`${name}.tokenInOtherLetters`] = inOtherLetters(authToken);
  values[`${name}.userHandle`] = userHandle;
}

/** With capital letters for small ones and the other way round. A token without letters is cut short instead. */
function inOtherLetters(token: string): string {
  const small = token.toLowerCase();
  const swapped = [...token].map((letter, i) => (letter === small[i] ? letter.toUpperCase() : small[i])).join("");
  return swapped === token ? token.slice(0, -1) : swapped;
}
