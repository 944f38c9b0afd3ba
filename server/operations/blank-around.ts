/**
 * Adds to a 403 what a client cannot see: that the token or the secret it sent has a blank or a line break at one end.
 * `echo` puts a line break after a token, for example. http/answer.ts passes each refusal through here. The hint must
 * depend only on what the client sent, never on the right token.
 */
import type { Call } from "../steps/call.ts";
import { Refusal } from "../steps/refusal.ts";

/** @returns the refusal with a hint if there is one to give, and any other error as it is. */
export function withBlankHint(error: unknown, call: Call): unknown {
  if (!(error instanceof Refusal) || error.status !== 403 || error.field === undefined) return error;
  const sent = call.readInputs()[error.field];
  const hint = typeof sent === "string" ? hintAtBlank(sent) : undefined;
  return hint === undefined ? error : new Refusal(error.status, `${error.message} ${hint}`, error.field);
}

/** @returns a sentence such as "Yours has a line break at its end: leave it out.", or undefined. */
export function hintAtBlank(sent: string): string | undefined {
  // A token with nothing around it stays the same if it is trimmed.
  const before = sent.slice(0, sent.length - sent.trimStart().length);
  const after = sent.slice(sent.trimEnd().length);
  const blank = after === "" ? before : after;
  if (blank === "") return undefined;
  const place = after === "" ? "start" : "end";
  const what = /[\r\n]/.test(blank) ? "line break" : "blank";
  return `Yours has a ${what} at its ${place}: leave it out.`;
}
