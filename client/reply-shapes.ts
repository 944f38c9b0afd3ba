/**
 * What each reply must look like. docs/spec.md describes the same fields.
 */
import {
  anything,
  boolean,
  caseId,
  count,
  handle,
  id,
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  text,
  time,
  token,
  yes,
} from "./shape.ts";
import type { ClassEvent, Excerpt, FileTouch, Gone, Trace, TracedInput, TracedSender, TracedStep } from "./trace.ts";
import type { ChatEvent, Classroom, ClassState, ClassUser, LessonProgress, Message, Progress, User } from "./types.ts";

export const registered = object<{ userId: number; authToken: string }>({ userId: id, authToken: token });
export const userId = object<{ userId: number }>({ userId: id });

/** A pupil who comes back with a rejoin code. */
export const rejoined = object<{ userId: number; userHandle: string; authToken: string }>({
  userId: id,
  userHandle: handle,
  authToken: token,
});
export const hand = object<{ userId: number; isUp: boolean }>({ userId: id, isUp: boolean });
export const lessonProgress = object<LessonProgress>({
  lesson: id,
  case: optional(caseId),
  passed: count,
  total: count,
  since: time,
  passedAt: optional(time),
});
export const progress = object<Progress>({ lesson: optional(id), lessons: list(lessonProgress) });

const user = object<User>({ userId: id, userHandle: text, isTeacher: optional(yes) });
export const users = object<{ users: User[] }>({ users: list(user) });

const message = object<Message>({
  messageId: id,
  fromId: id,
  fromHandle: text,
  toId: id,
  toHandle: text,
  message: text,
  sentAt: time,
  editedAt: optional(time),
  isTeacher: optional(yes),
  isToAll: optional(yes),
});
export const queue = object<{ myId: number; messages: Message[] }>({ myId: id, messages: list(message) });
export const sent = object<{ userId: number; messageId: number; sentAt: string }>({
  userId: id,
  messageId: id,
  sentAt: time,
});
export const edited = object<{ messageId: number; editedAt: string }>({ messageId: id, editedAt: time });
export const removed = object<{ messageId: number }>({ messageId: id });

/** The data of the events in a stream, by their names. */
export const events: { [Type in ChatEvent["type"]]: ReturnType<typeof object<object>> } = {
  message,
  edit: message,
  delete: object<{ messageId: number; fromId: number; toId: number }>({ messageId: id, fromId: id, toId: id }),
  leave: userId,
  reset: object({}),
  class: object<Partial<ClassState> & { isMuted?: boolean; isHandUp?: boolean }>({
    isPaused: optional(boolean),
    showsTexts: optional(boolean),
    showsBoard: optional(yes),
    lesson: optional(count),
    isMuted: optional(boolean),
    isHandUp: optional(boolean),
  }),
};

const excerpt = object<Excerpt>({ bytes: count, from: count, text: nullable(text) });
const file = object<FileTouch>({
  path: text,
  did: oneOf("looked for", "read", "created", "appended to", "changed", "removed"),
  before: nullable(excerpt),
  after: nullable(excerpt),
});
const input = object<TracedInput>({ name: text, value: optional(anything), characters: optional(count) });
const sender = object<TracedSender>({ userId: optional(id), userHandle: optional(text), proved: boolean });
const step = object<TracedStep>({
  id: text,
  sentence: text,
  source: object<TracedStep["source"]>({ file: text, line: count, code: text }),
  outcome: oneOf("pass", "stop", "not reached"),
  milliseconds: nullable(number),
  compared: optional(
    object<{ given: number; kept: number; equal: boolean }>({ given: count, kept: count, equal: boolean }),
  ),
  files: list(file),
});
export const trace = object<Trace>({
  id: text,
  at: time,
  operation: text,
  request: object<Trace["request"]>({
    method: text,
    path: text,
    sender: optional(sender),
    inputs: list(input),
    background: optional(yes),
  }),
  status: count,
  reason: optional(text),
  database: optional(boolean),
  steps: list(step),
});
export const missed = object<Pick<ClassEvent & { type: "missed" }, "count">>({ count });

export const gone = object<Gone>({ messageId: optional(id), toId: optional(id) });
const stateOfClass = { isPaused: boolean, showsTexts: boolean, showsBoard: optional(yes), lesson: optional(count) };
export const classState = object<ClassState>(stateOfClass);

const classUser = object<ClassUser>({
  userId: id,
  userHandle: text,
  isTeacher: optional(yes),
  isHidden: optional(yes),
  lessonsPassed: optional(list(id)),
  atLesson: optional(id),
});
export const classroom = object<Classroom>({
  addresses: list(text),
  folder: text,
  isOneOfSeveral: optional(yes),
  ...stateOfClass,
  users: list(classUser),
});
export const classSecret = object<{ secret: string | null }>({ secret: nullable(text) });
