/**
 * What a teacher decides and a pupil reports while a proof kills the server or cuts the power. What got a 200 must hold
 * after the next start. It is about a pupil of its own, so that the other clients can go on.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { Paths } from "../../server/store/files/paths.ts";
import { type Reply, send } from "../../testing/request.ts";
import type { Ledger, Server } from "./ledger.ts";

/** For the server of the proof. */
export const CLASS_MODE = { PLAINCHAT_CLASS: "1", PLAINCHAT_HOST: "127.0.0.1" };

const TEACHER = "the teacher";

export class Decisions {
  readonly #root: string;
  readonly #ledger: Ledger;
  #key = "";
  #teacher: unknown;
  #pupil = { userId: 0, userHandle: "", isMuted: false, isHidden: false, isHandUp: false };
  #user = "";
  /** The pupil's reports, as the server has confirmed them. */
  readonly #progress = new Map<number, object>();
  #reported: object | undefined;
  #lesson: number | undefined;
  #isPaused = false;

  constructor(root: string, ledger: Ledger) {
    this.#root = root;
    this.#ledger = ledger;
  }

  /** @param pupil a user who does nothing else. Call it before the first decision. */
  async begin(server: Server, pupil: { userId: number; userHandle: string; authToken: string }): Promise<void> {
    this.#user = `${pupil.userId}:${pupil.authToken}`;
    this.#key = JSON.parse(await readFile(new Paths(this.#root).classFile("keys.json"), "utf8")).teacher;
    this.#pupil = { ...this.#pupil, userId: pupil.userId, userHandle: pupil.userHandle };
    const { json } = await this.#teach(server, "POST", "/teacher", { userHandle: TEACHER });
    this.#teacher = json;
    this.#ledger.takeUserId(json.userId);
    this.#ledger.others.set(TEACHER, { userId: json.userId, state: "there" });
  }

  /** Decides one thing. @param mayPause false while others must be able to send. */
  async decide(server: Server, number: number, mayPause: boolean): Promise<void> {
    const { userId, userHandle, isMuted, isHidden } = this.#pupil;
    const which = number % (mayPause ? 6 : 5);
    if (which === 0) await this.#change(server, { userId, isMuted: !isMuted });
    if (which === 1) await this.#report(server, number);
    if (which === 2) {
      await this.#change(server, { userId, userHandle: `pupil-${number}` });
      this.#ledger.others.delete(userHandle);
      this.#ledger.others.set(this.#pupil.userHandle, { userId, state: "there" });
    }
    if (which === 3) {
      this.#lesson = 1 + (number % 14);
      await this.#teach(server, "PATCH", "", { lesson: this.#lesson });
    }
    if (which === 4) await this.#change(server, { userId, isHidden: !isHidden, isHandUp: isHidden });
    if (which === 5) {
      this.#isPaused = true;
      await this.#teach(server, "PATCH", "", { isPaused: true });
    }
  }

  /** Also lets the class go on. */
  async compare(server: Server): Promise<void> {
    const { text } = await send(server.origin, { path: "/api/v1/class" });
    const { isPaused, lesson } = JSON.parse(text);
    assert.deepEqual({ isPaused, lesson }, { isPaused: this.#isPaused, lesson: this.#lesson });
    const listed = JSON.parse((await this.#teach(server, "GET", "/pupils")).text).pupils;
    const { isHere, last, refused, stuckSince, progress, lessonsPassed, ...pupil } = listed.find(
      ({ userId }: { userId: number }) => userId === this.#pupil.userId,
    );
    assert.deepEqual(pupil, this.#pupil);
    assert.deepEqual(progress, this.#reported);
    const own = await send(server.origin, { path: "/api/v1/class/progress", user: this.#user });
    assert.deepEqual(
      JSON.parse(own.text).lessons,
      [...this.#progress].sort(([a], [b]) => a - b).map(([, each]) => each),
    );
    const teacher = await this.#teach(server, "POST", "/teacher", { userHandle: "somebody else" });
    assert.deepEqual(teacher.json, this.#teacher);
    if (this.#isPaused) await this.#teach(server, "PATCH", "", { isPaused: false });
    this.#isPaused = false;
  }

  /** A lesson is passed every other time, and its case is always a new one. */
  async #report(server: Server, number: number): Promise<void> {
    const lesson = 1 + (number % 14);
    const isPassed = number % 2 === 0;
    const body = { lesson, ...(!isPassed && { case: `case-${number}` }), passed: isPassed ? 2 : 1, total: 2 };
    const path = "/api/v1/class/progress";
    const reply = await send(server.origin, { method: "PATCH", path, user: this.#user, body });
    assert.equal(reply.status, 200, reply.text);
    this.#reported = JSON.parse(reply.text);
    this.#progress.set(lesson, JSON.parse(reply.text));
  }

  async #change(server: Server, body: object): Promise<void> {
    const { text } = await this.#teach(server, "PATCH", "/pupils", body);
    this.#pupil = JSON.parse(text);
  }

  async #teach(server: Server, method: string, path: string, body: object = {}): Promise<Reply> {
    const headers = { authorization: `Bearer ${this.#key}` };
    const reply = await send(server.origin, { method, path: `/api/v1/class${path}`, headers, body });
    assert.equal(reply.status, 200, reply.text);
    return reply;
  }
}
