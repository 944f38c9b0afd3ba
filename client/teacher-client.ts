/**
 * A client for the teacher of a class: the calls of docs/spec.md that need the teacher's key. They are not in
 * plainchat-client.ts, because no other page and no other program needs them. The key
 * goes with each request as a header: nothing logs it, and no error contains it.
 */
import type { CallOptions } from "./plainchat-client.ts";
import { randomKey } from "./random-key.ts";
import {
  type ChatRequest,
  type Connection,
  type ConnectionOptions,
  connectionTo,
  fetchFile,
  sendRequest,
} from "./request.ts";
import type { Shape } from "./shape.ts";
import * as shapes from "./teacher-shapes.ts";
import type { ClassState, LessonProgress } from "./types.ts";

/** A request of a pupil, as far as the teacher sees it. */
export interface LastRequest {
  /** ISO 8601, in UTC. */
  at: string;
  /** Such as "chat.post". */
  operation: string;
  status: number;
  /** Where it stopped, if it was refused, such as "chat.post.5.1". */
  step?: string;
  /** Why it was refused. */
  reason?: string;
}

/** What the teacher decides for one pupil. */
export interface PupilState {
  /** May not send or edit messages. */
  isMuted: boolean;
  /** Is not on the wall. */
  isHidden: boolean;
  /** Wants help. */
  isHandUp: boolean;
}

export interface Pupil extends PupilState {
  userId: number;
  userHandle: string;
  /** Whether a page or a program of the pupil is listening or waiting. */
  isHere: boolean;
  /** Missing if there was none since the server started. */
  last?: LastRequest;
  /** The last one that was refused. Missing if three in a row went well since. */
  refused?: LastRequest;
  /** When the first of the requests was refused at which the pupil is stuck: ISO 8601, in UTC. Missing otherwise. */
  stuckSince?: string;
  /** How far the pupil is in the lesson of the last report. Missing if there was none. */
  progress?: LessonProgress;
  /** The lessons that the pupil has passed at some time. */
  lessonsPassed: number[];
}

export interface ChangedPupil extends PupilState {
  userId: number;
  userHandle: string;
}

/** A class that was put away. Of a folder that somebody has copied by hand, only the name is known. */
export interface Archive {
  /** Its folder in `archive`, or in a database the end of its schema's name. */
  archive: string;
  /** What the teacher has called it. */
  label?: string;
  /** ISO 8601, in UTC. */
  endedAt?: string;
  userCount?: number;
  messageCount?: number;
}

const CLASS = "/api/v1/class";
const TEACHER = `${CLASS}/teacher`;
const PUPILS = `${CLASS}/pupils`;
const CODES = `${CLASS}/codes`;
const MESSAGES = `${CLASS}/messages`;
const EXPORT = `${CLASS}/export`;
const ARCHIVES = `${CLASS}/archives`;
const OPEN = `${CLASS}/open`;

/**
 * @example
 * const teacher = new TeacherClient(url, { teacherKey });
 * const { pupils } = await teacher.listPupils();
 * console.log(pupils.map((pupil) => pupil.userHandle)); // [ 'ada', 'grace' ]
 */
export class TeacherClient {
  readonly #connection: Connection;
  readonly #authorization: string;

  /**
   * @param url the address of the server, such as `http://127.0.0.1:8080`.
   * @param options.teacherKey the end of the teacher's address, which the server prints when it starts in class mode.
   */
  constructor(url: string, { teacherKey, ...options }: ConnectionOptions & { teacherKey: string }) {
    this.#connection = connectionTo(url, options);
    // This changes no key that a server makes. A text that is none may have characters that fit into no header: like
    // this, the server can say that it is the wrong key.
    this.#authorization = `Bearer ${encodeURIComponent(teacherKey)}`;
  }

  /**
   * Registers the user who is the teacher. If there is a teacher already, it says who that is, with the token.
   * @throws {ChatError} 403 when the key is wrong, 409 when somebody else has the handle.
   *
   * @example
   * const teacher = new TeacherClient(url, { teacherKey });
   * const first = await teacher.becomeTeacher({ userHandle: "ms-hopper" });
   * const again = await teacher.becomeTeacher({ userHandle: "mr-turing" });
   * console.log(again.userHandle, again.userId === first.userId); // ms-hopper true
   */
  becomeTeacher(
    inputs: { userHandle: string },
    { signal }: CallOptions = {},
  ): Promise<{ userId: number; userHandle: string; authToken: string }> {
    return this.#send({ method: "POST", path: TEACHER, inputs, isRepeatable: true, signal }, shapes.teacher);
  }

