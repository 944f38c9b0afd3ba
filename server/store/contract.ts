/**
 * What the operations may ask of the store, as small interfaces. It is all that they know of it: nothing here says how
 * a thing is kept, and nothing but types is in this file.
 */

/** Something secret that can be compared with what a client sent, in a time that says nothing about it. */
export interface Confidential {
  readonly text: string;
  matches(given: string): boolean;
}

export interface Secret {
  /** The class secret, or undefined when its file cannot be read. */
  open(): Confidential | undefined;
}

export interface User {
  readonly userId: number;
  readonly userHandle: string;
  readonly authToken: Confidential;
}

export interface Users {
  /** The user whose token is in `<userId>.dat`. What is in the file is known already: nothing is read here. */
  openTokenFile(userId: number): User | "not found" | "unreadable";
  /** The sha256 of a handle as lower-case hex (ruling R2). */
  hashHandle(userHandle: string): string;
  /** The owner of a handle, as `<hashUserHandle>.dat` names it. */
  openHandleFile(hashUserHandle: string): { readonly userId: number } | "not found" | "unreadable";
  /** An id that no user ever had and none will have again (ruling R10). */
  nextId(): Promise<number>;
  /** Keeps the token of a user who has no handle yet. */
  createTokenFile(userId: number, authToken: string, userHandle: string): Promise<void>;
  /** Gives a handle to a user, durably. False when another user has it: the first owner keeps it (ruling R3). */
  createHandleFile(hashUserHandle: string, userId: number): Promise<boolean>;
  /** Takes back what `createTokenFile` kept, when the handle turned out to be taken. */
  abandon(userId: number): Promise<void>;
  /** Writes a new handle and a new token of a user, both or neither. */
  change(userId: number, userHandle: string, authToken: string): Promise<void>;
  /** Frees a handle. */
  removeHandleFile(hashUserHandle: string): Promise<void>;
  /** Ends a user: from here on the token opens nothing. */
  removeTokenFile(userId: number): Promise<void>;
  /** Removes what was noted about a user who has ended, and frees the handle. */
  removeTraces(user: User): Promise<void>;
  /** Users in ascending order of their ids. */
  list(afterId: number, limit: number): { userId: number; userHandle: string }[];
  /** Runs `work` when nothing else that was given the same `userId` is running. */
  oneAtATime<Result>(userId: number, work: () => Promise<Result>): Promise<Result>;
}

export type Box = "received" | "sent" | "both";

/** Which messages to read. */
export interface PageQuery {
  userId: number;
  box: Box;
  /** Only messages from (or, in `sent`, to) this user. */
  otherId: number | undefined;
  /** Only messages with a greater id: the oldest of them first. */
  after: number | undefined;
  /** Only messages with a smaller id: where `after` is not given, the newest of them. With neither, the oldest. */
  before: number | undefined;
  limit: number;
}

/** A page of messages, oldest first. */
export interface Page {
  readonly count: number;
  /** The messages as a JSON array in UTF-8, cut out of the journal, so that no message is taken apart only to be sent. */
  readonly json: Buffer;
}

/** Something that has happened to a message, or to all that are in a queue. */
export interface ChatEvent {
  /** The number of the event in the journal: greater than that of every event before it. */
  readonly eventId: number;
  /** "message": one was sent. "leave": a user has left, and everything that was in the queue of that user is gone. */
  readonly type: "message" | "edit" | "delete" | "leave";
  /** Whom it concerns. Of a user who has left, 0 and the user's id. */
  readonly fromId: number;
  readonly toId: number;
  /** The message as it stands now; of what is gone, its id. JSON, without line breaks. */
  readonly json: string;
}

/** Which events to read. */
export interface EventQuery {
  userId: number;
  box: Box;
  /** Only events with a greater id. */
  after: number;
  limit: number;
}

export interface Published {
  messageId: number;
  sentAt: string;
}

export interface Messages {
  /**
   * Puts a message into the recipient's queue, and returns when it is on disk.
   * A repeated `idempotencyKey` gets the first answer; with another message it is a "key used for another message".
   */
  publish(draft: {
    from: User;
    toId: number;
    toHandle: string;
    message: string;
    idempotencyKey: string | undefined;
  }): Promise<Published | "key used for another message" | "sender gone" | "recipient gone">;
  /** A page of a user's messages. */
  page(query: PageQuery): Promise<Page>;
  /** The same for a stream, which must not break off: where something cannot be read any more, "damaged". */
  pageForStream(query: PageQuery): Promise<Page | "damaged">;
  /** The ids of the last event and of the last message that there ever was. */
  readonly last: { readonly eventId: number; readonly messageId: number };
  /** The id of the last message that there was at an event. Undefined when the store does not know that any more. */
  lastMessageAt(eventId: number): number | undefined;
  /**
   * What has happened in a user's boxes, oldest first. What is gone by now is told only as gone, an edit only with the
   * newest text. "forgotten" when the store does not know any more what has happened since, or cannot read it.
   * @returns the events, and the id of the last event that was looked at, whether it concerned this user or not.
   */
  events(query: EventQuery): Promise<{ events: ChatEvent[]; upTo: number } | "forgotten">;
  /** From whom to whom a message is, or undefined when there is none. */
  find(messageId: number): { fromId: number; toId: number } | undefined;
  /** Replaces the text of a message. Undefined when it is gone. */
  edit(messageId: number, message: string): Promise<{ editedAt: string } | undefined>;
  /** Removes a message. False when it was gone already. */
  remove(messageId: number): Promise<boolean>;
  /** Removes everything that is in the queue of a user who has ended. */
  dropQueue(userId: number): Promise<void>;
}

/** A piece of a file as it was at one moment. */
export interface Excerpt {
  /** How long the file was. */
  readonly bytes: number;
  /** Where in the file `text` begins. */
  readonly from: number;
  /** At most 4 KiB of it. Null where it is a token or the class secret: of these only the length may be seen. */
  readonly text: string | null;
}

/** What a request has done with a file. */
export interface FileTouch {
  /** Below the data folder: `users/1.dat`. */
  readonly path: string;
  readonly did: "looked for" | "read" | "created" | "appended to" | "changed" | "removed";
  /** Null where there was no such file. */
  readonly before: Excerpt | null;
  readonly after: Excerpt | null;
}

/** Is told what the store does for one request. */
export interface Witness {
  touched(touch: FileTouch): void;
  /** Something secret was compared with what the client sent. Lengths are in characters. */
  compared(comparison: { given: number; kept: number; equal: boolean }): void;
  /** A text that must never be shown to anybody. */
  conceal(text: string): void;
  /** What happens between these two is done for the witness, not for the request. */
  pause(): void;
  resume(): void;
}

/** The store, with somebody who watches. */
export interface Observed {
  users: Users;
  messages: Messages;
  secret: Secret;
}
