/**
 * GET /api/v1/class/progress: how far a pupil is in the course, for the pupil. Only in class mode. Follows docs/spec.md,
 * "progress.get", step by step.
 */
import type { Call } from "../../steps/call.ts";
import { mustBeId, mustBeText, mustExist } from "../../steps/checks.ts";
import { TOKEN_LENGTH } from "../../steps/limits.ts";
import type { LessonProgress } from "../../store/contract.ts";
import type { Parts } from "../parts.ts";
import { invalidToken, noClass, unknownId, unreadableUser } from "../refusals.ts";

export interface MyProgress {
  /** The lesson of the last report. Missing before the first one. */
  lesson?: number;
  lessons: readonly LessonProgress[];
}

export async function myProgress(call: Call, parts: Parts): Promise<MyProgress> {
  const { users, classroom } = parts;

  call.step = "progress.get.1.1"; // Is the request body parsable JSON (one object, no input twice), the URL free of secrets, `Authorization` Basic? No: 400.
  const inputs = call.readInputs();

  call.step = "progress.get.1.2"; // Does `myId` exist? No: 400.
  mustExist(inputs, "myId", 400);
  call.step = "progress.get.1.3"; // Is `myId` an integer from 1 to 2^53 - 1? No: 400.
  const myId = mustBeId(inputs, "myId", 400);
  call.step = "progress.get.1.4"; // Does `myAuth` exist? No: 400.
  mustExist(inputs, "myAuth", 400);
  call.step = "progress.get.1.5"; // Is `myAuth` a string of 12-64 whole characters? No: 400.
  const myAuth = mustBeText(inputs, "myAuth", TOKEN_LENGTH, 400);

  call.step = "progress.get.2"; // Open users/<myId>.dat.
  const tokenFile = await users.openTokenFile(myId);
  call.step = "progress.get.2.1"; // File not found: 401.
  if (tokenFile === "not found") throw unknownId();
  call.step = "progress.get.2.2"; // Other error: 500.
  if (tokenFile === "unreadable") throw unreadableUser();
  call.step = "progress.get.3"; // Read the user's token.
  const authToken = tokenFile.authToken;
  call.step = "progress.get.3.1"; // Does `myAuth` match it? No: 403.
  if (!authToken.matches(myAuth)) throw invalidToken();
  call.step = "progress.get.3.2"; // The server is not in class mode: 404.
  if (classroom === undefined) throw noClass();

  call.step = "progress.get.4"; // Open class/progress/<myId>.json, if there is one.
  const progress = await classroom.openProgress(myId);

  call.step = "progress.get.5"; // Return 200.
  return progress ?? { lessons: [] };
}
