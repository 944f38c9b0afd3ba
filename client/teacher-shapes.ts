/**
 * What each reply to the teacher must look like. docs/spec.md describes the same fields.
 */
import * as replies from "./reply-shapes.ts";
import { boolean, count, id, list, object, optional, text, time, yes } from "./shape.ts";
import type { Archive, ChangedPupil, LastRequest, Pupil } from "./teacher-types.ts";
import type { ClassState } from "./types.ts";

export const teacher = replies.rejoined;
export const userId = replies.userId;
export const messageId = replies.removed;

export const classState = object<ClassState>({
  isPaused: boolean,
  showsTexts: boolean,
  showsBoard: optional(yes),
  lesson: optional(count),
});

const request = object<LastRequest>({
  at: time,
  operation: text,
  status: count,
  step: optional(text),
  reason: optional(text),
});
const changed = { userId: id, userHandle: text, isMuted: boolean, isHidden: boolean, isHandUp: boolean };
export const changedPupil = object<ChangedPupil>(changed);
export const pupils = object<{ pupils: Pupil[] }>({
  pupils: list(
    object<Pupil>({
      ...changed,
      isHere: boolean,
      last: optional(request),
      refused: optional(request),
      stuckSince: optional(time),
      progress: optional(replies.lessonProgress),
      lessonsPassed: list(id),
    }),
  ),
});

export const rejoinCode = object<{ userId: number; userHandle: string; code: string; validUntil: string }>({
  userId: id,
  userHandle: text,
  code: text,
  validUntil: time,
});
export const recipients = object<{ recipients: number }>({ recipients: count });

export const archives = object<{ label?: string; archives: Archive[] }>({
  label: optional(text),
  archives: list(
    object<Archive>({
      archive: text,
      label: optional(text),
      endedAt: optional(time),
      userCount: optional(count),
      messageCount: optional(count),
    }),
  ),
});
export const archive = object<{ archive: string }>({ archive: text });
export const opened = object<{ archive: string; putAway: string }>({ archive: text, putAway: text });
