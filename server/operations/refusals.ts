/**
 * The refusals that several operations share, so that the same mistake gets the same sentence everywhere, and one that
 * is long. Operations throw them, and http/reply/problem.ts turns them into replies. A sentence must never contain what
 * the client sent.
 */
import { Refusal } from "../steps/refusal.ts";

/** 403: this is not the class secret. */
export function wrongSecret(): Refusal {
  return new Refusal(
    403,
    "`secret` is not the class secret. Unless somebody changed it, it is five words with hyphens, all in small letters. Ask the person who runs the server for it.",
    "secret",
  );
}

/** 401: there is no user with this `myId`. */
export function unknownId(): Refusal {
  return new Refusal(401, "No user has this `myId`. Register first, then use the `userId` from the reply.", "myId");
}

/** 403: this is not the user's token. */
export function invalidToken(): Refusal {
  return new Refusal(403, "`myAuth` is not the token of this `myId`. Send the `authToken` from the reply.", "myAuth");
}

/** 404 with an empty body (ruling R8): no user has this handle. The sentence only goes to the log. */
export function noSuchHandle(): Refusal {
  return new Refusal(404, "No user has this `userHandle`.", "userHandle", { emptyBody: true });
}

/** 404: there is no such message, or the user neither sent nor received it. The reply does not say which. */
export function noSuchMessage(): Refusal {
  return new Refusal(404, "You have neither sent nor received a message with this `messageId`.", "messageId");
}

/** 500: a file in the users folder exists but cannot be understood. */
export function unreadableUser(): Refusal {
  return new Refusal(500, "The server cannot read its data about this user. Tell the person who runs the server.");
}

/** A program that tries again by itself should wait a little first. */
const OPEN_RETRY_SECONDS = 5;

/** 429: this user already has the greatest allowed number of open streams or waiting fetches. */
export function tooManyOpen(what: "streams" | "fetches", most: number): Refusal {
  const open = what === "streams" ? `${most} open streams` : `${most} waiting fetches`;
  const sentence = `You already have ${open}. Close one first, and check whether your program opens them in a loop.`;
  return new Refusal(429, sentence, undefined, { retryAfterSeconds: OPEN_RETRY_SECONDS });
}
