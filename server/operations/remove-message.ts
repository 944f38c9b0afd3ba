/**
 * DELETE /api/v1/chat: the recipient removes a message, or the sender takes it back. It is gone for both.
 * Follows docs/spec.md, "chat.delete", step by step.
 */
import type { Call } from "../steps/call.ts";
import { mustBeId, mustBeText, mustExist } from "../steps/checks.ts";
import { TOKEN_LENGTH } from "../steps/limits.ts";
import type { Parts } from "./parts.ts";
import { invalidToken, noSuchMessage, unknownId, unreadableUser } from "./refusals.ts";

export interface RemovedMessage {
  messageId: number;
}

export async function removeMessage(call: Call, parts: Parts): Promise<RemovedMessage> {
  const { users, messages } = parts;

  call.step = "chat.delete.1.1"; // Is the request body parsable JSON (one object, no input twice), the URL free of secrets, `Authorization` Basic? No: 400.
  const inputs = call.readInputs();

  call.step = "chat.delete.1.2"; // Does `myId` exist? No: 400.
  mustExist(inputs, "myId", 400);
  call.step = "chat.delete.1.3"; // Is `myId` an integer from 1 to 2^53 - 1? No: 400.
  const myId = mustBeId(inputs, "myId", 400);
  call.step = "chat.delete.1.4"; // Does `myAuth` exist? No: 400.
  mustExist(inputs, "myAuth", 400);
  call.step = "chat.delete.1.5"; // Is `myAuth` a string of 12-64 whole characters? No: 400.
  const myAuth = mustBeText(inputs, "myAuth", TOKEN_LENGTH, 400);
  call.step = "chat.delete.1.6"; // Does `messageId` exist? No: 400.
  mustExist(inputs, "messageId", 400);
  call.step = "chat.delete.1.7"; // Is `messageId` an integer from 1 to 2^53 - 1? No: 400.
  const messageId = mustBeId(inputs, "messageId", 400);

  call.step = "chat.delete.2"; // Open users/<myId>.dat.
  const tokenFile = await users.openTokenFile(myId);
  call.step = "chat.delete.2.1"; // File not found: 401.
  if (tokenFile === "not found") throw unknownId();
  call.step = "chat.delete.2.2"; // Other error: 500.
  if (tokenFile === "unreadable") throw unreadableUser();
  call.step = "chat.delete.3"; // Read the user's token.
  const authToken = tokenFile.authToken;
  call.step = "chat.delete.3.1"; // Does `myAuth` match it? No: 403.
  if (!authToken.matches(myAuth)) throw invalidToken();

  call.step = "chat.delete.4"; // Find the message.
  const found = await messages.find(messageId);
  call.step = "chat.delete.4.1"; // It does not exist, or it is neither from me nor to me: 404.
  if (found === undefined || (found.fromId !== myId && found.toId !== myId)) throw noSuchMessage();

  call.step = "chat.delete.5"; // Remove it.
  const removed = await messages.remove(messageId);
  call.step = "chat.delete.5.1"; // Someone else has just removed it: 404.
  if (!removed) throw noSuchMessage();

  call.step = "chat.delete.6"; // Return 200.
  return { messageId };
}
