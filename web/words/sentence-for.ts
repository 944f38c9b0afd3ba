/**
 * The sentence for an error on the page. The server's own sentences are in English, for people who write programs. For
 * the errors that someone can meet just by chatting, the catalogues have simpler ones.
 */
import { ChatError, type ChatErrorReason } from "../../client/chat-error.ts";
import { forbiddenIn } from "../chat/message-text.ts";
import { type Phrase, say } from "./language.ts";

/** By status, and by the input that is wrong where that makes a difference. */
const PHRASES: Record<string, Phrase> = {
  "0": "error.noAnswer",
  "400 userHandle": "error.handleLength",
  "400 message": "error.messageLength",
  "400 rejoinCode": "class.wrongCode",
  "401 secret": "error.secretLength",
  "401 myId": "error.unknownUser",
  "403 secret": "error.wrongSecret",
  "403 rejoinCode": "class.wrongCode",
  "403 myAuth": "error.wrongToken",
  "404": "error.nobody",
  "404 messageId": "error.messageGone",
  "409 userHandle": "error.handleTaken",
  "429": "error.tooMany",
  "507": "error.diskFull",
};

/** By what the client found out itself. */
const REASONS: Partial<Record<ChatErrorReason, Phrase>> = {
  "has left": "error.hasLeft",
  "wrong recipient": "error.otherOwner",
  "not taken back": "error.notTakenBack",
};

/** Names the character in a message that the server does not take. Undefined if there is none. */
export function forbiddenSentence(message: string): string | undefined {
  const found = forbiddenIn(message);
  if (found === undefined) return undefined;
  const { name, before } = found;
  return before === ""
    ? say("error.forbiddenFirst", { name })
    : say("error.forbidden", { name, before: `\u2068${before}\u2069` });
}

export function sentenceFor(error: unknown): string {
  if (!(error instanceof ChatError)) return error instanceof Error ? error.message : String(error);
  const { reason, status, field, retryAfterSeconds = 0 } = error;
  const known = REASONS[reason];
  if (known !== undefined) return say(known);
  // Any other 404 without a field is about something that the catalogues have no sentence for.
  if (status === 404 && field === undefined && reason !== "unknown handle") return error.message;
  const phrase = PHRASES[field === undefined ? `${status}` : `${status} ${field}`];
  return phrase === undefined ? error.message : say(phrase, { seconds: retryAfterSeconds });
}
