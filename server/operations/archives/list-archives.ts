/**
 * GET /api/v1/class/archives: lists the classes that were put away. Only in class mode. Follows docs/spec.md,
 * "archives.get", step by step.
 */
import type { Call } from "../../steps/call.ts";
import { mustBeText, mustExist } from "../../steps/checks.ts";
import { TEACHER_KEY_LENGTH } from "../../steps/limits.ts";
import type { Archive } from "../../store/contract.ts";
import type { Parts } from "../parts.ts";
import { noClass, wrongTeacherKey } from "../refusals.ts";

interface ListedArchives {
  /** What the teacher called the class that is there now. */
  label?: string;
  archives: readonly Archive[];
}

export async function listArchives(call: Call, parts: Parts): Promise<ListedArchives> {
  const { classroom } = parts;

  call.step = "archives.get.1.1"; // Is the request body parsable JSON (one object, no input twice), the URL free of secrets, `Authorization` Bearer or Basic? No: 400.
  const inputs = call.readInputs();

  call.step = "archives.get.1.2"; // Does `teacherKey` exist? No: 401.
  mustExist(inputs, "teacherKey", 401);
  call.step = "archives.get.1.3"; // Is `teacherKey` a string of 12-64 whole characters? No: 401.
  const teacherKey = mustBeText(inputs, "teacherKey", TEACHER_KEY_LENGTH, 401);

  call.step = "archives.get.2"; // Is the server in class mode? No: 404.
  if (classroom === undefined) throw noClass();
  call.step = "archives.get.3"; // Open class/keys.json. Does `teacherKey` match the teacher's key? No: 403.
  const key = await classroom.openKey();
  if (!key.matches(teacherKey)) throw wrongTeacherKey();

  call.step = "archives.get.4"; // Read class/label.dat, and about.json in each folder of archive/.
  const label = await classroom.archives.openLabel();
  const archives = await classroom.archives.list();

  call.step = "archives.get.5"; // Return 200.
  return label === undefined ? { archives } : { label, archives };
}
