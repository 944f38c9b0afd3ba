/**
 * POST /api/v1/class/checks: checks a pupil's own server, at the address that the request comes from and no other. Only
 * in class mode. The reply does not wait for the check: GET /api/v1/class/checks tells how it goes. Follows docs/spec.md,
 * "checks.post", step by step.
 */
import type { CheckedLesson, CheckState } from "../../checks/contract.ts";
import type { Call } from "../../steps/call.ts";
import { mustBeId, mustBeInteger, mustBeText, mustExist } from "../../steps/checks.ts";
import { LESSONS, PORTS, SECRET_LENGTH, TOKEN_LENGTH } from "../../steps/limits.ts";
import type { Classroom, Users } from "../../store/contract.ts";
import type { Parts } from "../parts.ts";
import {
  addressNotChecked,
  checkRuns,
  invalidToken,
  noClass,
  ownPort,
  tooManyChecks,
  unknownId,
  unreadableUser,
} from "../refusals.ts";

export async function beginCheck(call: Call, parts: Parts): Promise<CheckState> {
  const { users, classroom, checks } = parts;

  call.step = "checks.post.1.1"; // Is the request body parsable JSON (one object, no input twice), the URL free of secrets, `Authorization` Basic? No: 400.
  const inputs = call.readInputs();

  call.step = "checks.post.1.2"; // Does `myId` exist? No: 400.
  mustExist(inputs, "myId", 400);
  call.step = "checks.post.1.3"; // Is `myId` an integer from 1 to 2^53 - 1? No: 400.
  const myId = mustBeId(inputs, "myId", 400);
  call.step = "checks.post.1.4"; // Does `myAuth` exist? No: 400.
  mustExist(inputs, "myAuth", 400);
  call.step = "checks.post.1.5"; // Is `myAuth` a string of 12-64 whole characters? No: 400.
  const myAuth = mustBeText(inputs, "myAuth", TOKEN_LENGTH, 400);
  call.step = "checks.post.1.6"; // Does `port` exist? No: 400.
  mustExist(inputs, "port", 400);
  call.step = "checks.post.1.7"; // Is `port` an integer from 1024 to 65535? No: 400.
  const port = mustBeInteger(inputs, "port", PORTS, 400);
  call.step = "checks.post.1.8"; // Does `lesson` exist? No: 400.
  mustExist(inputs, "lesson", 400);
  call.step = "checks.post.1.9"; // Is `lesson` an integer from 1 to 14? No: 400.
  const lesson = mustBeInteger(inputs, "lesson", LESSONS, 400);
  call.step = "checks.post.1.10"; // Does `secret` exist? No: 400.
  mustExist(inputs, "secret", 400);
  call.step = "checks.post.1.11"; // Is `secret` a string of 12-64 whole characters? No: 400.
  const secret = mustBeText(inputs, "secret", SECRET_LENGTH, 400);

  call.step = "checks.post.2"; // Open users/<myId>.dat.
  const tokenFile = await users.openTokenFile(myId);
  call.step = "checks.post.2.1"; // File not found: 401.
  if (tokenFile === "not found") throw unknownId();
  call.step = "checks.post.2.2"; // Other error: 500.
  if (tokenFile === "unreadable") throw unreadableUser();
  call.step = "checks.post.3"; // Read the user's token.
  const authToken = tokenFile.authToken;
  call.step = "checks.post.3.1"; // Does `myAuth` match it? No: 403.
  if (!authToken.matches(myAuth)) throw invalidToken();
  call.step = "checks.post.3.2"; // The server is not in class mode: 404.
  if (classroom === undefined || checks === undefined) throw noClass();

  call.step = "checks.post.4"; // Begin to check the server at `port` of the address that the request came from. At the end, keep the result in class/progress/<myId>.json.
  const order = { userId: myId, port, lesson, secret };
  const begun = checks.begin(order, call.peer, (lessons) => keep(myId, lessons, users, classroom));
  call.step = "checks.post.4.1"; // Is it a port of the class server? Yes: 400.
  if (begun === "own port") throw ownPort();
  call.step = "checks.post.4.2"; // Is it certain that the address belongs to me? No: 403.
  if (begun === "address") throw addressNotChecked();
  call.step = "checks.post.4.3"; // Does a check of mine, or of this address, run or has it just ended? Yes: 429.
  if (begun === "already runs") throw checkRuns();
  call.step = "checks.post.4.4"; // Do too many checks of others run? Yes: 503.
  if (begun === "too many") throw tooManyChecks();

  call.step = "checks.post.5"; // Return 200.
  return { ...begun };
}

/** A pupil may leave while the check runs. Then nothing may be left of them. */
function keep(myId: number, lessons: CheckedLesson[], users: Users, classroom: Classroom): Promise<void> {
  return users.oneAtATime(myId, async () => {
    const tokenFile = await users.openTokenFile(myId);
    if (typeof tokenFile === "string") return;
    for (const each of lessons) await classroom.keepProgress(myId, { ...each, case: each.case });
  });
}
