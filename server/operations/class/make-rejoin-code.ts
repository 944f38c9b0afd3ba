/**
 * POST /api/v1/class/codes: makes a rejoin code for a pupil who has lost the token. Only in class mode. Follows
 * docs/spec.md, "codes.post", step by step.
 */
import type { Call } from "../../steps/call.ts";
import { mustBeId, mustBeText, mustExist } from "../../steps/checks.ts";
import { TEACHER_KEY_LENGTH } from "../../steps/limits.ts";
import type { Parts } from "../parts.ts";
import { noClass, noSuchPupil, unreadableUser, wrongTeacherKey } from "../refusals.ts";

/** Long enough to walk to the pupil. */
const VALID_MILLISECONDS = 10 * 60 * 1000;

export interface MadeCode {
  userId: number;
  userHandle: string;
  code: string;
  /** ISO 8601, in UTC. */
  validUntil: string;
}

export async function makeRejoinCode(call: Call, parts: Parts): Promise<MadeCode> {
  const { users, classroom, random, clock } = parts;

  call.step = "codes.post.1.1"; // Is the request body parsable JSON (one object, no input twice), the URL free of secrets, `Authorization` Bearer or Basic? No: 400.
  const inputs = call.readInputs();

  call.step = "codes.post.1.2"; // Does `teacherKey` exist? No: 401.
  mustExist(inputs, "teacherKey", 401);
  call.step = "codes.post.1.3"; // Is `teacherKey` a string of 12-64 whole characters? No: 401.
  const teacherKey = mustBeText(inputs, "teacherKey", TEACHER_KEY_LENGTH, 401);
  call.step = "codes.post.1.4"; // Does `userId` exist? No: 400.
  mustExist(inputs, "userId", 400);
  call.step = "codes.post.1.5"; // Is `userId` an integer from 1 to 2^53 - 1? No: 400.
  const userId = mustBeId(inputs, "userId", 400);

  call.step = "codes.post.2"; // Is the server in class mode? No: 404.
  if (classroom === undefined) throw noClass();
  call.step = "codes.post.3"; // Open class/keys.json. Does `teacherKey` match the teacher's key? No: 403.
  const key = await classroom.openKey();
  if (!key.matches(teacherKey)) throw wrongTeacherKey();

  call.step = "codes.post.4"; // Open users/<userId>.dat.
  const pupil = await users.openTokenFile(userId);
  call.step = "codes.post.4.1"; // File not found: 404.
  if (pupil === "not found") throw noSuchPupil();
  call.step = "codes.post.4.2"; // Other error: 500.
  if (pupil === "unreadable") throw unreadableUser();

  call.step = "codes.post.5"; // Generate a random code of six characters.
  const code = random.rejoinCode();
  const validUntil = new Date(clock.now() + VALID_MILLISECONDS).toISOString();
  call.step = "codes.post.6"; // Write its hash, and until when it is valid, to class/codes/<userId>.json.
  await classroom.keepCode(userId, code, validUntil);

  call.step = "codes.post.7"; // Return 200.
  return { userId, userHandle: pupil.userHandle, code, validUntil };
}
