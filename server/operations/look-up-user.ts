/**
 * GET /api/v1/register: finds a user by handle. Follows docs/spec.md, "register.get", step by step.
 */
import type { Call } from "../steps/call.ts";
import { mustBeHandle, mustBeId, mustBeText, mustExist } from "../steps/checks.ts";
import { HANDLE_LENGTH, TOKEN_LENGTH } from "../steps/limits.ts";
import type { Parts } from "./parts.ts";
import { invalidToken, noSuchHandle, unknownId, unreadableUser } from "./refusals.ts";

export interface Found {
  userId: number;
}

export async function lookUpUser(call: Call, parts: Parts): Promise<Found> {
  const { users } = parts;

  call.step = "register.get.1.1"; // Is the request body parsable JSON (one object, no input twice), the URL free of secrets, `Authorization` Basic? No: 400.
  const inputs = call.readInputs();

  call.step = "register.get.1.2"; // Does `myId` exist? No: 400.
  mustExist(inputs, "myId", 400);
  call.step = "register.get.1.3"; // Is `myId` an integer from 1 to 2^53 - 1? No: 400.
  const myId = mustBeId(inputs, "myId", 400);
  call.step = "register.get.1.4"; // Does `myAuth` exist? No: 400.
  mustExist(inputs, "myAuth", 400);
  call.step = "register.get.1.5"; // Is `myAuth` a string of 12-64 whole characters? No: 400.
  const myAuth = mustBeText(inputs, "myAuth", TOKEN_LENGTH, 400);
  call.step = "register.get.1.6"; // Does `userHandle` exist? No: 400.
  mustExist(inputs, "userHandle", 400);
  call.step = "register.get.1.7"; // Is `userHandle` a string of 3-64 whole characters, also in NFC, without control characters? No: 400.
  const userHandle = mustBeHandle(inputs, "userHandle", HANDLE_LENGTH, 400);

  call.step = "register.get.2"; // Open users/<myId>.dat.
  // Either a user, or a text that says why there is none: "not found" or "unreadable".
  const tokenFile = await users.openTokenFile(myId);
  call.step = "register.get.2.1"; // File not found: 401.
  if (tokenFile === "not found") throw unknownId();
  call.step = "register.get.2.2"; // Other error: 500.
  if (tokenFile === "unreadable") throw unreadableUser();
  call.step = "register.get.3"; // Read the user's token.
  // For each of the two texts, a line above has thrown. So this is a user, and TypeScript knows that, too.
  const authToken = tokenFile.authToken;
  call.step = "register.get.3.1"; // Does `myAuth` match it? No: 403.
  if (!authToken.matches(myAuth)) throw invalidToken();

  call.step = "register.get.4"; // Generate the sha256 hash of userHandle.
  const hashUserHandle = users.hashHandle(userHandle);
  call.step = "register.get.5"; // Open users/<hashUserHandle>.dat.
  const handleFile = await users.openHandleFile(hashUserHandle);
  call.step = "register.get.5.1"; // File not found: 404.
  if (handleFile === "not found") throw noSuchHandle();
  call.step = "register.get.5.2"; // Other error: 500.
  if (handleFile === "unreadable") throw unreadableUser();

  call.step = "register.get.6"; // Read the file contents and return 200.
  return { userId: handleFile.userId };
}