  /**
   * Pauses the class or lets it go on, shows or covers the texts of messages, chooses the lesson. What is left out
   * stays as it is.
   *
   * @example
   * const teacher = new TeacherClient(url, { teacherKey });
   * await teacher.changeClass({ isPaused: true });
   * const sending = ada.publishMessage({ userHandle: "grace", message: "hello" });
   * console.log(await sending.catch((error) => error.message)); // The teacher has paused the class. Wait until it goes on.
   */
  changeClass(
    inputs: { isPaused?: boolean; showsTexts?: boolean; showsBoard?: boolean; lesson?: number },
    { signal }: CallOptions = {},
  ): Promise<ClassState> {
    return this.#send({ method: "PATCH", path: CLASS, inputs, isRepeatable: true, signal }, shapes.classState);
  }

  /**
   * Everybody in the class but the teacher, and what each of them did last.
   *
   * @example
   * await ada.raiseHand({ isUp: true });
   * await ada.publishMessage({ userHandle: "nobody", message: "hello" }).catch(() => {});
   * const { pupils } = await new TeacherClient(url, { teacherKey }).listPupils();
   * console.log(pupils[0]?.isHandUp, pupils[0]?.last?.step); // true chat.post.5.1
   */
  listPupils({ signal }: CallOptions = {}): Promise<{ pupils: Pupil[] }> {
    return this.#send({ method: "GET", path: PUPILS, isRepeatable: true, signal }, shapes.pupils);
  }

  /**
   * Mutes a pupil, hides a pupil from the wall, takes a hand down, or gives a pupil another handle. What is left out
   * stays as it is.
   * @throws {ChatError} 404 when there is no such pupil, 409 when somebody has the handle.
   *
   * @example
   * const userId = grace.credentials?.myId ?? 0;
   * const teacher = new TeacherClient(url, { teacherKey });
   * const { userHandle, isMuted } = await teacher.changePupil({ userId, userHandle: "hopper", isMuted: true });
   * console.log(userHandle, isMuted); // hopper true
   */
  changePupil(
    inputs: { userId: number; isMuted?: boolean; isHidden?: boolean; isHandUp?: boolean; userHandle?: string },
    { signal }: CallOptions = {},
  ): Promise<ChangedPupil> {
    return this.#send({ method: "PATCH", path: PUPILS, inputs, isRepeatable: true, signal }, shapes.changedPupil);
  }

  /**
   * Removes a pupil, as if the pupil had left.
   * @throws {ChatError} 404 when there is no such pupil.
   *
   * @example
   * const userId = grace.credentials?.myId ?? 0;
   * await new TeacherClient(url, { teacherKey }).removePupil({ userId });
   * console.log(await grace.listUsers().catch((error) => error.status)); // 401
   */
  removePupil(inputs: { userId: number }, { signal }: CallOptions = {}): Promise<{ userId: number }> {
    const doneBefore = { status: 404, result: inputs };
    const request = { method: "DELETE", path: PUPILS, inputs, isRepeatable: true, doneBefore, signal } as const;
    return this.#send(request, shapes.userId);
  }

  /**
   * Makes a code with which a pupil who has lost the token comes back. It counts once and for ten minutes, and an earlier
   * code of this pupil is invalid.
   * @throws {ChatError} 404 when there is no such pupil.
   *
   * @example
   * const userId = grace.credentials?.myId ?? 0;
   * const { code, userHandle } = await new TeacherClient(url, { teacherKey }).makeRejoinCode({ userId });
   * const back = await new PlainchatClient(url).rejoin({ userHandle, rejoinCode: code });
   * console.log(back.userId === userId, back.authToken === grace.credentials?.myAuth); // true false
   */
  makeRejoinCode(
    inputs: { userId: number },
    { signal }: CallOptions = {},
  ): Promise<{ userId: number; userHandle: string; code: string; validUntil: string }> {
    return this.#send({ method: "POST", path: CODES, inputs, isRepeatable: true, signal }, shapes.rejoinCode);
  }

