/**
 * GET /api/v1/class/pupils: who is in the class, what each pupil did last, and who needs help. Only in class mode.
 * Follows docs/spec.md, "pupils.get", step by step.
 */
import type { LastRequest } from "../../live/activity.ts";
import type { Call } from "../../steps/call.ts";
import { mustBeText, mustExist } from "../../steps/checks.ts";
import { TEACHER_KEY_LENGTH } from "../../steps/limits.ts";
import type { LessonProgress, Progress, PupilFacts } from "../../store/contract.ts";
import type { Parts } from "../parts.ts";
import { noClass, wrongTeacherKey } from "../refusals.ts";

interface Course {
  /** How far the pupil is in the lesson of the last report. Missing before the first one. */
  progress?: LessonProgress;
  /** The lessons that the pupil has passed at some time. */
  lessonsPassed: number[];
}

/** `extends`: it has all fields of the other two as well. */
export interface Pupil extends PupilFacts, Course {
  userId: number;
  userHandle: string;
  /** Whether a page or a program of this pupil is listening or waiting. */
  isHere: boolean;
  last?: LastRequest;
  refused?: LastRequest;
  stuckSince?: string;
}

export async function listPupils(call: Call, parts: Parts): Promise<{ pupils: Pupil[] }> {
  const { users, classroom, live, clock } = parts;

  call.step = "pupils.get.1.1"; // Is the request body parsable JSON (one object, no input twice), the URL free of secrets, `Authorization` Bearer or Basic? No: 400.
  const inputs = call.readInputs();

  call.step = "pupils.get.1.2"; // Does `teacherKey` exist? No: 401.
  mustExist(inputs, "teacherKey", 401);
  call.step = "pupils.get.1.3"; // Is `teacherKey` a string of 12-64 whole characters? No: 401.
  const teacherKey = mustBeText(inputs, "teacherKey", TEACHER_KEY_LENGTH, 401);

  call.step = "pupils.get.2"; // Is the server in class mode? No: 404.
  if (classroom === undefined) throw noClass();
  call.step = "pupils.get.3"; // Open class/keys.json. Does `teacherKey` match the teacher's key? No: 403.
  const key = await classroom.openKey();
  if (!key.matches(teacherKey)) throw wrongTeacherKey();

  call.step = "pupils.get.4"; // Collect all users but the teacher, with what each of them did last and how far each is in the course.
  const pupils: Pupil[] = [];
  const decisions = await classroom.decisions();
  const progress = await classroom.openAllProgress();
  for (const { userId, userHandle } of await users.list(0, Number.POSITIVE_INFINITY)) {
    if (userId === decisions.teacherId) continue;
    pupils.push({
      userId,
      userHandle,
      isHere: live.isHere(userId),
      // Each of these gives an object, and `...` puts its fields in here.
      ...decisions.pupil(userId),
      ...live.activity.of(userId, clock.now()),
      ...courseOf(progress.get(userId)),
    });
  }

  call.step = "pupils.get.5"; // Return 200.
  return { pupils };
}

function courseOf(kept: Progress | undefined): Course {
  if (kept === undefined) return { lessonsPassed: [] };
  const passed = kept.lessons.filter((each) => each.passedAt !== undefined);
  const lessonsPassed = passed.map((each) => each.lesson);
  const progress = kept.lessons.find((each) => each.lesson === kept.lesson);
  return progress === undefined ? { lessonsPassed } : { progress, lessonsPassed };
}
