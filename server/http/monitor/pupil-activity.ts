/**
 * Notes what each pupil does, for the teacher's list (live/activity.ts keeps it). answer.ts calls it in class mode, after
 * each request. It must not get the parts of an explained request: the trace shows only what the operation does.
 */
import type { Live } from "../../live/live.ts";
import type { Call, Inputs } from "../../steps/call.ts";
import type { Clock } from "../../steps/random-and-clock.ts";
import type { User, Users } from "../../store/contract.ts";

interface Parts {
  users: Users;
  live: Live;
  clock: Clock;
}

/** Only with a right token: anybody may claim to be somebody else. @param problem why the request was refused, if it was. */
export async function noteActivity(
  operation: string,
  call: Call,
  { users, live, clock }: Parts,
  problem?: { status: number; detail?: string | undefined },
): Promise<void> {
  if (isReport(operation)) return;
  const { myId, myAuth } = inputsOf(call);
  if (typeof myId !== "number" || typeof myAuth !== "string") return;
  const user = await openIfPossible(users, myId);
  if (typeof user === "string" || !user.authToken.matches(myAuth)) return;
  live.activity.note(myId, {
    at: new Date(clock.now()).toISOString(),
    operation,
    status: problem?.status ?? 200,
    ...(problem && { step: call.step, ...(problem.detail !== undefined && { reason: problem.detail }) }),
  });
}

/** The request has its outcome already, and must keep it, whatever happens to the store now. */
async function openIfPossible(users: Users, userId: number): Promise<User | "not found" | "unreadable"> {
  try {
    return await users.openTokenFile(userId);
  } catch {
    return "unreadable";
  }
}

/** The check and the page send these by themselves, and they say nothing about how the pupil gets on in the chat. */
function isReport(operation: string): boolean {
  return operation.startsWith("progress.") || operation === "checks.get";
}

/** Nothing if they cannot be read: then nobody knows who sent them. */
function inputsOf(call: Call): Inputs {
  try {
    return call.readInputs();
  } catch {
    return {};
  }
}
