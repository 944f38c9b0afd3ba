/**
 * Tells who sent a request, as far as the request says it. A name counts as proved only if the token was right, or if
 * the server has just given the handle to whoever asked for it. explain.ts calls it when the request has ended.
 */
import type { Inputs } from "../steps/call.ts";
import type { TracedSender } from "./trace.ts";

/** @param hasProved whether the operation compared the token of `myId`, and it was right. */
export function senderOf(
  { myId, secret, userHandle }: Inputs,
  { operation, status, hasProved }: { operation: string; status: number; hasProved: boolean },
): TracedSender | undefined {
  const isRegistration = operation === "register.post";
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
