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
  /** In class mode, the user who is the teacher. Nobody else's entry has this field. */
  isTeacher?: true;
}

/** Somebody in the class. */
export interface ClassUser extends User {
  /** The teacher has hidden this pupil from the wall. */
  isHidden?: true;
  /** The lessons that a pupil has passed, while the teacher shows the board. */
  lessonsPassed?: number[];
  /** The lesson of the pupil's last report, while the teacher shows the board. */
  atLesson?: number;
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
  /** The teacher sent it. */
  isTeacher?: true;
  /** The teacher sent it to everybody in the class. */
  isToAll?: true;
}

/** What the teacher has decided for the whole class. */
export interface ClassState {
  /** Nobody but the teacher may send or edit messages. */
  isPaused: boolean;
  /** The wall and the glass show the texts of messages. */
  showsTexts: boolean;
  /** The wall shows which lessons everybody has passed. Missing if not. */
  showsBoard?: true;
  /** The number of the lesson. Missing if the teacher has not chosen one. */
  lesson?: number;
}

/** What everybody may know about a class. */
export interface Classroom extends ClassState {
  /** Where the class can reach the server. */
  addresses: string[];
  /** Tells this class from every other one, also from the next one of the same server. */
  folder: string;
  /** There may be other servers with the same class. The wall shows the requests to this one. Missing if not. */
  isOneOfSeveral?: true;
  users: ClassUser[];
}

/** How far a pupil is in one lesson of the course. Times are ISO 8601, in UTC. */
export interface LessonProgress {
  lesson: number;
  /** The id of the case that fails first. Missing if the lesson is passed. */
  case?: string;
  /** How many cases of the lesson passed, and how many there are. */
  passed: number;
  total: number;
  /** Since when the pupil has been at this case of this lesson. */
  since: string;
  /** When the lesson was passed for the first time, also if it failed again later. */
  passedAt?: string;
}

/** How far you are in the course. */
export interface Progress {
  /** The lesson of your last report. Missing before the first one. */
  lesson?: number;
  /** One for each lesson that you have reported, in their order. */
  lessons: LessonProgress[];
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
  | { type: "reset"; eventId: number }
  /** In class mode: what the teacher has decided for the class and for you. It is not in the queue, so it has no id. */
  | ({ type: "class" } & Partial<ClassState> & { isMuted?: boolean; isHandUp?: boolean });
