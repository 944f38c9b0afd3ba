/**
 * POST /api/v1/class/teacher: registers the user who is the teacher, or tells the teacher once more who that is. Only
 * in class mode. Follows docs/spec.md, "teacher.post", step by step.
 */
import type { Call } from "../../steps/call.ts";
import { mustBeNewHandle, mustBeText, mustExist } from "../../steps/checks.ts";
import { HANDLE_LENGTH, TEACHER_KEY_LENGTH } from "../../steps/limits.ts";
import type { Parts } from "../parts.ts";
import { handleTaken, noClass, unreadableUser, wrongTeacherKey } from "../refusals.ts";

export interface Teacher {
  userId: number;
  userHandle: string;
  authToken: string;
}

export async function becomeTeacher(call: Call, parts: Parts): Promise<Teacher> {
  const { users, classroom, random } = parts;

  call.step = "teacher.post.1.1"; // Is the request body parsable JSON (one object, no input twice), the URL free of secrets, `Authorization` Bearer or Basic? No: 400.
  const inputs = call.readInputs();

  call.step = "teacher.post.1.2"; // Does `teacherKey` exist? No: 401.
  mustExist(inputs, "teacherKey", 401);
  call.step = "teacher.post.1.3"; // Is `teacherKey` a string of 12-64 whole characters? No: 401.
  const teacherKey = mustBeText(inputs, "teacherKey", TEACHER_KEY_LENGTH, 401);
  call.step = "teacher.post.1.4"; // Does `userHandle` exist? No: 400.
  mustExist(inputs, "userHandle", 400);
  call.step = "teacher.post.1.5"; // Is `userHandle` a string of 3-64 whole characters, also in NFC, without control characters, invisible ones and needless blanks? No: 400.
  const userHandle = mustBeNewHandle(inputs, "userHandle", HANDLE_LENGTH, 400);

  call.step = "teacher.post.2"; // Is the server in class mode? No: 404.
  if (classroom === undefined) throw noClass();
  call.step = "teacher.post.3"; // Open class/keys.json. Does `teacherKey` match the teacher's key? No: 403.
  const key = await classroom.openKey();
  if (!key.matches(teacherKey)) throw wrongTeacherKey();

  // The other steps are in a function. oneAtATime() runs it as soon as no other one is running under the same number.
  // Otherwise, if two pages of the teacher ask at the same moment, each would become another user.
  return users.oneAtATime(NOBODY, async () => {
    call.step = "teacher.post.4"; // Read class/teacher.dat: is there a teacher? Open users/<userId>.dat.
    const { teacherId } = await classroom.decisions();
    const teacher = teacherId === undefined ? "not found" : await users.openTokenFile(teacherId);
    call.step = "teacher.post.4.1"; // Other error: 500.
    if (teacher === "unreadable") throw unreadableUser();
    if (teacher !== "not found") {
      call.step = "teacher.post.4.2"; // There is one already: create their users/<hashUserHandle>.dat if a crash has left it out, and return who that is, with the token. 200.
      const hasHandle = await users.createHandleFile(users.hashHandle(teacher.userHandle), teacher.userId);
      // If somebody else has got the handle, nobody has ever been this teacher.
      if (hasHandle)
        return { userId: teacher.userId, userHandle: teacher.userHandle, authToken: teacher.authToken.text };
    }

    call.step = "teacher.post.5"; // Generate an authToken and a unique integer, myId, and write users/<myId>.dat.
    const authToken = random.authToken();
    const myId = await users.nextId();
    await users.createTokenFile(myId, authToken, userHandle);
    call.step = "teacher.post.6"; // Write myId to class/teacher.dat.
    // Before the handle: a crash must not leave it to a user of whom nobody has the token.
    await classroom.setTeacher(myId);
    call.step = "teacher.post.7"; // Create users/<hashUserHandle>.dat and write myId to it.
    const created = await users.createHandleFile(users.hashHandle(userHandle), myId);
    call.step = "teacher.post.7.1"; // The file exists already: 409.
    if (!created) {
      await classroom.setTeacher(undefined);
      await users.abandon(myId);
      throw handleTaken();
    }

    call.step = "teacher.post.8"; // Return 200.
    return { userId: myId, userHandle, authToken };
  });
}

/** No user has this id. */
const NOBODY = 0;
