/**
 * The refusals that several operations share, so that the same mistake gets the same sentence everywhere, and one that
 * is long. Operations throw them, and http/reply/problem.ts turns them into replies. A sentence must never contain what
 * the client sent.
 */
import { Refusal } from "../steps/refusal.ts";
import { bareSkeletonOf } from "../steps/skeleton.ts";
import type { Decisions, LessonReport } from "../store/contract.ts";
import type { Parts } from "./parts.ts";

/** 403: this is not the class secret. */
export function wrongSecret(): Refusal {
  return new Refusal(
    403,
    "`secret` is not the class secret. Unless somebody changed it, it is five words with hyphens, all in small letters. Ask the person who runs the server for it.",
    "secret",
  );
}

/** 401: there is no user with this `myId`. */
export function unknownId(): Refusal {
  return new Refusal(401, "No user has this `myId`. Register first, then use the `userId` from the reply.", "myId");
}

/** 403: this is not the user's token. */
export function invalidToken(): Refusal {
  return new Refusal(403, "`myAuth` is not the token of this `myId`. Send the `authToken` from the reply.", "myAuth");
}

/** 404 with an empty body (ruling R8): no user has this handle. The sentence only goes to the log. */
export function noSuchHandle(): Refusal {
  return new Refusal(404, "No user has this `userHandle`.", "userHandle", { emptyBody: true });
}

/** 404: there is no such message, or the user neither sent nor received it. The reply does not say which. */
export function noSuchMessage(): Refusal {
  return new Refusal(404, "You have neither sent nor received a message with this `messageId`.", "messageId");
}

/** 409: another user has this handle. */
export function handleTaken(): Refusal {
  return new Refusal(409, "Someone already has this handle. Choose another one.", "userHandle");
}

/** 422: the key names another message of the same sender. */
export function keyUsed(): Refusal {
  return new Refusal(422, "You already used this `Idempotency-Key` for another message. Use a new one each time.");
}

/** 404: nobody leads a class on this server. */
export function noClass(): Refusal {
  return new Refusal(404, "The server is not in class mode. To start it in class mode: npm start -- --class");
}

/** 403: this is not the teacher's key. */
export function wrongTeacherKey(): Refusal {
  return new Refusal(
    403,
    "`teacherKey` is not the teacher's key. Open the teacher's page with the address that the server printed at its start: it has the key.",
    "teacherKey",
  );
}

/** 404: the teacher named a pupil who is not there. */
export function noSuchPupil(): Refusal {
  return new Refusal(404, "No user has this `userId`. Perhaps the pupil has just left.", "userId");
}

/** 403: this is not the code that the teacher has made for this handle. */
export function wrongCode(): Refusal {
  return new Refusal(
    403,
    "`rejoinCode` is not valid for this handle, or no longer: a code counts once, and for ten minutes. Ask the teacher for a new one.",
    "rejoinCode",
  );
}

/** 404: the teacher named a message that is not there. */
export function noSuchMessageInClass(): Refusal {
  return new Refusal(404, "There is no message with this `messageId`, or no longer.", "messageId");
}

/** 409: the class was told to end a moment ago. */
export function classIsEnding(): Refusal {
  return new Refusal(409, "The class is ending at this moment. Wait a second, and look which class is there then.");
}

/** 409: there is nothing to put away. */
export function nobodyInClass(): Refusal {
  return new Refusal(409, "Nobody has joined this class yet, so there is nothing to end.");
}

/** 404: no class was put away under this name. */
export function noSuchArchive(): Refusal {
  return new Refusal(
    404,
    "There is no archive with this name. Send GET /api/v1/class/archives for the names.",
    "archive",
  );
}

/** 409: a server or a command at the terminal has the folder of the archive open, or somebody reads its tables. */
export function archiveInUse(): Refusal {
  return new Refusal(409, "Another program uses this archive. Stop that program first.", "archive");
}

/**
 * A report names the case that fails first, or says that all have passed. It must not say both.
 * @throws {Refusal} with `status`.
 */
