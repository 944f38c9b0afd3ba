/**
 * GET /api/v1/class/checks: how the check of a pupil's own server goes, or how it went. Only in class mode. Follows
 * docs/spec.md, "checks.get", step by step.
 */
import type { CheckState } from "../../checks/contract.ts";
import type { Call } from "../../steps/call.ts";
import { mustBeId, mustBeText, mustExist } from "../../steps/checks.ts";
import { TOKEN_LENGTH } from "../../steps/limits.ts";
import type { Parts } from "../parts.ts";
import { invalidToken, noCheck, noClass, unknownId, unreadableUser } from "../refusals.ts";

export async function myCheck(call: Call, parts: Parts): Promise<CheckState> {
  const { users, checks } = parts;

  call.step = "checks.get.1.1"; // Is the request body parsable JSON (one object, no input twice), the URL free of secrets, `Authorization` Basic? No: 400.
  const inputs = call.readInputs();

  call.step = "checks.get.1.2"; // Does `myId` exist? No: 400.
  mustExist(inputs, "myId", 400);
  call.step = "checks.get.1.3"; // Is `myId` an integer from 1 to 2^53 - 1? No: 400.
  const myId = mustBeId(inputs, "myId", 400);
  call.step = "checks.get.1.4"; // Does `myAuth` exist? No: 400.
  mustExist(inputs, "myAuth", 400);
  call.step = "checks.get.1.5"; // Is `myAuth` a string of 12-64 whole characters? No: 400.
  const myAuth = mustBeText(inputs, "myAuth", TOKEN_LENGTH, 400);

  call.step = "checks.get.2"; // Open users/<myId>.dat.
  const tokenFile = await users.openTokenFile(myId);
  call.step = "checks.get.2.1"; // File not found: 401.
  if (tokenFile === "not found") throw unknownId();
  call.step = "checks.get.2.2"; // Other error: 500.
  if (tokenFile === "unreadable") throw unreadableUser();
  call.step = "checks.get.3"; // Read the user's token.
  const authToken = tokenFile.authToken;
  call.step = "checks.get.3.1"; // Does `myAuth` match it? No: 403.
  if (!authToken.matches(myAuth)) throw invalidToken();
  call.step = "checks.get.3.2"; // The server is not in class mode: 404.
  if (checks === undefined) throw noClass();

  call.step = "checks.get.4"; // Find my last check.
  const state = checks.find(myId);
  call.step = "checks.get.4.1"; // There is none since the server started: 404.
  if (state === undefined) throw noCheck();

  call.step = "checks.get.5"; // Return 200.
  return state;
}
