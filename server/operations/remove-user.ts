/**
 * DELETE /api/v1/register: removes the user (ruling R13). Follows docs/spec.md, "register.delete", step by step.
 */
import type { Call } from "../steps/call.ts";
import { mustBeId, mustBeText, mustExist, mustNotHaveOthers } from "../steps/checks.ts";
import { TOKEN_LENGTH } from "../steps/limits.ts";
import type { Parts } from "./parts.ts";
import { invalidToken, unknownId, unreadableUser } from "./refusals.ts";

export interface Removed {
  userId: number;
}

export async function removeUser(call: Call, parts: Parts): Promise<Removed> {
  const { users, messages, classroom } = parts;

  call.step = "register.delete.1.1"; // Is the request body parsable JSON (one object, no input twice), the URL free of secrets, `Authorization` Basic? No: 400.
  const inputs = call.readInputs();

  call.step = "register.delete.1.2"; // Does `myId` exist? No: 400.
  mustExist(inputs, "myId", 400);
  call.step = "register.delete.1.3"; // Is `myId` an integer from 1 to 2^53 - 1? No: 400.
  const myId = mustBeId(inputs, "myId", 400);
  call.step = "register.delete.1.4"; // Does `myAuth` exist? No: 400.
  mustExist(inputs, "myAuth", 400);
  call.step = "register.delete.1.5"; // Is `myAuth` a string of 12-64 whole characters? No: 400.
  const myAuth = mustBeText(inputs, "myAuth", TOKEN_LENGTH, 400);
  call.step = "register.delete.1.6"; // Is there an input other than `myId` and `myAuth`? You can only remove yourself. Yes: 400.
  mustNotHaveOthers(
    inputs,
    ["myId", "myAuth"],
    "You can only remove yourself, for good. To do that, leave it out.",
    400,
  );

  // The other steps are in a function. oneAtATime() runs it as soon as no other change of this user is running.
  // Otherwise a change at the same time could bring back what is removed here.
  return users.oneAtATime(myId, async () => {
    call.step = "register.delete.2"; // Open users/<myId>.dat.
    const tokenFile = await users.openTokenFile(myId);
    call.step = "register.delete.2.1"; // File not found: 401.
    if (tokenFile === "not found") throw unknownId();
    call.step = "register.delete.2.2"; // Other error: 500.
    if (tokenFile === "unreadable") throw unreadableUser();
    call.step = "register.delete.3"; // Read the user's token.
    const authToken = tokenFile.authToken;
    call.step = "register.delete.3.1"; // Does `myAuth` match it? No: 403.
    if (!authToken.matches(myAuth)) throw invalidToken();

    call.step = "register.delete.4"; // Remove users/<myId>.dat: from now on the token is invalid.
    await users.removeTokenFile(myId);
    call.step = "register.delete.5"; // Remove the user's queue.
    await messages.dropQueue(myId);
    call.step = "register.delete.6"; // Remove users/<hashUserHandle>.dat: from now on the handle is free.
    await users.removeTraces(tokenFile);
    // What the folder of the class says about the user goes, too.
    await classroom?.forgetPupil(myId);

    call.step = "register.delete.7"; // Return 200.
    return { userId: myId };
  });
}
