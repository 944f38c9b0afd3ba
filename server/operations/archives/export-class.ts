/**
 * GET /api/v1/class/export: everything in the class as files for people, without tokens. Only in class mode. Follows
 * docs/spec.md, "export.get", step by step.
 */
import type { Call } from "../../steps/call.ts";
import { mustBeText, mustExist } from "../../steps/checks.ts";
import { TEACHER_KEY_LENGTH } from "../../steps/limits.ts";
import type { Parts } from "../parts.ts";
import { noClass, wrongTeacherKey } from "../refusals.ts";
import { type ExportFile, exportFiles } from "./export-files.ts";

/** Files that a client gets as one zip. */
export interface Download {
  fileName: string;
  /** Each is read while it is sent. */
  files: Iterable<ExportFile>;
  at: Date;
}

export async function exportClass(call: Call, parts: Parts): Promise<Download> {
  const { users, messages, classroom, clock } = parts;

  call.step = "export.get.1.1"; // Is the request body parsable JSON (one object, no input twice), the URL free of secrets, `Authorization` Bearer or Basic? No: 400.
  const inputs = call.readInputs();

  call.step = "export.get.1.2"; // Does `teacherKey` exist? No: 401.
  mustExist(inputs, "teacherKey", 401);
  call.step = "export.get.1.3"; // Is `teacherKey` a string of 12-64 whole characters? No: 401.
  const teacherKey = mustBeText(inputs, "teacherKey", TEACHER_KEY_LENGTH, 401);

  call.step = "export.get.2"; // Is the server in class mode? No: 404.
  if (classroom === undefined) throw noClass();
  call.step = "export.get.3"; // Open class/keys.json. Does `teacherKey` match the teacher's key? No: 403.
  const key = await classroom.openKey();
  if (!key.matches(teacherKey)) throw wrongTeacherKey();

  call.step = "export.get.4"; // Collect all users, and all messages up to now in the order of their ids.
  const at = new Date(clock.now());
  const files = await exportFiles({ users, messages, classroom, at });

  call.step = "export.get.5"; // Return 200.
  return { fileName: `plainchat-${at.toISOString().slice(0, 10)}.zip`, files, at };
}
