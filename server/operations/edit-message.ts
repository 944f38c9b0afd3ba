/**
 * PATCH /api/v1/chat: the sender changes the text of a message. Follows docs/spec.md, "chat.patch", step by step.
 */
import type { Call } from "../steps/call.ts";
import { mustBeId, mustBeMessage, mustBeText, mustExist } from "../steps/checks.ts";
import { MESSAGE_LENGTH, TOKEN_LENGTH } from "../steps/limits.ts";
import { Refusal } from "../steps/refusal.ts";
import type { Parts } from "./parts.ts";
import { invalidToken, mustBeFreeToWrite, noSuchMessage, unknownId, unreadableUser } from "./refusals.ts";

export interface Edited {
  messageId: number;
  /** When the server accepted the change: ISO 8601, in UTC. */
  editedAt: string;
}

export async function editMessage(call: Call, parts: Parts): Promise<Edited> {
  const { users, messages, classroom } = parts;

  call.step = "chat.patch.1.1"; // Is the request body parsable JSON (one object, no input twice), the URL free of secrets, `Authorization` Basic? No: 400.
  const inputs = call.readInputs();

  call.step = "chat.patch.1.2"; // Does `myId` exist? No: 400.
  mustExist(inputs, "myId", 400);
  call.step = "chat.patch.1.3"; // Is `myId` an integer from 1 to 2^53 - 1? No: 400.
  const myId = mustBeId(inputs, "myId", 400);
  call.step = "chat.patch.1.4"; // Does `myAuth` exist? No: 400.
  mustExist(inputs, "myAuth", 400);
  call.step = "chat.patch.1.5"; // Is `myAuth` a string of 12-64 whole characters? No: 400.
  const myAuth = mustBeText(inputs, "myAuth", TOKEN_LENGTH, 400);
  call.step = "chat.patch.1.6"; // Does `messageId` exist? No: 400.
  mustExist(inputs, "messageId", 400);
  call.step = "chat.patch.1.7"; // Is `messageId` an integer from 1 to 2^53 - 1? No: 400.
  const messageId = mustBeId(inputs, "messageId", 400);
  call.step = "chat.patch.1.8"; // Does `message` exist? No: 400.
  mustExist(inputs, "message", 400);
  call.step = "chat.patch.1.9"; // Is `message` a string of 1-4096 whole characters, without control characters except line breaks and tabs? No: 400.
  const message = mustBeMessage(inputs, "message", MESSAGE_LENGTH, 400);

  call.step = "chat.patch.2"; // Open users/<myId>.dat.
  const tokenFile = await users.openTokenFile(myId);
  call.step = "chat.patch.2.1"; // File not found: 401.
  if (tokenFile === "not found") throw unknownId();
  call.step = "chat.patch.2.2"; // Other error: 500.
  if (tokenFile === "unreadable") throw unreadableUser();
  call.step = "chat.patch.3"; // Read the user's token.
  const authToken = tokenFile.authToken;
  call.step = "chat.patch.3.1"; // Does `myAuth` match it? No: 403.
  if (!authToken.matches(myAuth)) throw invalidToken();
  call.step = "chat.patch.3.2"; // In class mode: has the teacher paused the class, or muted me? Yes: 403.
  const decisions = await classroom?.decisions();
  mustBeFreeToWrite(decisions, myId, 403);

  call.step = "chat.patch.4"; // Find the message.
  const found = await messages.find(messageId);
  call.step = "chat.patch.4.1"; // It does not exist, or it is neither from me nor to me: 404.
  if (found === undefined || (found.fromId !== myId && found.toId !== myId)) throw noSuchMessage();
  call.step = "chat.patch.4.2"; // Is it from me? No: 403.
  if (found.fromId !== myId) throw new Refusal(403, "Only the sender can edit a message.", "messageId");

  call.step = "chat.patch.5"; // Write the new text.
  const edited = await messages.edit(messageId, message);
  call.step = "chat.patch.5.1"; // Someone has just removed it: 404.
  if (edited === undefined) throw noSuchMessage();

  call.step = "chat.patch.6"; // Return 200.
  return { messageId, editedAt: edited.editedAt };
}
