/**
 * Sends a message to a user, whatever their handle is now. The server finds a recipient by handle, and handles change
 * hands: between looking somebody up and sending, another user may take the handle. The reply says who got the message.
 */
import { ChatError } from "./chat-error.ts";
import type { CallOptions, PlainchatClient } from "./plainchat-client.ts";
import { randomKey } from "./random-key.ts";

/** A handle can change again while a message is on its way. */
const MAX_HANDLES = 3;

interface Letter {
  userId: number;
  message: string;
  /** New for each message; pass your own if you want to repeat a call yourself. */
  idempotencyKey?: string;
}

interface Options extends CallOptions {
  /** Asks for the handle. The default is the client that sends. */
  finder?: PlainchatClient;
}

interface Delivery {
  messageId: number;
  sentAt: string;
  /** The handle that the user has now. */
  userHandle: string;
}

/** The handle that a user has now, or undefined if they have left. */
export async function handleOf(
  client: PlainchatClient,
  userId: number,
  options: CallOptions = {},
): Promise<string | undefined> {
  const { users } = await client.listUsers({ after: userId - 1, limit: 1 }, options);
  return users.find((user) => user.userId === userId)?.userHandle;
}

/**
 * Sends a message to one user and nobody else. If it went to somebody else all the same, it is taken back.
 * @throws {ChatError} "has left", "wrong recipient" or "not taken back", beside what `publishMessage()` throws.
 */
export async function sendToUser(
  client: PlainchatClient,
  { userId, message, idempotencyKey = randomKey() }: Letter,
  { signal, finder = client }: Options = {},
): Promise<Delivery> {
  for (let handles = 1; ; handles++) {
    const userHandle = await handleOf(finder, userId, { signal });
    if (userHandle === undefined) {
      throw new ChatError("This user has left. The message was not sent.", { reason: "has left", status: 404 });
    }
    try {
      const sent = await client.publishMessage({ userHandle, message, idempotencyKey }, { signal });
      if (sent.userId !== userId) throw await takenBack(client, sent.messageId, userHandle);
      return { messageId: sent.messageId, sentAt: sent.sentAt, userHandle };
    } catch (error) {
      if (handles >= MAX_HANDLES || !isAboutHandle(error)) throw error;
    }
  }
}

/**
 * Nobody has the handle any more. Or somebody else has it, and this user got the message under it at an earlier try
 * without a reply: under their new handle, the same key gets the first answer.
 */
function isAboutHandle(error: unknown): boolean {
  return error instanceof ChatError && (error.reason === "unknown handle" || error.status === 422);
}

/** Takes a message back from somebody who should not have it. @returns the error to throw. */
async function takenBack(client: PlainchatClient, messageId: number, userHandle: string): Promise<ChatError> {
  const what = `Somebody else took the handle ${userHandle} at that very moment, and got your message.`;
  try {
    // Without a signal: it is done even when the user is leaving.
    await client.removeMessage({ messageId });
    const sentence = `${what} It was taken back at once, but they may have seen it.`;
    return new ChatError(sentence, { reason: "wrong recipient", status: 409 });
  } catch (cause) {
    const sentence = `${what} Taking it back failed. Try to delete message ${messageId}.`;
    return new ChatError(sentence, { reason: "not taken back", status: 409, cause });
  }
}
