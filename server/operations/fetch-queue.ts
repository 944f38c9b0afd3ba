/**
 * GET /api/v1/chat: returns the messages in the user's queue. Follows docs/spec.md, "chat.get", step by step.
 */
import type { Call } from "../steps/call.ts";
import {
  mustBeHandle,
  mustBeId,
  mustBeInteger,
  mustBeOneOf,
  mustBeText,
  mustExist,
  mustNotMisspell,
} from "../steps/checks.ts";
import { HANDLE_LENGTH, MAX_ID, PAGE_LIMIT, TOKEN_LENGTH, WAIT_SECONDS } from "../steps/limits.ts";
import type { Page } from "../store/contract.ts";
import type { Parts } from "./parts.ts";
import { invalidToken, noSuchHandle, tooManyOpen, unknownId, unreadableUser } from "./refusals.ts";

export interface Fetched {
  myId: number;
  messages: Page;
}

export async function fetchQueue(call: Call, parts: Parts): Promise<Fetched> {
  const { users, messages, live, clock } = parts;

  call.step = "chat.get.1.1"; // Is the request body parsable JSON (one object, no input twice), the URL free of secrets, `Authorization` Basic? No: 400.
  const inputs = call.readInputs();

  call.step = "chat.get.1.2"; // Does `myId` exist? No: 400.
  mustExist(inputs, "myId", 400);
  call.step = "chat.get.1.3"; // Is `myId` an integer from 1 to 2^53 - 1? No: 400.
  const myId = mustBeId(inputs, "myId", 400);
  call.step = "chat.get.1.4"; // Does `myAuth` exist? No: 400.
  mustExist(inputs, "myAuth", 400);
  call.step = "chat.get.1.5"; // Is `myAuth` a string of 12-64 whole characters? No: 400.
  const myAuth = mustBeText(inputs, "myAuth", TOKEN_LENGTH, 400);
  call.step = "chat.get.1.6"; // Does `userHandle` exist? No: read messages from everyone, without steps 1.7, 4 and 5.
  let userHandle: string | undefined;
  if (inputs.userHandle !== undefined) {
    call.step = "chat.get.1.7"; // Is `userHandle` a string of 3-64 whole characters, also in NFC, without control characters? No: 400.
    userHandle = mustBeHandle(inputs, "userHandle", HANDLE_LENGTH, 400);
  }
  call.step = "chat.get.1.8"; // Is `box`, if given, "received", "sent" or "both"? No: 400.
  const box = inputs.box === undefined ? "received" : mustBeOneOf(inputs, "box", ["received", "sent", "both"], 400);
  call.step = "chat.get.1.9"; // Is `after`, if given, an integer from 0 to 2^53 - 1? No: 400.
  const after = inputs.after === undefined ? undefined : mustBeInteger(inputs, "after", { min: 0, max: MAX_ID }, 400);
  call.step = "chat.get.1.10"; // Is `before`, if given, an integer from 1 to 2^53 - 1? No: 400.
  const before = inputs.before === undefined ? undefined : mustBeId(inputs, "before", 400);
  call.step = "chat.get.1.11"; // Is `limit`, if given, an integer from 1 to 200? No: 400.
  const limit = inputs.limit === undefined ? PAGE_LIMIT.default : mustBeInteger(inputs, "limit", PAGE_LIMIT, 400);
  call.step = "chat.get.1.12"; // Is `wait`, if given, an integer from 0 to 60 (seconds)? No: 400.
  const waitSeconds = inputs.wait === undefined ? 0 : mustBeInteger(inputs, "wait", WAIT_SECONDS, 400);
  call.step = "chat.get.1.13"; // Does an input look like a misspelling of one of these? Yes: 400.
  mustNotMisspell(inputs, ["userHandle", "box", "after", "before", "limit", "wait"], 400);

  call.step = "chat.get.2"; // Open users/<myId>.dat.
  const tokenFile = await users.openTokenFile(myId);
  call.step = "chat.get.2.1"; // File not found: 401.
  if (tokenFile === "not found") throw unknownId();
  call.step = "chat.get.2.2"; // Other error: 500.
  if (tokenFile === "unreadable") throw unreadableUser();
  call.step = "chat.get.3"; // Read the user's token.
  const authToken = tokenFile.authToken;
  call.step = "chat.get.3.1"; // Does `myAuth` match it? No: 403.
  if (!authToken.matches(myAuth)) throw invalidToken();

  let otherId: number | undefined;
  if (userHandle !== undefined) {
    call.step = "chat.get.4"; // Generate the sha256 hash of userHandle.
    const hashUserHandle = users.hashHandle(userHandle);
    call.step = "chat.get.5"; // Open users/<hashUserHandle>.dat.
    const handleFile = await users.openHandleFile(hashUserHandle);
    call.step = "chat.get.5.1"; // File not found: 404.
    if (handleFile === "not found") throw noSuchHandle();
    call.step = "chat.get.5.2"; // Other error: 500.
    if (handleFile === "unreadable") throw unreadableUser();
    otherId = handleFile.userId;
  }

  call.step = "chat.get.6"; // Read the messages in the queue, oldest first.
  const query = { userId: myId, box, otherId, after, before, limit };
  // Read before the page: if something arrives in between, next() sees that the count has changed, and does not wait.
  let since = live.arrivals.count;
  let page = await messages.page(query);

  if (page.count === 0 && waitSeconds > 0) {
    call.step = "chat.get.7"; // If there are none and `wait` is given, wait up to that long for one (429 if too many of your fetches wait already), and read again.
    if (!live.arrivals.hasRoom(myId)) throw tooManyOpen("fetches", live.openForEach);
    const deadline = clock.now() + waitSeconds * 1000;
    while (page.count === 0) {
      // The fetch waits here, and the server answers others. False if the time is up or the client has gone.
      const hasArrived = await live.arrivals.next(myId, since, deadline - clock.now(), call.ended);
      if (!hasArrived) break;
      // Much can happen in a minute, so the user's file is opened once more.
      const tokenFileNow = await users.openTokenFile(myId);
      call.step = "chat.get.7.1"; // Was this user removed during the wait? Yes: 401.
      if (tokenFileNow === "not found") throw unknownId();
      call.step = "chat.get.7.2"; // Was the token changed during the wait, or is it unreadable? Yes: 403.
      if (tokenFileNow === "unreadable" || !tokenFileNow.authToken.matches(myAuth)) throw invalidToken();
      since = live.arrivals.count;
      page = await messages.page(query);
    }
  }

  call.step = "chat.get.8"; // Return 200.
  return { myId, messages: page };
}
