/**
 * POST /api/v1/class/rejoin: a pupil who has lost the token gets a new one for a code from the teacher. Only in class
 * mode. Follows docs/spec.md, "rejoin.post", step by step.
 */
import type { Call } from "../../steps/call.ts";
import { mustBeHandle, mustBeText, mustExist } from "../../steps/checks.ts";
import { HANDLE_LENGTH, REJOIN_CODE_LENGTH } from "../../steps/limits.ts";
import type { Parts } from "../parts.ts";
import { noClass, noSuchHandle, unreadableUser, wrongCode } from "../refusals.ts";

export interface Rejoined {
  userId: number;
  userHandle: string;
  authToken: string;
}

export async function rejoin(call: Call, parts: Parts): Promise<Rejoined> {
  const { users, classroom, random, clock } = parts;

  call.step = "rejoin.post.1.1"; // Is the request body parsable JSON (one object, no input twice), the URL free of secrets, `Authorization` Basic? No: 400.
  const inputs = call.readInputs();

  call.step = "rejoin.post.1.2"; // Does `userHandle` exist? No: 400.
  mustExist(inputs, "userHandle", 400);
  call.step = "rejoin.post.1.3"; // Is `userHandle` a string of 3-64 whole characters, also in NFC, without control characters? No: 400.
  const userHandle = mustBeHandle(inputs, "userHandle", HANDLE_LENGTH, 400);
  call.step = "rejoin.post.1.4"; // Does `rejoinCode` exist? No: 400.
  mustExist(inputs, "rejoinCode", 400);
  call.step = "rejoin.post.1.5"; // Is `rejoinCode` a string of 6 whole characters? No: 400.
  const rejoinCode = mustBeText(inputs, "rejoinCode", REJOIN_CODE_LENGTH, 400);

  // Anybody may send this. Without class mode, the reply must not say which handles there are.
  call.step = "rejoin.post.2"; // Is the server in class mode? No: 404.
  if (classroom === undefined) throw noClass();
  call.step = "rejoin.post.3"; // Open users/<hashUserHandle>.dat.
  const handleFile = await users.openHandleFile(users.hashHandle(userHandle));
  call.step = "rejoin.post.3.1"; // File not found: 404.
  if (handleFile === "not found") throw noSuchHandle();
  call.step = "rejoin.post.3.2"; // Other error: 500.
  if (handleFile === "unreadable") throw unreadableUser();
  const userId = handleFile.userId;

  // The other steps are in a function. oneAtATime() runs it as soon as no other change of this user is running.
  // So the code counts once, even if it is sent twice at the same moment.
  return users.oneAtATime(userId, async () => {
    call.step = "rejoin.post.4"; // Open class/codes/<userId>.json. If `rejoinCode` matches, or is wrong for the fifth time, remove the file. Otherwise count it there.
    const isRight = await classroom.useCode(userId, rejoinCode, clock.now());
    call.step = "rejoin.post.4.1"; // There is no code, it is too old, or `rejoinCode` does not match it: 403.
    if (!isRight) throw wrongCode();

    call.step = "rejoin.post.5"; // Open users/<userId>.dat.
    const pupil = await users.openTokenFile(userId);
    call.step = "rejoin.post.5.1"; // File not found: 404.
    if (pupil === "not found") throw noSuchHandle();
    call.step = "rejoin.post.5.2"; // Other error: 500.
    if (pupil === "unreadable") throw unreadableUser();
    call.step = "rejoin.post.6"; // Generate a new authToken and write it: the old one is invalid from now on.
    const authToken = random.authToken();
    await users.change(userId, pupil.userHandle, authToken);

    call.step = "rejoin.post.7"; // Return 200.
    return { userId, userHandle: pupil.userHandle, authToken };
  });
}