  /**
   * Writes to everybody in the class. A retry with the same key reaches nobody twice.
   * @param inputs.idempotencyKey new for each call; pass your own if you want to repeat a call yourself.
   * @throws {ChatError} 409 when there is no teacher yet: call becomeTeacher() first.
   *
   * @example
   * const teacher = new TeacherClient(url, { teacherKey });
   * await teacher.becomeTeacher({ userHandle: "ms-hopper" });
   * const { recipients } = await teacher.writeToAll({ message: "Look at the wall, please." });
   * const { messages } = await grace.fetchQueue();
   * console.log(recipients, messages[0]?.isTeacher, messages[0]?.isToAll); // 2 true true
   */
  writeToAll(
    { idempotencyKey = randomKey(), ...inputs }: { message: string; idempotencyKey?: string },
    { signal }: CallOptions = {},
  ): Promise<{ recipients: number }> {
    const headers = { "idempotency-key": idempotencyKey };
    const request = { method: "POST", path: MESSAGES, inputs, headers, isRepeatable: true, signal } as const;
    return this.#send(request, shapes.recipients);
  }

  /**
   * Removes a message, whoever wrote it. It is gone for everybody.
   * @throws {ChatError} 404 when there is no such message.
   *
   * @example
   * const { messageId } = await ada.publishMessage({ userHandle: "grace", message: "something rude" });
   * await new TeacherClient(url, { teacherKey }).takeDownMessage({ messageId });
   * console.log((await grace.fetchQueue()).messages); // []
   */
  takeDownMessage(inputs: { messageId: number }, { signal }: CallOptions = {}): Promise<{ messageId: number }> {
    const doneBefore = { status: 404, result: inputs };
    const request = { method: "DELETE", path: MESSAGES, inputs, isRepeatable: true, doneBefore, signal } as const;
    return this.#send(request, shapes.messageId);
  }

  /**
   * Everything in the class as a zip with files for people: tables, and a page to read. There are no tokens in it.
   * @returns the zip, of which you may read one piece after the other.
   * @throws {ChatError} when there is no such reply.
   *
   * @example
   * await ada.publishMessage({ userHandle: "grace", message: "hello" });
   * const zip = await new TeacherClient(url, { teacherKey }).exportClass();
   * console.log(zip.headers.get("content-type"), (await zip.text()).includes("hello")); // application/zip true
   */
  exportClass({ signal }: CallOptions = {}): Promise<Response> {
    const request = { method: "GET", path: EXPORT, isRepeatable: true, signal } as const;
    return fetchFile(this.#connection, { ...request, headers: { authorization: this.#authorization } });
  }

  /**
   * The classes that were put away, the oldest first, and what the class that is there now was called before.
   *
   * @example
   * console.log((await new TeacherClient(url, { teacherKey }).listArchives()).archives); // []
   */
  listArchives({ signal }: CallOptions = {}): Promise<{ label?: string; archives: Archive[] }> {
    return this.#send({ method: "GET", path: ARCHIVES, isRepeatable: true, signal }, shapes.archives);
  }

  /**
   * Ends the class: it becomes an archive, and a new class begins. If no reply comes, this is not sent again: the
   * new class would end, too. Look at `listArchives()` then.
   * @throws {ChatError} 409 when nobody is in the class, or it is ending already.
   *
   * @example
   * const { archive } = await new TeacherClient(url, { teacherKey }).endClass({ label: "9b, Monday" });
   * console.log(/^\d{4}-\d\d-\d\dT/.test(archive)); // true
   */
  endClass(inputs: { label?: string } = {}, { signal }: CallOptions = {}): Promise<{ archive: string }> {
    return this.#send({ method: "POST", path: ARCHIVES, inputs, isRepeatable: false, signal }, shapes.archive);
  }

  /**
   * Makes an archive the class again. The class that is there is put away first.
   * @throws {ChatError} 404 when there is no such archive.
   *
   * @example
   * const teacher = new TeacherClient(url, { teacherKey });
   * const opening = teacher.openArchive({ archive: "2030-01-02T12-00-00Z" });
   * console.log(await opening.catch((error) => error.status)); // 404
   */
  openArchive(
    inputs: { archive: string; label?: string },
    { signal }: CallOptions = {},
  ): Promise<{ archive: string; putAway: string }> {
    return this.#send({ method: "POST", path: OPEN, inputs, isRepeatable: false, signal }, shapes.opened);
  }

  #send<Reply>(request: ChatRequest, shape: Shape<Reply>): Promise<Reply> {
    return sendRequest(
      this.#connection,
      { ...request, headers: { ...request.headers, authorization: this.#authorization } },
      shape,
    );
  }
}
