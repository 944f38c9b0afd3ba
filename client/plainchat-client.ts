/**
 * A client for a plainchat server, for browsers and Node. It has no dependencies, and a method for every call of
 * docs/spec.md but those that only the teacher may make: teacher-client.ts has them. It sends a failed request again where that is safe (request.ts). If the server refuses, or every try
 * fails, it throws a ChatError.
 */
import { type ListenOptions, listen } from "./listen.ts";
import { randomKey } from "./random-key.ts";
import * as shapes from "./reply-shapes.ts";
import { type ChatRequest, type Connection, type ConnectionOptions, connectionTo, sendRequest } from "./request.ts";
import type { Shape } from "./shape.ts";
import type { ClassEvent, Trace } from "./trace.ts";
import type { ChatEvent, Classroom, Credentials, LessonProgress, Message, Page, Progress, User } from "./types.ts";
import type { WatchOptions } from "./watch-requests.ts";

export interface ClientOptions extends ConnectionOptions {
  /** Your id and token, if you have registered before. */
  credentials?: Credentials | undefined;
}

/** You can cancel any call: its promise then rejects with the signal's reason. */
export interface CallOptions {
  signal?: AbortSignal | undefined;
}

const REGISTER = "/api/v1/register";
const CHAT = "/api/v1/chat";
const PROGRESS = "/api/v1/class/progress";

/**
 * @example
 * const client = new PlainchatClient(url);
 * await client.registerUser({ secret, userHandle: "alan" });
 * await client.publishMessage({ userHandle: "grace", message: "Hello, Grace!" });
 * const { messages } = await client.fetchQueue({ box: "sent" });
 * console.log(messages[0]?.message); // Hello, Grace!
 */
export class PlainchatClient {
  /** Your id and token. `registerUser()` and `changeUser()` set them; save them for the next time. */
  credentials: Credentials | undefined;
  readonly #connection: Connection;

  /** @param url the address of the server, such as `http://127.0.0.1:8080`. */
  constructor(url: string, { credentials, ...options }: ClientOptions = {}) {
    this.credentials = credentials;
    this.#connection = connectionTo(url, options);
  }

