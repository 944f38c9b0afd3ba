/**
 * What the operations may ask the store to do, as small interfaces. They know nothing else about it. This file holds
 * only types, and nothing in it says how things are stored.
 */

/**
 * A value, or the promise of one. A store that has everything in memory returns the value at once; another one has to
 * ask a database first. So always write `await` before a call that returns this: then you get the value from both.
 */
export type Awaitable<Value> = Value | Promise<Value>;

/** Something secret that is compared with what a client sent. The time this takes says nothing about the secret. */
export interface Confidential {
  readonly text: string;
  matches(given: string): boolean;
}

export interface Secret {
  /** The class secret, or undefined when its file cannot be read. */
  open(): Awaitable<Confidential | undefined>;
}

export interface User {
  readonly userId: number;
  readonly userHandle: string;
  readonly authToken: Confidential;
}

export interface Users {
  /** The user whose token is in `<userId>.dat`, or a text that says why there is none. */
  openTokenFile(userId: number): Awaitable<User | "not found" | "unreadable">;
  /** The sha256 of a handle as lower-case hex (ruling R2). */
  hashHandle(userHandle: string): string;
  /** The owner of a handle, as `<hashUserHandle>.dat` says, or a text that says why there is none. */
  openHandleFile(hashUserHandle: string): Awaitable<{ readonly userId: number } | "not found" | "unreadable">;
  /** An id that no user had before and none will get again (ruling R10). */
  nextId(): Promise<number>;
  /** Stores the token of a new user in `<userId>.dat`, and the handle that the user wants in `<userId>.json`. */
  createTokenFile(userId: number, authToken: string, userHandle: string): Promise<void>;
  /** Gives a handle to a user, durably. False when another user has it: that user keeps it (ruling R3). */
  createHandleFile(hashUserHandle: string, userId: number): Promise<boolean>;
  /** Undoes `createTokenFile`, when the handle turns out to be taken. */
  abandon(userId: number): Promise<void>;
  /** Writes the handle and the token of a user, both or neither. */
  change(userId: number, userHandle: string, authToken: string): Promise<void>;
  /** Frees a handle. */
  removeHandleFile(hashUserHandle: string): Promise<void>;
  /** Ends a user: from now on the token is not accepted. */
  removeTokenFile(userId: number): Promise<void>;
  /** Removes what is left of a user who has ended, and frees the handle. */
  removeTraces(user: User): Promise<void>;
  /** Users in ascending order of their ids. */
  list(afterId: number, limit: number): Awaitable<{ userId: number; userHandle: string }[]>;
  /** Runs `work` when no other work for the same `userId` is running. */
  oneAtATime<Result>(userId: number, work: () => Promise<Result>): Promise<Result>;
}

/** What the teacher has decided for the whole class. */
export interface ClassFacts {
  /** Nobody but the teacher may send or edit messages. */
  readonly isPaused: boolean;
  /** The wall and the glass show the texts of messages. */
  readonly showsTexts: boolean;
  /** The wall shows which lessons everybody has passed. Undefined if not. */
  readonly showsBoard: true | undefined;
  /** The number of the lesson, if the teacher has chosen one. */
  readonly lesson: number | undefined;
}

/** What the teacher has decided for one pupil. */
export interface PupilFacts {
  /** This pupil may not send or edit messages. */
  readonly isMuted: boolean;
  /** This pupil is not on the wall. */
  readonly isHidden: boolean;
  /** This pupil wants help. */
  readonly isHandUp: boolean;
}

/** What to change for the whole class. What is undefined or missing stays as it is. */
export interface ClassChange {
  readonly isPaused?: boolean | undefined;
  readonly showsTexts?: boolean | undefined;
  readonly showsBoard?: boolean | undefined;
  readonly lesson?: number | undefined;
}

/** What to change for one pupil. What is undefined or missing stays as it is. */
export interface PupilChange {
  readonly isMuted?: boolean | undefined;
  readonly isHidden?: boolean | undefined;
  readonly isHandUp?: boolean | undefined;
}

/** A class that was put away. */
export interface Archive {
  /** Its folder in `archive`, or in a database the schema `archive_…`. */
  readonly archive: string;
  /** What the teacher has called it. */
  readonly label?: string;
  readonly endedAt?: string;
  /** How many users and messages it had. These and the time are not known of a folder that was copied by hand. */
  readonly userCount?: number;
  readonly messageCount?: number;
}

/** The classes that were put away. */
export interface Archives {
  /** Whether the class is about to end. */
  readonly isChanging: boolean;
  /** What the teacher called the class that is there now, if it was put away before. */
  openLabel(): Awaitable<string | undefined>;
  /** The oldest first. */
  list(): Awaitable<Archive[]>;
  /** "in use": another server or a command at the terminal has it open. */
  state(archive: string): Awaitable<"closed" | "in use" | "not found">;
  /**
   * Decides durably that the class becomes an archive, and that a new class begins, or `open` is the class again. In a
   * folder it happens as soon as the requests that are being handled have their replies, in a database at once.
   * @returns the name of the new archive. Undefined if another server has just put the class away.
   */
  change(next: { label?: string | undefined; open?: string | undefined }): Promise<string | undefined>;
}

