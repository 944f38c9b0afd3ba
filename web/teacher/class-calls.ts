/**
 * The calls that only the teacher may make, with the teacher's key. The key goes into a header and never into a URL.
 * teacher-page.ts uses them. Requests that the page sends by itself are marked, so that the projector leaves them out.
 */
import { type ChatRequest, type Connection, sendRequest } from "../../client/request.ts";
import {
  boolean,
  count,
  id,
  list,
  nullable,
  object,
  optional,
  type Shape,
  text,
  time,
  token,
} from "../../client/shape.ts";
import type { ClassEvent } from "../../client/trace.ts";
import { watchRequests } from "../../client/watch-requests.ts";

/** A request of a pupil, as far as the list of pupils shows it. */
export interface LastRequest {
  /** ISO 8601, in UTC. */
  at: string;
  /** Such as "chat.post". */
  operation: string;
  status: number;
  /** Where it stopped, if it was refused. */
  step?: string;
  /** Why it was refused. */
  reason?: string;
}

export interface Pupil {
  userId: number;
  userHandle: string;
  /** Whether a page or a program of this pupil is listening or waiting. */
  isHere: boolean;
  isMuted: boolean;
  isHidden: boolean;
  isHandUp: boolean;
  last?: LastRequest;
  /** The last one that was refused, until several requests in a row went well. */
  refused?: LastRequest;
  /** ISO 8601, in UTC. */
  stuckSince?: string;
}

/** What the teacher has decided for the whole class. */
export interface ClassFacts {
  isPaused: boolean;
  showsTexts: boolean;
  lesson?: number;
}

/** The class as everybody sees it. */
export interface ClassInfo extends ClassFacts {
  addresses: string[];
  users: { userId: number; userHandle: string; isTeacher?: boolean }[];
}

export interface Teacher {
  userId: number;
  userHandle: string;
  authToken: string;
}

export interface RejoinCode {
  userId: number;
  userHandle: string;
  code: string;
  /** ISO 8601, in UTC. */
  validUntil: string;
}

/** What the teacher can change about a pupil. */
export type PupilChange = Partial<Pick<Pupil, "isMuted" | "isHidden" | "isHandUp" | "userHandle">>;

const CLASS = "/api/v1/class";
const ATTEMPTS = 2;
const TIMEOUT_SECONDS = 10;
/** As the pages of the class mark what nobody asked them for. */
const BY_ITSELF = { explain: "background" };

const facts = { isPaused: boolean, showsTexts: boolean, lesson: optional(count) };
const user = object<ClassInfo["users"][number]>({ userId: id, userHandle: text, isTeacher: optional(boolean) });
const request = object<LastRequest>({
  at: time,
  operation: text,
  status: count,
  step: optional(text),
  reason: optional(text),
});
const pupil = object<Pupil>({
  userId: id,
  userHandle: text,
  isHere: boolean,
  isMuted: boolean,
  isHidden: boolean,
  isHandUp: boolean,
  last: optional(request),
  refused: optional(request),
  stuckSince: optional(time),
});
const shapes = {
  facts: object<ClassFacts>(facts),
  info: object<ClassInfo>({ ...facts, addresses: list(text), users: list(user) }),
  pupils: object<{ pupils: Pupil[] }>({ pupils: list(pupil) }),
  teacher: object<Teacher>({ userId: id, userHandle: text, authToken: token }),
  code: object<RejoinCode>({ userId: id, userHandle: text, code: text, validUntil: time }),
  recipients: object<{ recipients: number }>({ recipients: count }),
  secret: object<{ secret: string | null }>({ secret: nullable(text) }),
  userId: object<{ userId: number }>({ userId: id }),
};

export class ClassCalls {
  readonly #teacherKey: string;
  readonly #connection: Connection;
  /** By how much the server's clock is ahead of the browser's. Half a second more or less does not matter here. */
  clockAheadMilliseconds = 0;

  constructor(url: string, teacherKey: string) {
    this.#teacherKey = teacherKey;
    this.#connection = {
      url,
      attempts: ATTEMPTS,
      timeoutSeconds: TIMEOUT_SECONDS,
      fetch: async (address, init) => {
        const reply = await fetch(address, init);
        const serverTime = Date.parse(reply.headers.get("date") ?? "");
        if (Number.isFinite(serverTime)) this.clockAheadMilliseconds = serverTime - Date.now();
        return reply;
      },
    };
  }

  /** The first time, registers the teacher with this handle. Afterwards tells who the teacher is, whatever the handle. */
  becomeTeacher(userHandle: string): Promise<Teacher> {
    return this.#send("POST", "/teacher", shapes.teacher, { userHandle });
  }

  readClass(): Promise<ClassInfo> {
    return sendRequest(this.#connection, { method: "GET", path: CLASS, isRepeatable: true }, shapes.info);
  }

  listPupils(): Promise<{ pupils: Pupil[] }> {
    return this.#send("GET", "/pupils", shapes.pupils, {}, BY_ITSELF);
  }

  changeClass(change: Partial<ClassFacts>): Promise<ClassFacts> {
    return this.#send("PATCH", "", shapes.facts, { ...change });
  }

  changePupil(userId: number, change: PupilChange): Promise<{ userId: number }> {
    return this.#send("PATCH", "/pupils", shapes.userId, { userId, ...change });
  }

  removePupil(userId: number): Promise<{ userId: number }> {
    return this.#send("DELETE", "/pupils", shapes.userId, { userId });
  }

  makeRejoinCode(userId: number): Promise<RejoinCode> {
    return this.#send("POST", "/codes", shapes.code, { userId });
  }

  /** If no reply comes, this is not sent again: everybody would get the message twice. */
  writeToAll(message: string): Promise<{ recipients: number }> {
    return this.#send("POST", "/messages", shapes.recipients, { message });
  }

  readSecret(): Promise<{ secret: string | null }> {
    return this.#send("GET", "/secret", shapes.secret);
  }

  /** What the server does with everybody's requests, as it happens. */
  watchRequests(signal: AbortSignal): AsyncGenerator<ClassEvent, void, void> {
    return watchRequests(this.#connection, { signal });
  }

  #send<Reply>(
    method: ChatRequest["method"],
    path: string,
    shape: Shape<Reply>,
    inputs: NonNullable<ChatRequest["inputs"]> = {},
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const authorization = `Bearer ${this.#teacherKey}`;
    const isRepeatable = path !== "/messages";
    const sent = { method, path: CLASS + path, inputs, headers: { authorization, ...headers }, isRepeatable };
    return sendRequest(this.#connection, sent, shape);
  }
}