  /**
   * Creates a user. If no reply comes, or the server does not know the outcome, this is not sent again: the handle may
   * already be yours, and its token lost.
   * @throws {ChatError} 401 or 403 when the secret is wrong, 409 when the handle is taken.
   *
   * @example
   * const client = new PlainchatClient(url);
   * const { userId, authToken } = await client.registerUser({ secret, userHandle: "edsger" });
   * console.log(userId > 0, authToken.length); // true 32
   */
  async registerUser(
    inputs: { secret: string; userHandle: string },
    { signal }: CallOptions = {},
  ): Promise<{ userId: number; authToken: string }> {
    const reply = await this.#send(
      {
        method: "POST",
        path: REGISTER,
        inputs,
        isRepeatable: false,
        signal,
      },
      shapes.registered,
    );
    this.credentials = { myId: reply.userId, myAuth: reply.authToken };
    return reply;
  }

  /**
   * Finds a user by handle.
   * @throws {ChatError} 404 when no user has the handle.
   *
   * @example
   * const { userId } = await ada.lookUpUser({ userHandle: "grace" });
   * console.log(userId === grace.credentials?.myId); // true
   */
  lookUpUser(inputs: { userHandle: string }, { signal }: CallOptions = {}): Promise<{ userId: number }> {
    return this.#sendAsMe({ method: "GET", path: REGISTER, inputs, isRepeatable: true, signal }, shapes.userId);
  }

  /**
   * Changes your handle, your token, or both. If no reply comes, or the server does not know the outcome, a request for a
   * new token is not sent again: the old token may be invalid already, and the new one lost.
   * @throws {ChatError} 409 when the handle is taken.
   *
   * @example
   * const before = ada.credentials;
   * await ada.changeUser({ userHandle: "lovelace", rotateAuth: true });
   * console.log(ada.credentials?.myAuth === before?.myAuth); // false
   */
  async changeUser(
    inputs: { userHandle?: string | undefined; rotateAuth?: boolean | undefined },
    { signal }: CallOptions = {},
  ): Promise<{ userId: number; authToken: string }> {
    const reply = await this.#sendAsMe(
      {
        method: "PATCH",
        path: REGISTER,
        inputs,
        isRepeatable: inputs.rotateAuth !== true,
        signal,
      },
      shapes.registered,
    );
    this.credentials = { myId: reply.userId, myAuth: reply.authToken };
    return reply;
  }

  /**
   * Leaves for good: your token stops working, your queue is deleted, and your handle is free.
   *
   * @example
   * await ada.removeUser();
   * console.log(ada.credentials); // undefined
   */
  async removeUser({ signal }: CallOptions = {}): Promise<{ userId: number }> {
    const userId = this.credentials?.myId ?? 0;
    const reply = await this.#sendAsMe(
      {
        method: "DELETE",
        path: REGISTER,
        isRepeatable: true,
        doneBefore: { status: 401, result: { userId } },
        signal,
      },
      shapes.userId,
    );
    this.credentials = undefined;
    return reply;
  }

  /**
   * A page of users, by ascending id.
   *
   * @example
   * const { users } = await ada.listUsers({ limit: 2 });
   * console.log(users.map((user) => user.userHandle)); // [ 'ada', 'grace' ]
   */
  listUsers(inputs: { after?: number; limit?: number } = {}, { signal }: CallOptions = {}): Promise<{ users: User[] }> {
    return this.#sendAsMe({ method: "GET", path: "/api/v1/users", inputs, isRepeatable: true, signal }, shapes.users);
  }

  /**
   * Sends a message. The request carries an `Idempotency-Key`, so several tries still make only one message.
   * @param inputs.idempotencyKey new for each call; pass your own if you want to repeat a call yourself.
   * @throws {ChatError} 404 when no user has the handle.
   *
   * @example
   * const { messageId } = await ada.publishMessage({ userHandle: "grace", message: "hello" });
   * console.log(messageId > 0); // true
   */
  publishMessage(
    { userHandle, message, idempotencyKey }: { userHandle: string; message: string; idempotencyKey?: string },
    { signal }: CallOptions = {},
  ): Promise<{ userId: number; messageId: number; sentAt: string }> {
    return this.#sendAsMe(
      {
        method: "POST",
        path: CHAT,
        inputs: { userHandle, message },
        headers: { "idempotency-key": idempotencyKey ?? randomKey() },
        isRepeatable: true,
        signal,
      },
      shapes.sent,
    );
  }

  /**
   * A page of your messages, oldest first. Reading does not remove them.
   *
   * @example
   * await ada.publishMessage({ userHandle: "grace", message: "are you there?" });
   * const { messages } = await grace.fetchQueue({ userHandle: "ada" });
   * console.log(messages.at(-1)?.message); // are you there?
   */
  fetchQueue(page: Page = {}, { signal }: CallOptions = {}): Promise<{ myId: number; messages: Message[] }> {
    return this.#sendAsMe(
      {
        method: "GET",
        path: CHAT,
        inputs: { ...page },
        isRepeatable: true,
        waitSeconds: page.wait,
        signal,
      },
      shapes.queue,
    );
  }

  /**
   * Changes the text of a message that you sent.
   * @throws {ChatError} 403 when someone else sent it, 404 when it is gone.
   *
   * @example
   * const { messageId } = await ada.publishMessage({ userHandle: "grace", message: "helo" });
   * await ada.editMessage({ messageId, message: "hello" });
   * const { messages } = await grace.fetchQueue();
   * console.log(messages.at(-1)?.message); // hello
   */
  editMessage(
    inputs: { messageId: number; message: string },
    { signal }: CallOptions = {},
  ): Promise<{ messageId: number; editedAt: string }> {
    return this.#sendAsMe({ method: "PATCH", path: CHAT, inputs, isRepeatable: true, signal }, shapes.edited);
  }

  /**
   * Removes a message that you received, or takes back one that you sent. It is gone for both of you.
   * @throws {ChatError} 404 when it is already gone.
   *
   * @example
   * const { messageId } = await ada.publishMessage({ userHandle: "grace", message: "oops" });
   * await ada.removeMessage({ messageId });
   * const { messages } = await grace.fetchQueue({ after: messageId - 1 });
   * console.log(messages); // []
   */
  removeMessage(inputs: { messageId: number }, { signal }: CallOptions = {}): Promise<{ messageId: number }> {
    return this.#sendAsMe(
      {
        method: "DELETE",
        path: CHAT,
        inputs,
        isRepeatable: true,
        doneBefore: { status: 404, result: inputs },
        signal,
      },
      shapes.removed,
    );
  }

  /**
   * Everything that happens in your queue, as it happens. If the connection breaks, the client reconnects and continues
   * where it was. It ends when you leave the loop or abort `signal`.
   * @throws {ChatError} 401 or 403 when you have left, or your token has changed.
   *
   * @example
   * await ada.publishMessage({ userHandle: "grace", message: "knock, knock" });
   * for await (const event of grace.listen({ after: 0 })) {
   *   if (event.type !== "message") continue;
   *   console.log(event.message.message); // knock, knock
   *   break;
   * }
   */
  listen(options: ListenOptions = {}): AsyncGenerator<ChatEvent, void, void> {
    return listen(this.#connection, this.credentials, options);
  }

  /**
   * What the server did with a request that had the header `Explain: 1`.
   * @param inputs.traceId from the reply's `Link` header.
   * @throws {ChatError} 404 when the server no longer has it: it keeps only a few hundred.
   *
   * @example
   * const reply = await fetch(`${url}/api/v1/users?limit=9`, { headers: { explain: "1" } });
   * const [, traceId = ""] = /explain\/([\w-]+)/.exec(reply.headers.get("link") ?? "") ?? [];
   * const { steps } = await ada.readTrace({ traceId });
   * console.log(steps.find(({ outcome }) => outcome === "stop")?.sentence); // Does `myId` exist? No: 400.
   */
  readTrace({ traceId }: { traceId: string }, { signal }: CallOptions = {}): Promise<Trace> {
    return this.#send({ method: "GET", path: `/api/v1/explain/${traceId}`, isRepeatable: true, signal }, shapes.trace);
  }

  /**
   * In class mode: what the server does with everybody's requests, as it happens. It ends when you leave the loop or
   * abort `signal`. With the teacher's key you see every text and every pupil.
   * @throws {ChatError} 404 when the server is not in class mode.
   *
   * @example
   * const onConnection = (state: string) => {
   *   if (state === "open") void ada.lookUpUser({ userHandle: "grace" });
   * };
   * for await (const event of grace.watchRequests({ onConnection })) {
   *   if (event.type === "trace") console.log(event.trace.operation, event.trace.status); // register.get 200
   *   break;
   * }
   */
  async *watchRequests(options: WatchOptions = {}): AsyncGenerator<ClassEvent, void, void> {
    // Few pages need it, so the others do not load it.
    const { watchRequests } = await import("./watch-requests.ts");
    yield* watchRequests(this.#connection, options);
  }

  /**
   * In class mode: the addresses where the class can reach the server, who has joined, and what the teacher has decided.
   * @throws {ChatError} 404 when the server is not in class mode.
   *
   * @example
   * const { users } = await new PlainchatClient(url).readClass();
   * console.log(users.length); // 2
   */
  readClass({ signal }: CallOptions = {}): Promise<Classroom> {
    return this.#send({ method: "GET", path: "/api/v1/class", isRepeatable: true, signal }, shapes.classroom);
  }

  /**
   * The class secret, for the teacher. When it starts, the server prints the key at the end of the projector's address.
   * @throws {ChatError} 403 when the key is wrong, 404 when the server is not in class mode.
   *
   * @example
   * const reading = new PlainchatClient(url).readClassSecret({ projectorKey: "a-guess" });
   * console.log(await reading.catch((error) => error.status)); // 403
   */
  readClassSecret(
    { projectorKey }: { projectorKey: string },
    { signal }: CallOptions = {},
  ): Promise<{ secret: string | null }> {
    const headers = { authorization: `Bearer ${projectorKey}` };
    return this.#send(
      { method: "GET", path: "/api/v1/class/secret", headers, isRepeatable: true, signal },
      shapes.classSecret,
    );
  }

  /**
   * In class mode: comes back with the code that the teacher has made for a pupil who has lost the token. If no reply
   * comes, or the server does not know the outcome, this is not sent again: the code may be used up already, and the new
   * token lost.
   * @throws {ChatError} 403 when the code is wrong or too old, 404 when no user has the handle.
   *
   * @example
   * const back = new PlainchatClient(url);
   * const coming = back.rejoin({ userHandle: "grace", rejoinCode: "A2B3C4" });
   * console.log(await coming.catch((error) => error.status)); // 403
   */
  async rejoin(
    inputs: { userHandle: string; rejoinCode: string },
    { signal }: CallOptions = {},
  ): Promise<{ userId: number; userHandle: string; authToken: string }> {
    const reply = await this.#send(
      { method: "POST", path: "/api/v1/class/rejoin", inputs, isRepeatable: false, signal },
      shapes.rejoined,
    );
    this.credentials = { myId: reply.userId, myAuth: reply.authToken };
    return reply;
  }

  /**
   * In class mode: raises your hand, or takes it down. The teacher sees it.
   * @throws {ChatError} 404 when the server is not in class mode.
   *
   * @example
   * const { isUp } = await ada.raiseHand({ isUp: true });
   * console.log(isUp); // true
   */
  raiseHand(inputs: { isUp: boolean }, { signal }: CallOptions = {}): Promise<{ userId: number; isUp: boolean }> {
    const path = "/api/v1/class/hand";
    return this.#sendAsMe({ method: "PATCH", path, inputs, isRepeatable: true, signal }, shapes.hand);
  }

  /**
   * In class mode: says how far you are in a lesson of the course. Leave `case` out if the lesson is passed.
   * @throws {ChatError} 404 when the server is not in class mode.
   *
   * @example
   * await ada.reportProgress({ lesson: 2, case: "register-content-type", passed: 1, total: 2 });
   * const { passedAt } = await ada.reportProgress({ lesson: 2, passed: 2, total: 2 });
   * console.log(passedAt !== undefined); // true
   */
  reportProgress(
    inputs: { lesson: number; case?: string | undefined; passed: number; total: number },
    { signal }: CallOptions = {},
  ): Promise<LessonProgress> {
    const request = { method: "PATCH", path: PROGRESS, inputs, isRepeatable: true, signal } as const;
    return this.#sendAsMe(request, shapes.lessonProgress);
  }

  /**
   * In class mode: how far you are in the course, as reportProgress() has said.
   * @throws {ChatError} 404 when the server is not in class mode.
   *
   * @example
   * await ada.reportProgress({ lesson: 1, passed: 1, total: 1 });
   * const { lesson, lessons } = await ada.myProgress();
   * console.log(lesson, lessons.map((each) => each.total)); // 1 [ 1 ]
   */
  myProgress({ signal }: CallOptions = {}): Promise<Progress> {
    return this.#sendAsMe({ method: "GET", path: PROGRESS, isRepeatable: true, signal }, shapes.progress);
  }

  #send<Reply>(request: ChatRequest, shape: Shape<Reply>): Promise<Reply> {
    return sendRequest(this.#connection, request, shape);
  }

  #sendAsMe<Reply>(request: ChatRequest, shape: Shape<Reply>): Promise<Reply> {
    return this.#send({ ...request, credentials: this.credentials }, shape);
  }
}
