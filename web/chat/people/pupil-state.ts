/**
 * What the teacher has decided for the class and for this user, as the stream tells it in class mode. The page shows it
 * where one writes. pupil-in-class.ts keeps it.
 */
import type { ChatEvent } from "../../../client/types.ts";
import type { Phrase } from "../../words/language.ts";

export type ClassNews = ChatEvent & { type: "class" };

/** Empty until the stream has said something, and outside class mode. */
export type PupilState = Readonly<Omit<ClassNews, "type">>;

/** @param news may say only what has changed. */
export function stateAfter(before: PupilState, { type: _, ...news }: ClassNews): PupilState {
  return { ...before, ...news };
}

/** Why the server would refuse a message. Undefined if it would not. */
export function whyNoWriting({ isPaused, isMuted }: PupilState, isTeacher: boolean): Phrase | undefined {
  if (isTeacher) return undefined;
  // Someone who is muted stays so when the class goes on.
  if (isMuted === true) return "class.muted";
  return isPaused === true ? "class.paused" : undefined;
}
