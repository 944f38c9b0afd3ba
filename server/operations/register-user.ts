/**
 * POST /api/v1/register: creates a user. Follows docs/spec.md, "register.post", step by step.
 * It must not know about HTTP or the disk: `call` has the inputs, `users` and `secret` keep the data.
 */
import type { Call } from "../steps/call.ts";
import { mustBeNewHandle, mustBeText, mustExist } from "../steps/checks.ts";
import { HANDLE_LENGTH, SECRET_LENGTH } from "../steps/limits.ts";
import { Refusal } from "../steps/refusal.ts";
import type { Parts } from "./parts.ts";
import { handleTaken, mustNotLookLikeTeacher, wrongSecret } from "./refusals.ts";

export interface Registered {
  userId: number;
  authToken: string;
}

export async function registerUser(call: Call, parts: Parts): Promise<Registered> {
  const { users, secret, random } = parts;

  call.step = "register.post.1.1"; // Is the request body parsable JSON (one object, no input twice), the URL free of secrets, `Authorization` Basic? No: 400.
  const inputs = call.readInputs();

  call.step = "register.post.1.2"; // Does `secret` exist? No: 401.
  mustExist(inputs, "secret", 401);
  call.step = "register.post.1.3"; // Is `secret` a string of 12-64 whole characters? No: 401.
  const givenSecret = mustBeText(inputs, "secret", SECRET_LENGTH, 401);
  call.step = "register.post.1.4"; // Does `userHandle` exist? No: 400.
  mustExist(inputs, "userHandle", 400);
  call.step = "register.post.1.5"; // Is `userHandle` a string of 3-64 whole characters, also in NFC, without control characters, invisible ones and needless blanks? No: 400.
  const userHandle = mustBeNewHandle(inputs, "userHandle", HANDLE_LENGTH, 400);

  call.step = "register.post.2"; // Open users/secret.dat.
  const secretFile = await secret.open();
  call.step = "register.post.2.1"; // Error: 500.
  if (secretFile === undefined) {
    throw new Refusal(500, "The server cannot read its class secret. Tell the person who runs the server.");
  }
  call.step = "register.post.3"; // Do its contents match `secret`? No: 403.
  if (!secretFile.matches(givenSecret)) {
    throw wrongSecret();
  }
  call.step = "register.post.3.1"; // In class mode: does `userHandle` look like the teacher's? Yes: 409.
  await mustNotLookLikeTeacher({ userHandle }, parts, 409);

  call.step = "register.post.4"; // Generate a random string, the authToken.
  const authToken = random.authToken();
  call.step = "register.post.5"; // Generate a unique integer, myId, for the new user.
  const myId = await users.nextId();
  call.step = "register.post.6"; // Create users/<myId>.dat and write authToken to it. Keep userHandle with myId: lists of users and messages show it.
  // Two files: users/<myId>.dat has the token, and users/<myId>.json has the handle.
  await users.createTokenFile(myId, authToken, userHandle);
  call.step = "register.post.7"; // Generate the sha256 hash of userHandle.
  const hashUserHandle = users.hashHandle(userHandle);
  call.step = "register.post.8"; // Create users/<hashUserHandle>.dat and write myId to it.
  // False if another user has the handle. To ask first would not help: somebody could take it in between.
  const created = await users.createHandleFile(hashUserHandle, myId);
  call.step = "register.post.8.1"; // The file exists already: 409.
  if (!created) {
    // Nobody will ever know the token, so the files from step 6 go again.
    await users.abandon(myId);
    throw handleTaken();
  }

  call.step = "register.post.9"; // Return 200.
  return { userId: myId, authToken };
}