export function mustAddUp(report: LessonReport, status: number): void {
  // `case` is a word of TypeScript, so a variable needs another name.
  const { case: failing, passed, total } = report;
  if (passed > total) throw new Refusal(status, "`passed` must not be greater than `total`.", "passed");
  if (failing === undefined && passed < total)
    throw new Refusal(status, "If not all cases passed, send the id of the first one that failed as `case`.", "case");
  if (failing !== undefined && passed === total)
    throw new Refusal(
      status,
      "If a case failed, `passed` must be smaller than `total`. If none did, leave `case` out.",
      "case",
    );
}

/** 400: the class server does not check itself. */
export function ownPort(): Refusal {
  return new Refusal(
    400,
    "`port` is the port of the class server itself. Let your own server listen at another one, such as 8000.",
    "port",
  );
}

/** 403: the server cannot know whose address that is. */
export function addressNotChecked(): Refusal {
  return new Refusal(
    403,
    "Your server cannot be checked from here: the address that your request came from may not be that of your computer. Check it on your own computer, with check.mjs.",
  );
}

/** How long a client waits before it asks again whether its check may begin. */
const CHECK_RETRY_SECONDS = 3;

/** 429: one after the other. */
export function checkRuns(): Refusal {
  return new Refusal(
    429,
    "A check of your server, or of one at your address, runs at the moment or has just ended. Wait a little.",
    undefined,
    { retryAfterSeconds: CHECK_RETRY_SECONDS },
  );
}

/** 503: others are first. */
export function tooManyChecks(): Refusal {
  return new Refusal(
    503,
    "The class server checks others at the moment. Wait a little, and send this again.",
    undefined,
    { retryAfterSeconds: CHECK_RETRY_SECONDS },
  );
}

/** 404: nothing to tell. */
export function noCheck(): Refusal {
  return new Refusal(404, "No check of your server runs, and none has run since the class server started.");
}

/** 409: only a user can write messages, and the teacher is none yet. */
export function noTeacher(): Refusal {
  return new Refusal(409, "There is no teacher yet. Send POST /api/v1/class/teacher with your `userHandle` first.");
}

/**
 * Nobody but the teacher writes while the class is paused, and a pupil who is muted does not write at all.
 * @throws {Refusal} with `status`.
 */
export function mustBeFreeToWrite(decisions: Decisions | undefined, myId: number, status: number): void {
  if (decisions === undefined || decisions.teacherId === myId) return;
  if (decisions.facts.isPaused) throw new Refusal(status, "The teacher has paused the class. Wait until it goes on.");
  if (decisions.pupil(myId).isMuted) throw new Refusal(status, "The teacher has muted you. Raise your hand, or ask.");
}

/**
 * Nobody may choose a handle that people take for the teacher's.
 * @param wanted the new handle, if the user chooses one, and the id of a user who has one already.
 * @throws {Refusal} with `status`.
 */
export async function mustNotLookLikeTeacher(
  wanted: { userHandle: string | undefined; myId?: number },
  parts: Parts,
  status: number,
): Promise<void> {
  const { userHandle, myId } = wanted;
  const { users, classroom } = parts;
  const decisions = await classroom?.decisions();
  const teacherId = decisions?.teacherId;
  if (userHandle === undefined || teacherId === undefined || teacherId === myId) return;
  const teacher = await users.openTokenFile(teacherId);
  // If it is a text, it is not a user: "not found" or "unreadable".
  if (typeof teacher === "string" || bareSkeletonOf(teacher.userHandle) !== bareSkeletonOf(userHandle)) return;
  throw new Refusal(status, "This handle looks like the teacher's. Choose another one.", "userHandle");
}

/** 500: a file in the users folder exists but cannot be understood. */
export function unreadableUser(): Refusal {
  return new Refusal(500, "The server cannot read its data about this user. Tell the person who runs the server.");
}

/** A program that tries again by itself should wait a little first. */
const OPEN_RETRY_SECONDS = 5;

/** 429: this user already has the greatest allowed number of open streams or waiting fetches. */
export function tooManyOpen(what: "streams" | "fetches", most: number): Refusal {
  const open = what === "streams" ? `${most} open streams` : `${most} waiting fetches`;
  const sentence = `You already have ${open}. Close one first, and check whether your program opens them in a loop.`;
  return new Refusal(429, sentence, undefined, { retryAfterSeconds: OPEN_RETRY_SECONDS });
}
