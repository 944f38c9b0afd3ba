/**
 * PATCH /api/v1/register: gives the user a new handle, a new token, or both.
 * Follows docs/spec.md, "register.patch", step by step.
 */
import type { Call } from "../steps/call.ts";
import {
  mustBeBoolean,
  mustBeId,
  mustBeNewHandle,
  mustBeText,
  mustExist,
  mustExistOneOf,
  mustNotMisspell,
} from "../steps/checks.ts";
import { HANDLE_LENGTH, TOKEN_LENGTH } from "../steps/limits.ts";
import type { Parts } from "./parts.ts";
import { handleTaken, invalidToken, mustNotLookLikeTeacher, unknownId, unreadableUser } from "./refusals.ts";

export interface Changed {
  userId: number;
  authToken: string;
}

export async function changeUser(call: Call, parts: Parts): Promise<Changed> {
  const { users, random } = parts;

  call.step = "register.patch.1.1"; // Is the request body parsable JSON (one object, no input twice), the URL free of secrets, `Authorization` Basic? No: 400.
  const inputs = call.readInputs();

  call.step = "register.patch.1.2"; // Does `myId` exist? No: 400.
  mustExist(inputs, "myId", 400);
  call.step = "register.patch.1.3"; // Is `myId` an integer from 1 to 2^53 - 1? No: 400.
  const myId = mustBeId(inputs, "myId", 400);
  call.step = "register.patch.1.4"; // Does `myAuth` exist? No: 400.
  mustExist(inputs, "myAuth", 400);
  call.step = "register.patch.1.5"; // Is `myAuth` a string of 12-64 whole characters? No: 400.
  const myAuth = mustBeText(inputs, "myAuth", TOKEN_LENGTH, 400);
  call.step = "register.patch.1.6"; // Does `userHandle` or `rotateAuth` exist? No: 400.
  mustExistOneOf(inputs, ["userHandle", "rotateAuth"], 400);
  call.step = "register.patch.1.7"; // Is `userHandle`, if given, a string of 3-64 whole characters, also in NFC, without control characters, invisible ones and needless blanks? No: 400.
  const newHandle =
    inputs.userHandle === undefined ? undefined : mustBeNewHandle(inputs, "userHandle", HANDLE_LENGTH, 400);
  call.step = "register.patch.1.8"; // Is `rotateAuth`, if given, true or false? No: 400.
  const rotateAuth = inputs.rotateAuth === undefined ? false : mustBeBoolean(inputs, "rotateAuth", 400);
  call.step = "register.patch.1.9"; // Does an input look like a misspelling of one of these two? Yes: 400.
  mustNotMisspell(inputs, ["userHandle", "rotateAuth"], 400);

  // The other steps are in a function. oneAtATime() runs it as soon as no other change of this user is running.
  // Otherwise the steps of two changes could mix, and leave a handle that belongs to nobody.
  return users.oneAtATime(myId, async () => {
    call.step = "register.patch.2"; // Open users/<myId>.dat.
    const tokenFile = await users.openTokenFile(myId);
    call.step = "register.patch.2.1"; // File not found: 401.
    if (tokenFile === "not found") throw unknownId();
    call.step = "register.patch.2.2"; // Other error: 500.
    if (tokenFile === "unreadable") throw unreadableUser();
    call.step = "register.patch.3"; // Read the user's token.
    const authToken = tokenFile.authToken;
    call.step = "register.patch.3.1"; // Does `myAuth` match it? No: 403.
    if (!authToken.matches(myAuth)) throw invalidToken();
    call.step = "register.patch.3.2"; // In class mode: does `userHandle` look like the teacher's? Yes: 409.
    await mustNotLookLikeTeacher({ userHandle: newHandle, myId }, parts, 409);

    let newToken = authToken.text;
    if (rotateAuth) {
      call.step = "register.patch.4"; // If `rotateAuth` is true, generate a new authToken.
      newToken = random.authToken();
    }
    call.step = "register.patch.5"; // Generate the sha256 hashes of the old and the new handle.
    // Without a new handle, the user keeps the old one.
    const userHandle = newHandle ?? tokenFile.userHandle;
    const oldHash = users.hashHandle(tokenFile.userHandle);
    const newHash = users.hashHandle(userHandle);
    if (newHash !== oldHash) {
      call.step = "register.patch.6"; // If the handle changes, create users/<hashUserHandle>.dat and write myId to it.
      const created = await users.createHandleFile(newHash, myId);
      call.step = "register.patch.6.1"; // The file exists already: 409.
      if (!created) throw handleTaken();
    }
    call.step = "register.patch.7"; // Write the handle and the token.
    await users.change(myId, userHandle, newToken);
    if (newHash !== oldHash) {
      call.step = "register.patch.8"; // If the handle changes, remove the file of the old handle.
      await users.removeHandleFile(oldHash);
    }

    call.step = "register.patch.9"; // Return 200.
    return { userId: myId, authToken: newToken };
  });
}
