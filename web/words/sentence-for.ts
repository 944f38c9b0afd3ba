/**
 * The sentence for an error on the page. The server's own sentences are in English, for people who write programs. For
 * the errors that someone can meet just by chatting, the catalogues have simpler ones.
 */
import { ChatError, type ChatErrorReason } from "../../client/chat-error.ts";
import { forbiddenIn } from "../chat/message-text.ts";
import { type Phrase, say } from "./language.ts";

/** By the step where the server stopped, where status and input do not say enough. */
const STEPS: Record<string, Phrase> = {
  "chat.post.3.2": "error.mayNotWrite",
  "chat.patch.3.2": "error.mayNotWrite",
  "chat.patch.4.2": "error.notYours",
  "register.post.3.1": "error.likeTeacher",
  "register.patch.3.2": "error.likeTeacher",
  "pupils.patch.4.3": "error.likeTeacher",
  "stream.get.4": "error.tooManyOpen",
  "chat.get.7": "error.tooManyOpen",
  "checks.post.4.1": "learn.ownPort",
  "checks.post.4.2": "learn.addressNotChecked",
  "checks.post.4.3": "learn.checkRuns",
  "checks.post.4.4": "learn.checkWaits",
  "checks.get.4.1": "learn.noCheck",
  "archives.post.1.4": "teacher.wrongLabel",
  "archives.post.4": "teacher.isEnding",
  "archives.post.5": "teacher.nobodyYet",
  "archives.post.6.1": "teacher.isEnding",
  "open.post.1.6": "teacher.wrongLabel",
  "open.post.4": "teacher.isEnding",
  "open.post.5.1": "teacher.noArchive",
  "open.post.5.2": "teacher.archiveInUse",
  "open.post.6.1": "teacher.isEnding",
};

/** By status, and by the input that is wrong where that makes a difference. */
const PHRASES: Record<string, Phrase> = {
  "0": "error.noAnswer",
  "400 userHandle": "error.handleLength",
  "400 message": "error.messageLength",
  "400 rejoinCode": "class.wrongCode",
  "400 secret": "error.secretLength",
  "401 secret": "error.secretLength",
  "401 myId": "error.unknownUser",
  "403 secret": "error.wrongSecret",
  "403 rejoinCode": "class.wrongCode",
  "403 myAuth": "error.wrongToken",
  "403 teacherKey": "error.wrongKey",
  "404": "error.notHere",
  "404 userHandle": "error.nobody",
  "404 userId": "error.nobody",
  "404 messageId": "error.messageGone",
  "409": "error.noTeacher",
  "409 userHandle": "error.handleTaken",
  "422": "error.keyUsed",
  "429": "error.tooMany",
  "500": "error.serverFault",
  "502": "error.noAnswer",
  "503": "error.busy",
  "504": "error.noAnswer",
  "507": "error.diskFull",
};

/** By what the client found out itself. */
const REASONS: Partial<Record<ChatErrorReason, Phrase>> = {
  "unknown handle": "error.nobody",
  "has left": "error.hasLeft",
  "wrong recipient": "error.otherOwner",
  "not taken back": "error.notTakenBack",
  "outcome unknown": "error.unknownOutcome",
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

/** Never the server's sentence alone: the page may be in another language. */
export function sentenceFor(error: unknown): string {
  if (!(error instanceof ChatError)) return error instanceof Error ? error.message : String(error);
  const { reason, step = "", status, field, retryAfterSeconds = 0 } = error;
  const phrase = REASONS[reason] ?? STEPS[step] ?? PHRASES[field === undefined ? `${status}` : `${status} ${field}`];
  if (phrase !== undefined) return say(phrase, { seconds: retryAfterSeconds });
  return say(reason === "strange reply" ? "error.strange" : "error.refused", { detail: error.message });
}
