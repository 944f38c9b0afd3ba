/**
 * PATCH /api/v1/class/pupils: mutes a pupil, hides a pupil from the wall, or gives a pupil another handle. Only in class
 * mode. Follows docs/spec.md, "pupils.patch", step by step.
 */
import type { Call } from "../../steps/call.ts";
import {
  mustBeBoolean,
  mustBeId,
  mustBeNewHandle,
  mustBeText,
  mustExist,
  mustExistOneOf,
  mustNotMisspell,
} from "../../steps/checks.ts";
import { HANDLE_LENGTH, TEACHER_KEY_LENGTH } from "../../steps/limits.ts";
import type { PupilFacts } from "../../store/contract.ts";
import type { Parts } from "../parts.ts";
import {
  handleTaken,
  mustNotLookLikeTeacher,
  noClass,
  noSuchPupil,
  unreadableUser,
  wrongTeacherKey,
} from "../refusals.ts";

const FIELDS = ["isMuted", "isHidden", "isHandUp", "userHandle"] as const;

export interface ChangedPupil extends PupilFacts {
  userId: number;
  userHandle: string;
}

export async function changePupil(call: Call, parts: Parts): Promise<ChangedPupil> {
  const { users, classroom } = parts;

  call.step = "pupils.patch.1.1"; // Is the request body parsable JSON (one object, no input twice), the URL free of secrets, `Authorization` Bearer or Basic? No: 400.
  const inputs = call.readInputs();

  call.step = "pupils.patch.1.2"; // Does `teacherKey` exist? No: 401.
  mustExist(inputs, "teacherKey", 401);
  call.step = "pupils.patch.1.3"; // Is `teacherKey` a string of 12-64 whole characters? No: 401.
  const teacherKey = mustBeText(inputs, "teacherKey", TEACHER_KEY_LENGTH, 401);
  call.step = "pupils.patch.1.4"; // Does `userId` exist? No: 400.
  mustExist(inputs, "userId", 400);
  call.step = "pupils.patch.1.5"; // Is `userId` an integer from 1 to 2^53 - 1? No: 400.
  const userId = mustBeId(inputs, "userId", 400);
  call.step = "pupils.patch.1.6"; // Does `isMuted`, `isHidden`, `isHandUp` or `userHandle` exist? No: 400.
  mustExistOneOf(inputs, FIELDS, 400);
  call.step = "pupils.patch.1.7"; // Is `isMuted`, if given, true or false? No: 400.
  const isMuted = inputs.isMuted === undefined ? undefined : mustBeBoolean(inputs, "isMuted", 400);
  call.step = "pupils.patch.1.8"; // Is `isHidden`, if given, true or false? No: 400.
  const isHidden = inputs.isHidden === undefined ? undefined : mustBeBoolean(inputs, "isHidden", 400);
  call.step = "pupils.patch.1.9"; // Is `isHandUp`, if given, true or false? No: 400.
  const isHandUp = inputs.isHandUp === undefined ? undefined : mustBeBoolean(inputs, "isHandUp", 400);
  call.step = "pupils.patch.1.10"; // Is `userHandle`, if given, a string of 3-64 whole characters, also in NFC, without control characters, invisible ones and needless blanks? No: 400.
  const newHandle =
    inputs.userHandle === undefined ? undefined : mustBeNewHandle(inputs, "userHandle", HANDLE_LENGTH, 400);
  call.step = "pupils.patch.1.11"; // Does an input look like a misspelling of one of these four? Yes: 400.
  mustNotMisspell(inputs, FIELDS, 400);

  call.step = "pupils.patch.2"; // Is the server in class mode? No: 404.
  if (classroom === undefined) throw noClass();
  call.step = "pupils.patch.3"; // Open class/keys.json. Does `teacherKey` match the teacher's key? No: 403.
  const key = await classroom.openKey();
  if (!key.matches(teacherKey)) throw wrongTeacherKey();

  // The other steps are in a function. oneAtATime() runs it as soon as no other change of this user is running.
  // Otherwise the steps of two changes could mix, and leave a handle that belongs to nobody.
  return users.oneAtATime(userId, async () => {
    call.step = "pupils.patch.4"; // Open users/<userId>.dat.
    const pupil = await users.openTokenFile(userId);
    call.step = "pupils.patch.4.1"; // File not found: 404.
    if (pupil === "not found") throw noSuchPupil();
    call.step = "pupils.patch.4.2"; // Other error: 500.
    if (pupil === "unreadable") throw unreadableUser();
    call.step = "pupils.patch.4.3"; // Does the new handle look like the teacher's? Yes: 409.
    await mustNotLookLikeTeacher({ userHandle: newHandle, myId: userId }, parts, 409);

    const userHandle = newHandle ?? pupil.userHandle;
    const oldHash = users.hashHandle(pupil.userHandle);
    const newHash = users.hashHandle(userHandle);
    if (newHash !== oldHash) {
      call.step = "pupils.patch.5"; // If the handle changes, create users/<hashUserHandle>.dat and write userId to it.
      const created = await users.createHandleFile(newHash, userId);
      call.step = "pupils.patch.5.1"; // The file exists already: 409.
      if (!created) throw handleTaken();
      call.step = "pupils.patch.6"; // Write the handle, and remove the file of the old one.
      await users.change(userId, userHandle, pupil.authToken.text);
      await users.removeHandleFile(oldHash);
    }
    call.step = "pupils.patch.7"; // Create or remove <userId>.json in class/muted, class/hidden and class/hands.
    // What is undefined stays as it is.
    await classroom.changePupil(userId, { isMuted, isHidden, isHandUp });

    call.step = "pupils.patch.8"; // Return 200.
    const decisions = await classroom.decisions();
    return { userId, userHandle, ...decisions.pupil(userId) };
  });
}
