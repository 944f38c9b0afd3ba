/**
 * DELETE /api/v1/class/messages: the teacher removes a message, whoever wrote it. It is gone for everybody. Only in
 * class mode. Follows docs/spec.md, "messages.delete", step by step.
 */
import type { Call } from "../../steps/call.ts";
import { mustBeId, mustBeText, mustExist } from "../../steps/checks.ts";
import { TEACHER_KEY_LENGTH } from "../../steps/limits.ts";
import type { Parts } from "../parts.ts";
import { noClass, noSuchMessageInClass, wrongTeacherKey } from "../refusals.ts";

export interface TakenDown {
  messageId: number;
}

export async function takeDownMessage(call: Call, parts: Parts): Promise<TakenDown> {
  const { messages, classroom } = parts;

  call.step = "messages.delete.1.1"; // Is the request body parsable JSON (one object, no input twice), the URL free of secrets, `Authorization` Bearer or Basic? No: 400.
  const inputs = call.readInputs();

  call.step = "messages.delete.1.2"; // Does `teacherKey` exist? No: 401.
  mustExist(inputs, "teacherKey", 401);
  call.step = "messages.delete.1.3"; // Is `teacherKey` a string of 12-64 whole characters? No: 401.
  const teacherKey = mustBeText(inputs, "teacherKey", TEACHER_KEY_LENGTH, 401);
  call.step = "messages.delete.1.4"; // Does `messageId` exist? No: 400.
  mustExist(inputs, "messageId", 400);
  call.step = "messages.delete.1.5"; // Is `messageId` an integer from 1 to 2^53 - 1? No: 400.
  const messageId = mustBeId(inputs, "messageId", 400);

  call.step = "messages.delete.2"; // Is the server in class mode? No: 404.
  if (classroom === undefined) throw noClass();
  call.step = "messages.delete.3"; // Open class/keys.json. Does `teacherKey` match the teacher's key? No: 403.
  const key = await classroom.openKey();
  if (!key.matches(teacherKey)) throw wrongTeacherKey();

  call.step = "messages.delete.4"; // Remove the message.
  const removed = await messages.remove(messageId);
  call.step = "messages.delete.4.1"; // There is no such message: 404.
  if (!removed) throw noSuchMessageInClass();

  call.step = "messages.delete.5"; // Return 200.
  return { messageId };
}
