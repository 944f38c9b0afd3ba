/**
 * GET /api/v1/chat/stream: sends what happens in the user's queue, as it happens.
 * Follows docs/spec.md, "stream.get", step by step.
 */
import type { Outlet } from "../live/listener.ts";
import type { Call } from "../steps/call.ts";
import {
  mustBeEventId,
  mustBeId,
  mustBeInteger,
  mustBeOneOf,
  mustBeText,
  mustExist,
  mustNotMisspell,
} from "../steps/checks.ts";
import { MAX_ID, TOKEN_LENGTH } from "../steps/limits.ts";
import type { Classroom } from "../store/contract.ts";
import type { Parts } from "./parts.ts";
import { invalidToken, tooManyOpen, unknownId, unreadableUser } from "./refusals.ts";

/** What this operation returns. The events come later, so it is not a text but a function that sends them. */
export interface Stream {
  /** Sends the client every event from now on. Resolves when it has sent what was already there. */
  tell(outlet: Outlet): Promise<void>;
}

export async function streamQueue(call: Call, parts: Parts): Promise<Stream> {
  const { users, messages, classroom, live } = parts;

  call.step = "stream.get.1.1"; // Is the request body parsable JSON (one object, no input twice), the URL free of secrets, `Authorization` Basic? No: 400.
  const inputs = call.readInputs();

  call.step = "stream.get.1.2"; // Does `myId` exist? No: 400.
  mustExist(inputs, "myId", 400);
  call.step = "stream.get.1.3"; // Is `myId` an integer from 1 to 2^53 - 1? No: 400.
  const myId = mustBeId(inputs, "myId", 400);
  call.step = "stream.get.1.4"; // Does `myAuth` exist? No: 400.
  mustExist(inputs, "myAuth", 400);
  call.step = "stream.get.1.5"; // Is `myAuth` a string of 12-64 whole characters? No: 400.
  const myAuth = mustBeText(inputs, "myAuth", TOKEN_LENGTH, 400);
  call.step = "stream.get.1.6"; // Is `box`, if given, "received", "sent" or "both"? No: 400.
  const box = inputs.box === undefined ? "received" : mustBeOneOf(inputs, "box", ["received", "sent", "both"], 400);
  call.step = "stream.get.1.7"; // Is `after`, if given, an integer from 0 to 2^53 - 1? No: 400.
  const after = inputs.after === undefined ? undefined : mustBeInteger(inputs, "after", { min: 0, max: MAX_ID }, 400);
  call.step = "stream.get.1.8"; // Is the header `Last-Event-ID`, if given, the id of an event? No: 400.
  const lastEventId = mustBeEventId(call.lastEventId, 400);
  call.step = "stream.get.1.9"; // Does an input look like a misspelling of one of these? Yes: 400.
  mustNotMisspell(inputs, ["box", "after"], 400);

  call.step = "stream.get.2"; // Open users/<myId>.dat.
  const tokenFile = await users.openTokenFile(myId);
  call.step = "stream.get.2.1"; // File not found: 401.
  if (tokenFile === "not found") throw unknownId();
  call.step = "stream.get.2.2"; // Other error: 500.
  if (tokenFile === "unreadable") throw unreadableUser();
  call.step = "stream.get.3"; // Read the user's token.
  const authToken = tokenFile.authToken;
  call.step = "stream.get.3.1"; // Does `myAuth` match it? No: 403.
  if (!authToken.matches(myAuth)) throw invalidToken();

  call.step = "stream.get.4"; // Start after the event `Last-Event-ID`, or else after the message `after`, or else now (429 if you have too many open streams).
  if (!live.listeners.hasRoom(myId)) throw tooManyOpen("streams", live.openForEach);
  // Now, and not after the reply has begun: a message that is sent in between must not be missed.
  const { eventId: requestedAt } = await messages.last();
  // A function, because the answer changes: the stream calls it whenever the teacher has decided something.
  const news = classroom === undefined ? undefined : () => newsFor(myId, classroom);
  const subscription = { userId: myId, box, lastEventId, after, requestedAt, news };

  call.step = "stream.get.5"; // Send every event from there on, as it happens. Return 200.
  // http/reply/stream.ts calls this function after it has sent the headers of the reply. The function can still use
  // `subscription`, `users` and everything else above.
  async function tell(outlet: Outlet): Promise<void> {
    // From now on it is one of the open streams, so a change of the token ends it.
    const begin = live.listeners.add(subscription, messages, outlet);
    // The reply waited for its turn, and the token may have changed by then.
    const tokenFileNow = await users.openTokenFile(myId);
    if (typeof tokenFileNow === "string" || !tokenFileNow.authToken.matches(myAuth)) outlet.end();
    else await begin();
  }
  return { tell };
}

/** What the page of a pupil shows at once. */
async function newsFor(userId: number, classroom: Classroom): Promise<object> {
  const decisions = await classroom.decisions();
  const { isMuted, isHandUp } = decisions.pupil(userId);
  // Everything that holds for the whole class, and two facts about this pupil.
  return { ...decisions.facts, isMuted, isHandUp };
}
