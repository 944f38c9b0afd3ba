/**
 * PATCH /api/v1/class: pauses the class or lets it go on, shows or covers the texts of messages, shows or
 * hides the board, chooses the lesson.
 * Only in class mode. Follows docs/spec.md, "class.patch", step by step.
 */
import type { Call } from "../../steps/call.ts";
import {
  mustBeBoolean,
  mustBeInteger,
  mustBeText,
  mustExist,
  mustExistOneOf,
  mustNotMisspell,
} from "../../steps/checks.ts";
import { LESSONS, TEACHER_KEY_LENGTH } from "../../steps/limits.ts";
import type { ClassFacts } from "../../store/contract.ts";
import type { Parts } from "../parts.ts";
import { noClass, wrongTeacherKey } from "../refusals.ts";

const FIELDS = ["isPaused", "showsTexts", "lesson", "showsBoard"] as const;

export async function changeClass(call: Call, parts: Parts): Promise<ClassFacts> {
  const { classroom } = parts;

  call.step = "class.patch.1.1"; // Is the request body parsable JSON (one object, no input twice), the URL free of secrets, `Authorization` Bearer or Basic? No: 400.
  const inputs = call.readInputs();

  call.step = "class.patch.1.2"; // Does `teacherKey` exist? No: 401.
  mustExist(inputs, "teacherKey", 401);
  call.step = "class.patch.1.3"; // Is `teacherKey` a string of 12-64 whole characters? No: 401.
  const teacherKey = mustBeText(inputs, "teacherKey", TEACHER_KEY_LENGTH, 401);
  call.step = "class.patch.1.4"; // Does `isPaused`, `showsTexts`, `lesson` or `showsBoard` exist? No: 400.
  mustExistOneOf(inputs, FIELDS, 400);
  call.step = "class.patch.1.5"; // Is `isPaused`, if given, true or false? No: 400.
  const isPaused = inputs.isPaused === undefined ? undefined : mustBeBoolean(inputs, "isPaused", 400);
  call.step = "class.patch.1.6"; // Is `showsTexts`, if given, true or false? No: 400.
  const showsTexts = inputs.showsTexts === undefined ? undefined : mustBeBoolean(inputs, "showsTexts", 400);
  call.step = "class.patch.1.7"; // Is `lesson`, if given, an integer from 1 to 14? No: 400.
  const lesson = inputs.lesson === undefined ? undefined : mustBeInteger(inputs, "lesson", LESSONS, 400);
  call.step = "class.patch.1.8"; // Does an input look like a misspelling of one of these four? Yes: 400.
  mustNotMisspell(inputs, FIELDS, 400);
  call.step = "class.patch.1.9"; // Is `showsBoard`, if given, true or false? No: 400.
  const showsBoard = inputs.showsBoard === undefined ? undefined : mustBeBoolean(inputs, "showsBoard", 400);

  call.step = "class.patch.2"; // Is the server in class mode? No: 404.
  if (classroom === undefined) throw noClass();
  call.step = "class.patch.3"; // Open class/keys.json. Does `teacherKey` match the teacher's key? No: 403.
  const key = await classroom.openKey();
  if (!key.matches(teacherKey)) throw wrongTeacherKey();

  call.step = "class.patch.4"; // Create or remove class/paused.json, class/texts-shown.json and class/board-shown.json, and write the number to class/lesson.dat.
  // What is undefined stays as it is.
  await classroom.change({ isPaused, showsTexts, showsBoard, lesson });

  call.step = "class.patch.5"; // Return 200.
  const decisions = await classroom.decisions();
  return decisions.facts;
}
