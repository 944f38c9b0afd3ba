/**
 * Tells who sent a request, as far as the request says it. A name counts as proved only if the token was right, or if
 * the server has just given the handle to whoever asked for it. explain.ts calls it when the request has ended.
 */
import type { Inputs } from "../steps/call.ts";
import type { TracedSender } from "./trace.ts";

interface Ended {
  operation: string;
  status: number;
  /** Whether the operation compared the token of `myId`, or the teacher's key, and it was right. */
  hasProved: boolean;
  /** The user who is the teacher of the class. */
  teacherId?: number | undefined;
}

export function senderOf(
  { myId, secret, userHandle, teacherKey }: Inputs,
  { operation, status, hasProved, teacherId }: Ended,
): TracedSender | undefined {
  // Whoever has the teacher's key is the teacher, whatever id comes with it.
  if (teacherKey !== undefined && hasProved) {
    return teacherId === undefined ? undefined : { userId: teacherId, proved: true };
  }
  // With a rejoin code, too, a pupil has nothing but the handle.
  const isRegistration = operation === "register.post" || operation === "rejoin.post";
  // A registration has no id yet: the client names itself by the handle that it wants.
  const namesItself =
    secret === undefined ? isRegistration && myId === undefined : isRegistration || myId === undefined;
  if (namesItself) {
    return typeof userHandle === "string" ? { userHandle, proved: isRegistration && status === 200 } : undefined;
  }
  const userId = idIn(myId);
  return userId === undefined ? undefined : { userId, proved: hasProved };
}

/** Also if it was sent as text by mistake. Other text is not shown: it may be a token in the wrong place. */
function idIn(myId: unknown): number | undefined {
  const id = typeof myId === "string" && /^\d{1,16}$/.test(myId) ? Number(myId) : myId;
  return typeof id === "number" && Number.isSafeInteger(id) && id > 0 ? id : undefined;
}
