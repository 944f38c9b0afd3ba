/**
 * POST /api/v1/class/messages: the teacher writes to everybody in the class. Each gets a message of their own. Only in
 * class mode. Follows docs/spec.md, "messages.post", step by step.
 */
import type { Call } from "../../steps/call.ts";
import { mustBeIdempotencyKey, mustBeMessage, mustBeText, mustExist } from "../../steps/checks.ts";
import { MESSAGE_LENGTH, TEACHER_KEY_LENGTH } from "../../steps/limits.ts";
import type { Parts } from "../parts.ts";
import { keyUsed, noClass, noTeacher, unreadableUser, wrongTeacherKey } from "../refusals.ts";

interface Pupil {
  userId: number;
  userHandle: string;
}

const MARKS = { isTeacher: true, isToAll: true } as const;

export interface WrittenToAll {
  /** How many pupils got the message. */
  recipients: number;
}

export async function writeToAll(call: Call, parts: Parts): Promise<WrittenToAll> {
  const { users, messages, classroom } = parts;

  call.step = "messages.post.1.1"; // Is the request body parsable JSON (one object, no input twice), the URL free of secrets, `Authorization` Bearer or Basic? No: 400.
  const inputs = call.readInputs();

  call.step = "messages.post.1.2"; // Does `teacherKey` exist? No: 401.
  mustExist(inputs, "teacherKey", 401);
  call.step = "messages.post.1.3"; // Is `teacherKey` a string of 12-64 whole characters? No: 401.
  const teacherKey = mustBeText(inputs, "teacherKey", TEACHER_KEY_LENGTH, 401);
  call.step = "messages.post.1.4"; // Does `message` exist? No: 400.
  mustExist(inputs, "message", 400);
  call.step = "messages.post.1.5"; // Is `message` a string of 1-4096 whole characters, without control characters except line breaks and tabs? No: 400.
  const message = mustBeMessage(inputs, "message", MESSAGE_LENGTH, 400);

  call.step = "messages.post.1.6"; // Is the header `Idempotency-Key`, if given, 1-255 visible ASCII characters? No: 400.
  const idempotencyKey = mustBeIdempotencyKey(call.idempotencyKey, 400);

  call.step = "messages.post.2"; // Is the server in class mode? No: 404.
  if (classroom === undefined) throw noClass();
  call.step = "messages.post.3"; // Open class/keys.json. Does `teacherKey` match the teacher's key? No: 403.
  const key = await classroom.openKey();
  if (!key.matches(teacherKey)) throw wrongTeacherKey();

  call.step = "messages.post.4"; // Read class/teacher.dat, and open users/<userId>.dat.
  const { teacherId } = await classroom.decisions();
  const teacher = teacherId === undefined ? "not found" : await users.openTokenFile(teacherId);
  call.step = "messages.post.4.1"; // There is no teacher yet: 409.
  if (teacher === "not found") throw noTeacher();
  call.step = "messages.post.4.2"; // Other error: 500.
  if (teacher === "unreadable") throw unreadableUser();

  call.step = "messages.post.5"; // Append the message to the queue of each pupil, unless this Idempotency-Key already did.
  const everybody = await users.list(0, Number.POSITIVE_INFINITY);
  const pupils = everybody.filter((user) => user.userId !== teacher.userId);
  const publishTo = (pupil: Pupil) => {
    // Each message has a key of its own. A client's key has no blank, so it can never be the same.
    const key = idempotencyKey === undefined ? undefined : `${idempotencyKey} to ${pupil.userId}`;
    return messages.publish({
      from: teacher,
      toId: pupil.userId,
      toHandle: pupil.userHandle,
      message,
      marks: MARKS,
      idempotencyKey: key,
    });
  };
  // `map` begins to write to each of them, and `Promise.all` waits for all together. The first one alone: if the key is
  // another message's, nobody else may get this one.
  const first = await Promise.all(pupils.slice(0, 1).map(publishTo));
  call.step = "messages.post.5.1"; // The Idempotency-Key was used for another message: 422.
  if (first.includes("key used for another message")) throw keyUsed();
  const others = await Promise.all(pupils.slice(1).map(publishTo));

  call.step = "messages.post.6"; // Return 200.
  // Somebody may have left at this very moment: then there is a text instead of an object.
  return { recipients: [...first, ...others].filter((each) => typeof each === "object").length };
}
