/**
 * Finds the call that a refused request was probably meant for. A lookup that was sent with POST has a `myId`, which a
 * registration does not read, and everything that a lookup needs. http/answer.ts passes each refusal through here. The
 * hint must never lead to leaving for good, which cannot be undone.
 */
import type { Call, Inputs } from "../steps/call.ts";
import { Refusal } from "../steps/refusal.ts";
import { ROUTES, type Route } from "./routes.ts";

interface Reads {
  /** What a client wants with this call. Missing if the hint must not lead to it. */
  what?: string;
  required: readonly string[];
  optional?: readonly string[];
}

const ME = ["myId", "myAuth"];

/** What each call reads, as in docs/spec.md. */
export const READS: Record<string, Reads> = {
  "register.post": { what: "a registration", required: ["secret", "userHandle"] },
  "register.get": { what: "a lookup", required: [...ME, "userHandle"] },
  "register.patch": { what: "a change of your token", required: [...ME, "rotateAuth"], optional: ["userHandle"] },
  "register.delete": { required: ME },
  "users.get": { what: "a list of users", required: ME, optional: ["after", "limit"] },
  "chat.post": { what: "a message", required: [...ME, "userHandle", "message"] },
  "chat.get": { what: "a fetch", required: ME, optional: ["userHandle", "box", "after", "before", "limit", "wait"] },
  "chat.patch": { what: "an edit", required: [...ME, "messageId", "message"] },
  "chat.delete": { what: "a removal", required: [...ME, "messageId"] },
  "hand.patch": { required: [...ME, "isUp"] },
  "progress.patch": { required: [...ME, "lesson", "passed", "total"], optional: ["case"] },
  "progress.get": { required: ME },
  "checks.post": { required: [...ME, "port", "lesson", "secret"] },
  "checks.get": { required: ME },
  "rejoin.post": { required: ["userHandle", "rejoinCode"] },
  "teacher.post": { required: ["teacherKey", "userHandle"] },
  "class.patch": { required: ["teacherKey"], optional: ["isPaused", "showsTexts", "lesson", "showsBoard"] },
  "pupils.get": { required: ["teacherKey"] },
  "pupils.patch": {
    required: ["teacherKey", "userId"],
    optional: ["isMuted", "isHidden", "isHandUp", "userHandle"],
  },
  "pupils.delete": { required: ["teacherKey", "userId"] },
  "codes.post": { required: ["teacherKey", "userId"] },
  "messages.post": { required: ["teacherKey", "message"] },
  "messages.delete": { required: ["teacherKey", "messageId"] },
  "export.get": { required: ["teacherKey"] },
  "archives.get": { required: ["teacherKey"] },
  "archives.post": { required: ["teacherKey"], optional: ["label"] },
  "open.post": { required: ["teacherKey", "archive"], optional: ["label"] },
  "stream.get": { what: "a stream", required: ME, optional: ["box", "after"] },
};

/** Adds a hint to a refusal, if the inputs fit another call and not this one. @returns any other error as it is. */
export function withHint(error: unknown, route: Route, call: Call): unknown {
  if (!(error instanceof Refusal)) return error;
  // At the first step there are no inputs yet, and after the first group all of them are right.
  const isAboutInputs = call.step.startsWith(`${route.id}.1.`) && call.step !== `${route.id}.1.1`;
  if (!isAboutInputs) return error;
  const hint = hintAtOtherCall(route, call.readInputs());
  return hint === undefined ? error : new Refusal(error.status, `${error.message} ${hint}`, error.field);
}

/** @returns a sentence such as "This looks like a lookup: send it with GET.", or undefined if no other call fits. */
export function hintAtOtherCall(route: { id: string; path: string }, inputs: Inputs): string | undefined {
  const { id, path } = route;
  const sent = Object.keys(inputs).filter((name) => inputs[name] !== undefined);
  const fitting = ROUTES.filter((other) => other.id !== id && fits(other.id, sent));
  const ofSamePath = fitting.find((other) => other.path === path);
  // If this call reads everything that was sent, something is missing. Only if all is missing, it is another call.
  const isForAnother = sent.some((name) => !namesOf(id).includes(name));
  // With the credentials alone, it could be any call of another address.
  const ofOtherPath = fitting.find((other) => needs(other.id).length > 0);
  let best: Route | undefined;
  if (isForAnother) best = ofSamePath ?? ofOtherPath;
  else if (lacksAll(id, sent)) best = ofSamePath;
  if (best === undefined) return undefined;
  const where = best.path === path ? "" : ` to ${best.path}`;
  return `This looks like ${READS[best.id]?.what}: send it with ${best.method}${where}.`;
}

/** Whether a call could be made with exactly these inputs. */
function fits(id: string, sent: readonly string[]): boolean {
  const { what, required = [] } = READS[id] ?? {};
  return (
    what !== undefined &&
    required.every((name) => sent.includes(name)) &&
    sent.every((name) => namesOf(id).includes(name))
  );
}

/** Whether at least two inputs are missing, and all that the call needs besides the credentials. */
function lacksAll(id: string, sent: readonly string[]): boolean {
  const needed = needs(id);
  return needed.length > 1 && needed.every((name) => !sent.includes(name));
}

/** What a call needs besides the credentials. */
function needs(id: string): readonly string[] {
  return READS[id]?.required.filter((name) => !ME.includes(name)) ?? [];
}

function namesOf(id: string): readonly string[] {
  const { required = [], optional = [] } = READS[id] ?? {};
  return [...required, ...optional];
}
