/**
 * The refusals that several operations share, so that the same mistake gets the same sentence everywhere.
 */
import { Refusal } from "../steps/refusal.ts";

/** 401: there is no user with this `myId`. */
export function unknownId(): Refusal {
  return new Refusal(401, "No user has this `myId`. Register first, and use the `userId` that you get.", "myId");
}

/** 403: the token is not the one of this user. */
export function invalidToken(): Refusal {
  return new Refusal(403, "`myAuth` is not the token of this `myId`. Send the `authToken` that you got.", "myAuth");
}

/** 404 with an empty body (ruling R8): no user has this handle. The sentence goes to the log only. */
export function noSuchHandle(): Refusal {
  return new Refusal(404, "No user has this `userHandle`.", "userHandle", { emptyBody: true });
}

/** 404: there is no such message, or it is neither from nor to the caller, which the reply does not give away. */
export function noSuchMessage(): Refusal {
  return new Refusal(404, "There is no message with this `messageId`, sent or received by you.", "messageId");
}

/** 500: a file of the users folder is there but makes no sense. */
export function unreadableUser(): Refusal {
  return new Refusal(500, "The server cannot read what it keeps about this user. Tell the person who runs it.");
}

/** A client that asks again by itself should not do so at once. */
const OPEN_RETRY_SECONDS = 5;

/** 429: this user has so many streams open already, or so many fetches that wait. */
export function tooManyOpen(what: "streams" | "fetches", most: number): Refusal {
  const open =
    what === "streams" ? `You have ${most} streams open already` : `${most} fetches wait already as this user`;
  const sentence = `${open}; more are not allowed. Close one first, and check whether your program opens them in a loop.`;
  return new Refusal(429, sentence, undefined, { retryAfterSeconds: OPEN_RETRY_SECONDS });
}
