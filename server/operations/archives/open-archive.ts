/**
 * POST /api/v1/class/open: opens an archive again. The class that is there now is put away first. Only in class mode.
 * Follows docs/spec.md, "open.post", step by step.
 */
import type { Call } from "../../steps/call.ts";
import { mustBeNewHandle, mustBeText, mustExist, mustNotMisspell } from "../../steps/checks.ts";
import { LABEL_LENGTH, TEACHER_KEY_LENGTH } from "../../steps/limits.ts";
import type { Parts } from "../parts.ts";
import { archiveInUse, classIsEnding, noClass, noSuchArchive, wrongTeacherKey } from "../refusals.ts";

export async function openArchive(call: Call, parts: Parts): Promise<{ archive: string; putAway: string }> {
  const { classroom } = parts;

  call.step = "open.post.1.1"; // Is the request body parsable JSON (one object, no input twice), the URL free of secrets, `Authorization` Bearer or Basic? No: 400.
  const inputs = call.readInputs();

  call.step = "open.post.1.2"; // Does `teacherKey` exist? No: 401.
  mustExist(inputs, "teacherKey", 401);
  call.step = "open.post.1.3"; // Is `teacherKey` a string of 12-64 whole characters? No: 401.
  const teacherKey = mustBeText(inputs, "teacherKey", TEACHER_KEY_LENGTH, 401);
  call.step = "open.post.1.4"; // Does `archive` exist? No: 400.
  mustExist(inputs, "archive", 400);
  call.step = "open.post.1.5"; // Is `archive` a string of 1-64 whole characters? No: 400.
  const archive = mustBeText(inputs, "archive", LABEL_LENGTH, 400);
  call.step = "open.post.1.6"; // Is `label`, if given, a string of 1-64 whole characters, also in NFC, without control characters, invisible ones and needless blanks? No: 400.
  const label = inputs.label === undefined ? undefined : mustBeNewHandle(inputs, "label", LABEL_LENGTH, 400);
  call.step = "open.post.1.7"; // Does an input look like a misspelling of `label`? Yes: 400.
  mustNotMisspell(inputs, ["label"], 400);

  call.step = "open.post.2"; // Is the server in class mode? No: 404.
  if (classroom === undefined) throw noClass();
  call.step = "open.post.3"; // Open class/keys.json. Does `teacherKey` match the teacher's key? No: 403.
  const key = await classroom.openKey();
  if (!key.matches(teacherKey)) throw wrongTeacherKey();

  call.step = "open.post.4"; // Is the class ending already? Yes: 409.
  if (classroom.archives.isChanging) throw classIsEnding();
  call.step = "open.post.5"; // Look for the folder archive/<archive>.
  const state = await classroom.archives.state(archive);
  call.step = "open.post.5.1"; // Not found: 404.
  if (state === "not found") throw noSuchArchive();
  call.step = "open.post.5.2"; // Another program uses it: 409.
  if (state === "in use") throw archiveInUse();

  call.step = "open.post.6"; // Write to archive/next.json that the class becomes an archive, and this archive the class. From now on this will happen, even after a power cut.
  const putAway = await classroom.archives.change({ label, open: archive });
  call.step = "open.post.6.1"; // Another server has just put the class away: 409.
  if (putAway === undefined) throw classIsEnding();

  call.step = "open.post.7"; // Return 200.
  return { archive, putAway };
}
