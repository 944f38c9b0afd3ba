/**
 * PATCH /api/v1/class/progress: a pupil's check says how far the pupil is in a lesson. Only in class mode. Follows
 * docs/spec.md, "progress.patch", step by step.
 */
import type { Call } from "../../steps/call.ts";
import { mustBeCaseId, mustBeId, mustBeInteger, mustBeText, mustExist, mustNotMisspell } from "../../steps/checks.ts";
import { CASES, CASES_PASSED, LESSONS, TOKEN_LENGTH } from "../../steps/limits.ts";
import type { LessonProgress } from "../../store/contract.ts";
import type { Parts } from "../parts.ts";
import { invalidToken, mustAddUp, noClass, unknownId, unreadableUser } from "../refusals.ts";

export async function reportProgress(call: Call, parts: Parts): Promise<LessonProgress> {
  const { users, classroom } = parts;

  call.step = "progress.patch.1.1"; // Is the request body parsable JSON (one object, no input twice), the URL free of secrets, `Authorization` Basic? No: 400.
  const inputs = call.readInputs();

  call.step = "progress.patch.1.2"; // Does `myId` exist? No: 400.
  mustExist(inputs, "myId", 400);
  call.step = "progress.patch.1.3"; // Is `myId` an integer from 1 to 2^53 - 1? No: 400.
  const myId = mustBeId(inputs, "myId", 400);
  call.step = "progress.patch.1.4"; // Does `myAuth` exist? No: 400.
  mustExist(inputs, "myAuth", 400);
  call.step = "progress.patch.1.5"; // Is `myAuth` a string of 12-64 whole characters? No: 400.
  const myAuth = mustBeText(inputs, "myAuth", TOKEN_LENGTH, 400);
  call.step = "progress.patch.1.6"; // Does `lesson` exist? No: 400.
  mustExist(inputs, "lesson", 400);
  call.step = "progress.patch.1.7"; // Is `lesson` an integer from 1 to 14? No: 400.
  const lesson = mustBeInteger(inputs, "lesson", LESSONS, 400);
  call.step = "progress.patch.1.8"; // Is `case`, if given, a string of 1-64 small letters and digits, with single hyphens or dots between them? No: 400.
  const failing = inputs.case === undefined ? undefined : mustBeCaseId(inputs, "case", 400);
  call.step = "progress.patch.1.9"; // Does `passed` exist? No: 400.
  mustExist(inputs, "passed", 400);
  call.step = "progress.patch.1.10"; // Is `passed` an integer from 0 to 500? No: 400.
  const passed = mustBeInteger(inputs, "passed", CASES_PASSED, 400);
  call.step = "progress.patch.1.11"; // Does `total` exist? No: 400.
  mustExist(inputs, "total", 400);
  call.step = "progress.patch.1.12"; // Is `total` an integer from 1 to 500? No: 400.
  const total = mustBeInteger(inputs, "total", CASES, 400);
  call.step = "progress.patch.1.13"; // Does an input look like a misspelling of `case`? Yes: 400.
  mustNotMisspell(inputs, ["case"], 400);
  call.step = "progress.patch.1.14"; // Do the numbers fit: is `passed` smaller than `total` if there is a `case`, and the same if there is none? No: 400.
  const report = { lesson, case: failing, passed, total };
  mustAddUp(report, 400);

  // The other steps are in a function. oneAtATime() runs it as soon as no other change of this user is running.
  // Otherwise a pupil who leaves at the same moment could leave the report behind.
  return users.oneAtATime(myId, async () => {
    call.step = "progress.patch.2"; // Open users/<myId>.dat.
    const tokenFile = await users.openTokenFile(myId);
    call.step = "progress.patch.2.1"; // File not found: 401.
    if (tokenFile === "not found") throw unknownId();
    call.step = "progress.patch.2.2"; // Other error: 500.
    if (tokenFile === "unreadable") throw unreadableUser();
    call.step = "progress.patch.3"; // Read the user's token.
    const authToken = tokenFile.authToken;
    call.step = "progress.patch.3.1"; // Does `myAuth` match it? No: 403.
    if (!authToken.matches(myAuth)) throw invalidToken();
    call.step = "progress.patch.3.2"; // The server is not in class mode: 404.
    if (classroom === undefined) throw noClass();

    call.step = "progress.patch.4"; // Write the report to class/progress/<myId>.json, unless it says nothing new.
    const kept = await classroom.keepProgress(myId, report);

    call.step = "progress.patch.5"; // Return 200.
    return kept;
  });
}
