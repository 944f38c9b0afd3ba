/**
 * The data in requests and replies. docs/spec.md describes it, with the same names.
 */

/** How a user proves who they are: the `userId` and `authToken` from the reply to registering. */
export interface Credentials {
  myId: number;
  myAuth: string;
}

export interface User {
  userId: number;
  userHandle: string;
}

/** Somebody in the class. */
export interface ClassUser extends User {
  isTeacher?: true;
  /** The teacher has hidden this pupil from the wall. */
  isHidden?: true;
}

export interface Message {
  messageId: number;
  fromId: number;
  /** The handle when the message was sent. Someone else may have it now. */
  fromHandle: string;
  toId: number;
  toHandle: string;
  message: string;
  /** ISO 8601, in UTC. */
  sentAt: string;
  /** ISO 8601, in UTC. Missing if the message was never edited. */
  editedAt?: string;
}

/** Which of your messages: those you received, those you sent, or both. */
export type Box = "received" | "sent" | "both";

/** Which messages to fetch. */
export interface Page {
  /** Only messages with this user. */
  userHandle?: string;
  /** The default is "received". */
  box?: Box;
  /** Only messages with a greater id, starting with the oldest of them. */
  after?: number;
  /** Only messages with a smaller id. Without `after`: the newest of them. */
  before?: number;
  /** 1 to 200. The default is 50. */
  limit?: number;
  /** Seconds to wait for a new message if there is none, 0 to 60. */
  wait?: number;
}

/** Something that happened in your queue. A message that was already in the queue has no `eventId`. */
export type ChatEvent =
  | { type: "message" | "edit"; eventId?: number; message: Message }
  | { type: "delete"; eventId: number; messageId: number; fromId: number; toId: number }
  /** A user has left, and their queue is deleted. Only in the boxes "sent" and "both". */
  | { type: "leave"; eventId: number; userId: number }
  /** The server no longer knows what happened since then: fetch the queue again. */
  | { type: "reset"; eventId: number };
