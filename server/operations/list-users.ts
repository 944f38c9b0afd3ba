/**
 * GET /api/v1/users: lists the users, page by page. Follows docs/spec.md, "users.get", step by step.
 */
import type { Call } from "../steps/call.ts";
import { mustBeId, mustBeInteger, mustBeText, mustExist, mustNotMisspell } from "../steps/checks.ts";
import { MAX_ID, PAGE_LIMIT, TOKEN_LENGTH } from "../steps/limits.ts";
import { lookAlikes } from "../steps/skeleton.ts";
import type { Classroom, Users } from "../store/contract.ts";
import type { Parts } from "./parts.ts";
import { invalidToken, unknownId, unreadableUser } from "./refusals.ts";

/** The fields with `?` are missing for most users. */
interface ListedUser {
  userId: number;
  userHandle: string;
  isTeacher?: true;
  /** The ids of the users whose handles look like this one. */
  looksLike?: number[];
}

export interface Listed {
  users: ListedUser[];
}

export async function listUsers(call: Call, parts: Parts): Promise<Listed> {
  const { users, classroom } = parts;

  call.step = "users.get.1.1"; // Is the request body parsable JSON (one object, no input twice), the URL free of secrets, `Authorization` Basic? No: 400.
  const inputs = call.readInputs();

  call.step = "users.get.1.2"; // Does `myId` exist? No: 400.
  mustExist(inputs, "myId", 400);
  call.step = "users.get.1.3"; // Is `myId` an integer from 1 to 2^53 - 1? No: 400.
  const myId = mustBeId(inputs, "myId", 400);
  call.step = "users.get.1.4"; // Does `myAuth` exist? No: 400.
  mustExist(inputs, "myAuth", 400);
  call.step = "users.get.1.5"; // Is `myAuth` a string of 12-64 whole characters? No: 400.
  const myAuth = mustBeText(inputs, "myAuth", TOKEN_LENGTH, 400);
  call.step = "users.get.1.6"; // Is `after`, if given, an integer from 0 to 2^53 - 1? No: 400.
  const after = inputs.after === undefined ? 0 : mustBeInteger(inputs, "after", { min: 0, max: MAX_ID }, 400);
  call.step = "users.get.1.7"; // Is `limit`, if given, an integer from 1 to 200? No: 400.
  const limit = inputs.limit === undefined ? PAGE_LIMIT.default : mustBeInteger(inputs, "limit", PAGE_LIMIT, 400);
  call.step = "users.get.1.8"; // Does an input look like a misspelling of one of these two? Yes: 400.
  mustNotMisspell(inputs, ["after", "limit"], 400);

  call.step = "users.get.2"; // Open users/<myId>.dat.
  const tokenFile = await users.openTokenFile(myId);
  call.step = "users.get.2.1"; // File not found: 401.
  if (tokenFile === "not found") throw unknownId();
  call.step = "users.get.2.2"; // Other error: 500.
  if (tokenFile === "unreadable") throw unreadableUser();
  call.step = "users.get.3"; // Read the user's token.
  const authToken = tokenFile.authToken;
  call.step = "users.get.3.1"; // Does `myAuth` match it? No: 403.
  if (!authToken.matches(myAuth)) throw invalidToken();

  call.step = "users.get.4"; // Collect up to `limit` users with ids above `after`, in order.
  const listed = await users.list(after, limit);

  call.step = "users.get.5"; // Return 200.
  return { users: classroom === undefined ? listed : await marked(listed, users, classroom) };
}

/** In class mode, everybody sees who the teacher is, and whose handles look alike. */
async function marked(listed: ListedUser[], users: Users, classroom: Classroom): Promise<ListedUser[]> {
  const alike = lookAlikes(await users.list(0, Number.POSITIVE_INFINITY));
  const { teacherId } = await classroom.decisions();
  return listed.map((user) => {
    const entry: ListedUser = { ...user };
    if (user.userId === teacherId) entry.isTeacher = true;
    const looksLike = alike.get(user.userId);
    if (looksLike !== undefined) entry.looksLike = looksLike;
    return entry;
  });
}
