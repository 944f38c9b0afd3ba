/**
 * What goes over the wire, as docs/spec.md describes it, under the same names.
 */

/** Who somebody is to the server: `userId` and `authToken` of the reply to registering. */
export interface Credentials {
  myId: number;
  myAuth: string;
}

export interface User {
  userId: number;
  userHandle: string;
}

export interface Message {
  messageId: number;
  fromId: number;
  /** The handle at the time of sending; somebody else may have it by now. */
  fromHandle: string;
  toId: number;
  toHandle: string;
  message: string;
  /** ISO 8601, in UTC. */
  sentAt: string;
  /** ISO 8601, in UTC. Not there when the message was never edited. */
  editedAt?: string;
}

/** Which of one's messages: those received, those sent, or both. */
export type Box = "received" | "sent" | "both";

/** Which messages to fetch. */
export interface Page {
  /** Only messages with this user. */
  userHandle?: string;
  /** "received", where it is not given. */
  box?: Box;
  /** Only messages with a greater id: the oldest of them first. */
  after?: number;
  /** Only messages with a smaller id; without `after`, the newest of them. */
  before?: number;
  /** 1 to 200; 50, where it is not given. */
  limit?: number;
  /** Seconds, 0 to 60, to wait for a new message where there is none. */
  wait?: number;
}

/** Something that has happened in one's queue. `eventId` is not there for what was in the queue already. */
export type ChatEvent =
  | { type: "message" | "edit"; eventId?: number; message: Message }
  | { type: "delete"; eventId: number; messageId: number; fromId: number; toId: number }
  /** A user has left, and with them everything that was in their queue. Only in the boxes "sent" and "both". */
  | { type: "leave"; eventId: number; userId: number }
  /** The server cannot say what has happened since: fetch the queue anew. */
  | { type: "reset"; eventId: number };
