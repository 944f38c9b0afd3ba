/**
 * Everything that a store keeps, in one form for files and for a database. A move reads it from one store, writes it to
 * another, reads it there again, and compares both: compareContents() must find no difference. It only describes and
 * compares; the four files beside it read and write.
 */
import { ABOUT_PUPILS } from "../files/paths.ts";
import type { RecentEvent } from "../index/recent-events.ts";
import type { MessageRecord } from "../journal/record.ts";
import { MoveProblem } from "./move-problem.ts";
import type { StoredClass } from "./stored-class.ts";

export interface StoredUser {
  userId: number;
  authToken: string;
  /** "?" if nobody knows it: the user has only a token. */
  userHandle: string;
  /** ISO 8601, in UTC. */
  registeredAt: string;
}

export interface StoredHandle {
  hashUserHandle: string;
  userId: number;
}

/** A message as it is now. `seq` is the number of the last event about it: it was sent, or edited. */
export type StoredMessage = Omit<MessageRecord, "op" | "postSeq">;

/** The greatest numbers that were ever given out. The next ones are greater, also if these users and messages are gone. */
export interface Head {
  eventId: number;
  messageId: number;
  userId: number;
}

export interface Contents {
  secret: string;
  head: Head;
  /** By their ids. */
  users: readonly StoredUser[];
  /** By their hashes. */
  handles: readonly StoredHandle[];
  class: StoredClass;
  /** What streams that resume are told, oldest first. */
  events: readonly RecentEvent[];
  messageCount: number;
  /** All messages in batches, by their ids. It can be called several times. */
  messages: () => AsyncGenerator<StoredMessage[]>;
}

/** Called with the progress, in messages. */
export type MoveProgress = (done: number, of: number) => void;

/** How many messages are handled together. */
export const BATCH = 500;

/** A message with its fields in one order, and without those that are undefined. */
export function storedMessage(from: StoredMessage): StoredMessage {
  const { seq, key, digest, messageId, fromId, fromHandle, toId, toHandle, message, sentAt } = from;
  return {
    seq,
    ...(key !== undefined && { key }),
    ...(digest !== undefined && { digest }),
    messageId,
    fromId,
    fromHandle,
    toId,
    toHandle,
    message,
    sentAt,
    ...(from.isTeacher === true && { isTeacher: true }),
    ...(from.isToAll === true && { isToAll: true }),
    ...(from.editedAt !== undefined && { editedAt: from.editedAt }),
  };
}

/** Compares everything, one by one. @throws {MoveProblem} at the first difference. */
export async function compareContents(expected: Contents, found: Contents, progress: MoveProgress): Promise<void> {
  mustEqual("The class secret", expected.secret, found.secret);
  mustEqual("The number of the last event, message or user", expected.head, found.head);
  mustEqualLists("user", expected.users, found.users);
  mustEqualLists("handle", expected.handles, found.handles);
  // Not shown: the keys are in it.
  mustEqual("Something about the whole class", expected.class.facts, found.class.facts);
  for (const about of ABOUT_PUPILS)
    mustEqualLists(`entry of class/${about}`, expected.class[about], found.class[about]);
  mustEqualLists("event", expected.events, found.events);
  mustEqual("The number of messages", expected.messageCount, found.messageCount);
  const others = found.messages();
  let done = 0;
  for await (const batch of expected.messages()) {
    const { value } = await others.next();
    mustEqualLists("message", batch, value ?? []);
    done += batch.length;
    progress(done, expected.messageCount);
  }
  if ((await others.next()).done !== true) throw new MoveProblem("There are more messages than there should be");
}

function mustEqualLists(what: string, expected: readonly object[], found: readonly object[]): void {
  mustEqual(`The number of ${what}s`, expected.length, found.length);
  for (const [i, each] of expected.entries()) mustEqual(`The ${what} ${JSON.stringify(each)}`, each, found[i]);
}

function mustEqual(what: string, expected: unknown, found: unknown): void {
  if (JSON.stringify(expected) !== JSON.stringify(found)) {
    throw new MoveProblem(`${what.slice(0, 200)} is not the same when it is read back. Nothing was moved`);
  }
}