/** What a pupil's check says about one lesson of the course. */
export interface LessonReport {
  readonly lesson: number;
  /** The id of the case that fails first. Undefined if the lesson is passed. */
  readonly case: string | undefined;
  /** How many cases of the lesson passed, and how many there are. */
  readonly passed: number;
  readonly total: number;
}

/** How far a pupil is in one lesson. Times are ISO 8601, in UTC. */
export interface LessonProgress {
  readonly lesson: number;
  readonly case?: string;
  readonly passed: number;
  readonly total: number;
  /** Since when the pupil has been at this case of this lesson. */
  readonly since: string;
  /** When the lesson was passed for the first time. It stays, also if the lesson fails again later. */
  readonly passedAt?: string;
}

/** How far a pupil is in the course. */
export interface Progress {
  /** The lesson of the last report. */
  readonly lesson: number;
  /** One for each lesson that was reported, in their order. */
  readonly lessons: readonly LessonProgress[];
}

/** What the teacher has decided. */
export interface Decisions {
  /** The user who is the teacher, if there is one yet. */
  readonly teacherId: number | undefined;
  readonly facts: ClassFacts;
  /** The pupils who are not on the wall. */
  readonly hiddenIds: readonly number[];
  pupil(userId: number): PupilFacts;
}

/** The class, as the teacher leads it. There is one in class mode only. */
export interface Classroom {
  /** Whoever has it is the teacher. */
  openKey(): Awaitable<Confidential>;
  /** Whoever has it may show the class secret on the projector. */
  openProjectorKey(): Awaitable<Confidential>;
  readonly archives: Archives;
  /** What the teacher has decided, as it is now. */
  decisions(): Awaitable<Decisions>;
  setTeacher(userId: number | undefined): Promise<void>;
  /** Both are durable. */
  change(change: ClassChange): Promise<void>;
  changePupil(userId: number, change: PupilChange): Promise<void>;
  /** How far a pupil is in the course, as the file of this pupil says. Undefined before the first report. */
  openProgress(userId: number): Awaitable<Progress | undefined>;
  /** How far all pupils are, by their ids. */
  openAllProgress(): Awaitable<ReadonlyMap<number, Progress>>;
  /** Keeps a report, durably. What is the same as before is not written again. */
  keepProgress(userId: number, report: LessonReport): Promise<LessonProgress>;
  /** Removes everything about a pupil who is gone, durably. */
  forgetPupil(userId: number): Promise<void>;
  /** Keeps the hash of a rejoin code. An earlier code of this pupil is invalid from then on. */
  keepCode(userId: number, code: string, validUntil: string): Promise<void>;
  /** Whether a rejoin code is right and still valid. It is used up then, and also after five wrong ones. */
  useCode(userId: number, code: string, now: number): Promise<boolean>;
}

export type Box = "received" | "sent" | "both";

/** Which messages to read. */
export interface PageQuery {
  userId: number;
  box: Box;
  /** Only messages from (or, in `sent`, to) this user. */
  otherId: number | undefined;
  /** Only messages with a greater id, beginning with the oldest of them. */
  after: number | undefined;
  /** Only messages with a smaller id; without `after`, the newest of them. Without both, a page has the oldest. */
  before: number | undefined;
  limit: number;
}

/** A page of messages, oldest first. */
export interface Page {
  readonly count: number;
  /** About how long `json` is, and never shorter. */
  readonly bytes: number;
  /**
   * The messages as a JSON array in UTF-8, cut out of the journal, so that no message is parsed only to be sent. It is
   * made when you read it: a hundred clients may ask for 3 MiB each at the same moment. A database is asked for a long
   * page only then. What was edited or removed since has its newest text, or is not there.
   */
  readonly json: Awaitable<Buffer>;
}

/** Something that has happened to a message, or to a whole queue. */
export interface ChatEvent {
  /** The number of the event in the journal: greater than that of every event before it. */
  readonly eventId: number;
  /** "message": one was sent. "leave": a user has left, and everything in their queue is gone. */
  readonly type: "message" | "edit" | "delete" | "leave";
  /** The sender and recipient of the message. If a user has left: 0, and the user's id. */
  readonly fromId: number;
  readonly toId: number;
  /** JSON without line breaks: the message as it is now, or its id if it is gone. */
  readonly json: string;
}

/** Which events to read. */
export interface EventQuery {
  userId: number;
  box: Box;
  /** Only events with a greater id. */
  after: number;
  /**
   * The client has missed the events up to this one: it gets messages with their newest texts. A store that has to ask
   * a database takes its time, and tells what happens in that time as it happened.
   */
  missedUpTo: number;
  limit: number;
}

