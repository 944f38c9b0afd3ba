/**
 * POST /api/v1/chat: puts a message into the recipient's queue. Follows docs/spec.md, "chat.post", step by step.
 */
import type { Call } from "../steps/call.ts";
import { mustBeHandle, mustBeId, mustBeIdempotencyKey, mustBeMessage, mustBeText, mustExist } from "../steps/checks.ts";
import { HANDLE_LENGTH, MESSAGE_LENGTH, TOKEN_LENGTH } from "../steps/limits.ts";
import type { Parts } from "./parts.ts";
import { invalidToken, keyUsed, mustBeFreeToWrite, noSuchHandle, unknownId, unreadableUser } from "./refusals.ts";

export interface PublishedMessage {
  /** The recipient's id. */
  userId: number;
  messageId: number;
  /** When the server accepted the message: ISO 8601, in UTC. */
  sentAt: string;
}

const BY_TEACHER = { isTeacher: true } as const;

export async function publishMessage(call: Call, parts: Parts): Promise<PublishedMessage> {
  const { users, messages, classroom } = parts;

  call.step = "chat.post.1.1"; // Is the request body parsable JSON (one object, no input twice), the URL free of secrets, `Authorization` Basic? No: 400.
  const inputs = call.readInputs();

  call.step = "chat.post.1.2"; // Does `myId` exist? No: 400.
  mustExist(inputs, "myId", 400);
  call.step = "chat.post.1.3"; // Is `myId` an integer from 1 to 2^53 - 1? No: 400.
  const myId = mustBeId(inputs, "myId", 400);
  call.step = "chat.post.1.4"; // Does `myAuth` exist? No: 400.
  mustExist(inputs, "myAuth", 400);
  call.step = "chat.post.1.5"; // Is `myAuth` a string of 12-64 whole characters? No: 400.
  const myAuth = mustBeText(inputs, "myAuth", TOKEN_LENGTH, 400);
  call.step = "chat.post.1.6"; // Does `userHandle` exist? No: 400.
  mustExist(inputs, "userHandle", 400);
  call.step = "chat.post.1.7"; // Is `userHandle` a string of 3-64 whole characters, also in NFC, without control characters? No: 400.
  const userHandle = mustBeHandle(inputs, "userHandle", HANDLE_LENGTH, 400);
  call.step = "chat.post.1.8"; // Does `message` exist? No: 400.
  mustExist(inputs, "message", 400);
  call.step = "chat.post.1.9"; // Is `message` a string of 1-4096 whole characters, without control characters except line breaks and tabs? No: 400.
  const message = mustBeMessage(inputs, "message", MESSAGE_LENGTH, 400);
  call.step = "chat.post.1.10"; // Is the header `Idempotency-Key`, if given, 1-255 visible ASCII characters? No: 400.
  const idempotencyKey = mustBeIdempotencyKey(call.idempotencyKey, 400);

  call.step = "chat.post.2"; // Open users/<myId>.dat.
  // Either a user, or a text that says why there is none: "not found" or "unreadable".
  const tokenFile = await users.openTokenFile(myId);
  call.step = "chat.post.2.1"; // File not found: 401.
  if (tokenFile === "not found") throw unknownId();
  call.step = "chat.post.2.2"; // Other error: 500.
  if (tokenFile === "unreadable") throw unreadableUser();
  call.step = "chat.post.3"; // Read the user's token.
  // For each of the two texts, a line above has thrown. So this is a user, and TypeScript knows that, too.
  const sender = tokenFile;
  const authToken = sender.authToken;
  call.step = "chat.post.3.1"; // Does `myAuth` match it? No: 403.
  if (!authToken.matches(myAuth)) throw invalidToken();
  call.step = "chat.post.3.2"; // In class mode: has the teacher paused the class, or muted me? Yes: 403.
  const decisions = await classroom?.decisions();
  mustBeFreeToWrite(decisions, myId, 403);

  call.step = "chat.post.4"; // Generate the sha256 hash of userHandle.
  const hashUserHandle = users.hashHandle(userHandle);
  call.step = "chat.post.5"; // Open users/<hashUserHandle>.dat.
  // As above: an object with the id of the recipient, or a text that says why there is none.
  const handleFile = await users.openHandleFile(hashUserHandle);
  call.step = "chat.post.5.1"; // File not found: 404.
  if (handleFile === "not found") throw noSuchHandle();
  call.step = "chat.post.5.2"; // Other error: 500.
  if (handleFile === "unreadable") throw unreadableUser();
  call.step = "chat.post.6"; // Read the file contents: the recipient's userId.
  const toId = handleFile.userId;

  call.step = "chat.post.7"; // Append the message to the recipient's queue, unless this Idempotency-Key already did.
  // Without class mode there is no classroom. Then `decisions?.teacherId` is undefined, which is nobody's id.
  const marks = decisions?.teacherId === myId ? BY_TEACHER : undefined;
  const draft = { from: sender, toId, toHandle: userHandle, message, idempotencyKey, marks };
  // `await` lets the server answer others until the message is on the disk. The result is again an object or a text.
  const published = await messages.publish(draft);
  call.step = "chat.post.7.1"; // The Idempotency-Key was used for another message: 422.
  if (published === "key used for another message") throw keyUsed();
  call.step = "chat.post.7.2"; // The sender has just left: 401.
  if (published === "sender gone") throw unknownId();
  call.step = "chat.post.7.3"; // The recipient has just left: 404.
  if (published === "recipient gone") throw noSuchHandle();

  call.step = "chat.post.8"; // Return 200.
  return { userId: toId, messageId: published.messageId, sentAt: published.sentAt };
}
