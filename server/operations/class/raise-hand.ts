/**
 * PATCH /api/v1/class/hand: a pupil raises a hand, or takes it down. Only in class mode. Follows docs/spec.md,
 * "hand.patch", step by step.
 */
import type { Call } from "../../steps/call.ts";
import { mustBeBoolean, mustBeId, mustBeText, mustExist } from "../../steps/checks.ts";
import { TOKEN_LENGTH } from "../../steps/limits.ts";
import type { Parts } from "../parts.ts";
import { invalidToken, noClass, unknownId, unreadableUser } from "../refusals.ts";

export async function raiseHand(call: Call, parts: Parts): Promise<{ userId: number; isUp: boolean }> {
  const { users, classroom } = parts;

  call.step = "hand.patch.1.1"; // Is the request body parsable JSON (one object, no input twice), the URL free of secrets, `Authorization` Basic? No: 400.
  const inputs = call.readInputs();

  call.step = "hand.patch.1.2"; // Does `myId` exist? No: 400.
  mustExist(inputs, "myId", 400);
  call.step = "hand.patch.1.3"; // Is `myId` an integer from 1 to 2^53 - 1? No: 400.
  const myId = mustBeId(inputs, "myId", 400);
  call.step = "hand.patch.1.4"; // Does `myAuth` exist? No: 400.
  mustExist(inputs, "myAuth", 400);
  call.step = "hand.patch.1.5"; // Is `myAuth` a string of 12-64 whole characters? No: 400.
  const myAuth = mustBeText(inputs, "myAuth", TOKEN_LENGTH, 400);
  call.step = "hand.patch.1.6"; // Does `isUp` exist? No: 400.
  mustExist(inputs, "isUp", 400);
  call.step = "hand.patch.1.7"; // Is `isUp` true or false? No: 400.
  const isUp = mustBeBoolean(inputs, "isUp", 400);

  call.step = "hand.patch.2"; // Open users/<myId>.dat.
  const tokenFile = await users.openTokenFile(myId);
  call.step = "hand.patch.2.1"; // File not found: 401.
  if (tokenFile === "not found") throw unknownId();
  call.step = "hand.patch.2.2"; // Other error: 500.
  if (tokenFile === "unreadable") throw unreadableUser();
  call.step = "hand.patch.3"; // Read the user's token.
  const authToken = tokenFile.authToken;
  call.step = "hand.patch.3.1"; // Does `myAuth` match it? No: 403.
  if (!authToken.matches(myAuth)) throw invalidToken();
  call.step = "hand.patch.3.2"; // The server is not in class mode: 404.
  if (classroom === undefined) throw noClass();

  call.step = "hand.patch.4"; // Create or remove class/hands/<myId>.json.
  await classroom.changePupil(myId, { isHandUp: isUp });

  call.step = "hand.patch.5"; // Return 200.
  return { userId: myId, isUp };
}
