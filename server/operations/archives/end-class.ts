/**
 * POST /api/v1/class/archives: ends the class. Everything in it becomes an archive, and a new class begins. Only in
 * class mode. Follows docs/spec.md, "archives.post", step by step.
 */
import type { Call } from "../../steps/call.ts";
import { mustBeNewHandle, mustBeText, mustExist, mustNotMisspell } from "../../steps/checks.ts";
import { LABEL_LENGTH, TEACHER_KEY_LENGTH } from "../../steps/limits.ts";
import type { Parts } from "../parts.ts";
import { classIsEnding, nobodyInClass, noClass, wrongTeacherKey } from "../refusals.ts";

export async function endClass(call: Call, parts: Parts): Promise<{ archive: string }> {
  const { users, classroom } = parts;

  call.step = "archives.post.1.1"; // Is the request body parsable JSON (one object, no input twice), the URL free of secrets, `Authorization` Bearer or Basic? No: 400.
  const inputs = call.readInputs();

  call.step = "archives.post.1.2"; // Does `teacherKey` exist? No: 401.
  mustExist(inputs, "teacherKey", 401);
  call.step = "archives.post.1.3"; // Is `teacherKey` a string of 12-64 whole characters? No: 401.
  const teacherKey = mustBeText(inputs, "teacherKey", TEACHER_KEY_LENGTH, 401);
  call.step = "archives.post.1.4"; // Is `label`, if given, a string of 1-64 whole characters, also in NFC, without control characters, invisible ones and needless blanks? No: 400.
  const label = inputs.label === undefined ? undefined : mustBeNewHandle(inputs, "label", LABEL_LENGTH, 400);
  call.step = "archives.post.1.5"; // Does an input look like a misspelling of `label`? Yes: 400.
  mustNotMisspell(inputs, ["label"], 400);

  call.step = "archives.post.2"; // Is the server in class mode? No: 404.
  if (classroom === undefined) throw noClass();
  call.step = "archives.post.3"; // Open class/keys.json. Does `teacherKey` match the teacher's key? No: 403.
  const key = await classroom.openKey();
  if (!key.matches(teacherKey)) throw wrongTeacherKey();

  call.step = "archives.post.4"; // Is the class ending already? Yes: 409.
  if (classroom.archives.isChanging) throw classIsEnding();
  call.step = "archives.post.5"; // Is anybody in the class? No: 409.
  const [somebody] = await users.list(0, 1);
  if (somebody === undefined) throw nobodyInClass();

  call.step = "archives.post.6"; // Write to archive/next.json that the class becomes an archive. From now on this will happen, even after a power cut.
  const archive = await classroom.archives.change({ label });
  call.step = "archives.post.6.1"; // Another server has just put the class away: 409.
  if (archive === undefined) throw classIsEnding();

  call.step = "archives.post.7"; // Return 200.
  return { archive };
}
