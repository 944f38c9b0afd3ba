/**
 * What the teacher's calls return. teacher-client.ts asks for it, and teacher-shapes.ts looks whether a reply has it.
 */
import type { LessonProgress } from "./types.ts";

/** A request of a pupil, as far as the teacher sees it. */
export interface LastRequest {
  /** ISO 8601, in UTC. */
  at: string;
  /** Such as "chat.post". */
  operation: string;
  status: number;
  /** Where it stopped, if it was refused, such as "chat.post.5.1". */
  step?: string;
  /** Why it was refused. */
  reason?: string;
}

/** What the teacher decides for one pupil. */
export interface PupilState {
  /** May not send or edit messages. */
  isMuted: boolean;
  /** Is not on the wall. */
  isHidden: boolean;
  /** Wants help. */
  isHandUp: boolean;
}

export interface Pupil extends PupilState {
  userId: number;
  userHandle: string;
  /** Whether a page or a program of the pupil is listening or waiting. */
  isHere: boolean;
  /** Missing if there was none since the server started. */
  last?: LastRequest;
  /** The last one that was refused. Missing if three in a row went well since. */
  refused?: LastRequest;
  /** When the first of the requests was refused at which the pupil is stuck: ISO 8601, in UTC. Missing otherwise. */
  stuckSince?: string;
  /** How far the pupil is in the lesson of the last report. Missing if there was none. */
  progress?: LessonProgress;
  /** The lessons that the pupil has passed at some time. */
  lessonsPassed: number[];
}

export interface ChangedPupil extends PupilState {
  userId: number;
  userHandle: string;
}

/** A class that was put away. Of a folder that somebody has copied by hand, only the name is known. */
export interface Archive {
  /** Its folder in `archive`, or in a database the end of its schema's name. */
  archive: string;
  /** What the teacher has called it. */
  label?: string;
  /** ISO 8601, in UTC. */
  endedAt?: string;
  userCount?: number;
  messageCount?: number;
}