export interface Published {
  messageId: number;
  sentAt: string;
}

/** Why nothing was published. */
export type NotPublished = "key used for another message" | "sender gone" | "recipient gone";

/** What every reader of a message is told about it. */
export interface Marks {
  /** It is from the teacher. */
  readonly isTeacher?: true;
  /** It was sent to everybody in the class. */
  readonly isToAll?: true;
}

/** A message that is not sent yet. */
export interface Draft {
  from: User;
  /** Stored with the message, so that they stay true whoever is the teacher later. */
  marks?: Marks | undefined;
  toId: number;
  toHandle: string;
  message: string;
  idempotencyKey: string | undefined;
}

export interface Messages {
  /**
   * Puts a message into the recipient's queue, and returns when it is on disk. A retry with the same `idempotencyKey`
   * gets the first answer; with another message it gets "key used for another message".
   */
  publish(draft: Draft): Promise<Published | NotPublished>;
  /** A page of a user's messages. */
  page(query: PageQuery): Promise<Page>;
  /** The same for a stream. It goes on long after its request was explained, so what it reads is not shown. */
  pageForStream(query: PageQuery): Promise<Page>;
  /** The messages of all users with a greater id, oldest first. Not shown, like pageForStream(). */
  pageOfAll(after: number, limit: number): Promise<Page>;
  /** The ids of the last event and of the last message ever. */
  last(): Awaitable<{ readonly eventId: number; readonly messageId: number }>;
  /** The id of the last event that the streams of this server were told about. */
  readonly toldUpTo: number;
  /** The id of the last message at the time of an event. Undefined when the store does not know it any more. */
  lastMessageAt(eventId: number): Awaitable<number | undefined>;
  /**
   * What has happened in a user's boxes, oldest first. For a message that is gone there is only the event that says so,
   * and for an edit only the newest text. "forgotten" when the store does not remember so far back, or cannot read it.
   * @returns the events, and the id of the last event that was looked at, whether it concerned this user or not.
   */
  events(query: EventQuery): Promise<{ events: ChatEvent[]; upTo: number } | "forgotten">;
  /** The sender and recipient of a message, or undefined when there is none. */
  find(messageId: number): Awaitable<{ fromId: number; toId: number } | undefined>;
  /** Replaces the text of a message. Undefined when it is gone. */
  edit(messageId: number, message: string): Promise<{ editedAt: string } | undefined>;
  /** Removes a message. False when it is gone already. */
  remove(messageId: number): Promise<boolean>;
  /** Removes everything in the queue of a user who has ended. */
  dropQueue(userId: number): Promise<void>;
}

/** A part of a file as it was at one moment, or a row of a database as a line of JSON. */
export interface Excerpt {
  /** How long the file was, or the line. */
  readonly bytes: number;
  /** Where in the file `text` begins. */
  readonly from: number;
  /**
   * Whole lines of it, up to the first that ends after EXCERPT_BYTES. So secrets in it can be covered before it is cut:
   * half a secret would not be found. Null for a token or the class secret: only their length may be seen. In a row,
   * only the column with the secret is covered.
   */
  readonly text: string | null;
}

/** How much of a file is shown. */
export const EXCERPT_BYTES = 4096;

/** What a request did with a file, or with a row of a database. */
export interface FileTouch {
  /**
   * In the data folder: `users/1.dat`. In a database: `users row 1`, or only `head` if the table has one row. Where a file
   * is appended to, a row is created.
   */
  readonly path: string;
  readonly did: "looked for" | "read" | "created" | "appended to" | "changed" | "removed";
  /** Null when there was no such file. */
  readonly before: Excerpt | null;
  readonly after: Excerpt | null;
}

/** Is told what the store does for one request. */
export interface Witness {
  touched(touch: FileTouch): void;
  /** Something secret was compared with what the client sent. Lengths are in characters. */
  compared(comparison: { given: number; kept: number; equal: boolean }): void;
  /** Names a text that must never be shown to anybody. */
  conceal(text: string): void;
  /** A text was made from another one, as a hash is. If the other must not be shown, nor must this. */
  made(text: string, from: string): void;
  /** Everything between `pause` and `resume` is done for the witness, not for the request. */
  pause(): void;
  resume(): void;
}

/** The store while a witness watches. */
export interface Observed {
  users: Users;
  messages: Messages;
  secret: Secret;
  /** Undefined if the server is not in class mode. */
  classroom: Classroom | undefined;
  /** Set if the data are in a database: the witness sees rows where it would see files. */
  showsRows?: true;
}

/** Who is told what happens. A store that others change, too, reads only what concerns them. */
export interface Audience {
  /** Users with an open stream or a waiting fetch. Undefined if they are so many that it is better to read everything. */
  users(): ReadonlySet<number> | undefined;
  /** Something was left out. A fetch that reads its page at this moment, and then waits, must look once more. */
  passOver(): void;
}
