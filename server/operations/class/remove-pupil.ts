/**
 * DELETE /api/v1/class/pupils: removes a pupil, as if the pupil had left. Only in class mode. Follows docs/spec.md,
 * "pupils.delete", step by step.
 */
import type { Call } from "../../steps/call.ts";
import { mustBeId, mustBeText, mustExist } from "../../steps/checks.ts";
import { TEACHER_KEY_LENGTH } from "../../steps/limits.ts";
import type { Parts } from "../parts.ts";
import { noClass, noSuchPupil, unreadableUser, wrongTeacherKey } from "../refusals.ts";

export interface RemovedPupil {
  userId: number;
}

export async function removePupil(call: Call, parts: Parts): Promise<RemovedPupil> {
  const { users, messages, classroom, live } = parts;

  call.step = "pupils.delete.1.1"; // Is the request body parsable JSON (one object, no input twice), the URL free of secrets, `Authorization` Bearer or Basic? No: 400.
  const inputs = call.readInputs();

  call.step = "pupils.delete.1.2"; // Does `teacherKey` exist? No: 401.
  mustExist(inputs, "teacherKey", 401);
  call.step = "pupils.delete.1.3"; // Is `teacherKey` a string of 12-64 whole characters? No: 401.
  const teacherKey = mustBeText(inputs, "teacherKey", TEACHER_KEY_LENGTH, 401);
  call.step = "pupils.delete.1.4"; // Does `userId` exist? No: 400.
  mustExist(inputs, "userId", 400);
  call.step = "pupils.delete.1.5"; // Is `userId` an integer from 1 to 2^53 - 1? No: 400.
  const userId = mustBeId(inputs, "userId", 400);

  call.step = "pupils.delete.2"; // Is the server in class mode? No: 404.
  if (classroom === undefined) throw noClass();
  call.step = "pupils.delete.3"; // Open class/keys.json. Does `teacherKey` match the teacher's key? No: 403.
  const key = await classroom.openKey();
  if (!key.matches(teacherKey)) throw wrongTeacherKey();

  // The other steps are in a function. oneAtATime() runs it as soon as no other change of this user is running.
  // Otherwise a change at the same time could bring back what is removed here.
  return users.oneAtATime(userId, async () => {
    call.step = "pupils.delete.4"; // Open users/<userId>.dat.
    const pupil = await users.openTokenFile(userId);
    call.step = "pupils.delete.4.1"; // File not found: 404.
    if (pupil === "not found") throw noSuchPupil();
    call.step = "pupils.delete.4.2"; // Other error: 500.
    if (pupil === "unreadable") throw unreadableUser();

    call.step = "pupils.delete.5"; // Remove users/<userId>.dat: from now on the token is invalid.
    await users.removeTokenFile(userId);
    call.step = "pupils.delete.6"; // Remove the pupil's queue.
    await messages.dropQueue(userId);
    call.step = "pupils.delete.7"; // Remove users/<hashUserHandle>.dat, and <userId>.json in class/muted, class/hidden, class/hands, class/codes and class/progress.
    await users.removeTraces(pupil);
    await classroom.forgetPupil(userId);
    live.activity.forget(userId);

    call.step = "pupils.delete.8"; // Return 200.
    return { userId };
  });
}
