/**
 * What a teacher decides while a proof kills the server or cuts the power. A decision that got a 200 must hold after the
 * next start. It is about a pupil of its own, so that the other clients can go on.
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
  #lesson: number | undefined;
  #isPaused = false;

  constructor(root: string, ledger: Ledger) {
    this.#root = root;
    this.#ledger = ledger;
  }

  /** @param pupil a user who does nothing else. Call it before the first decision. */
  async begin(server: Server, pupil: { userId: number; userHandle: string }): Promise<void> {
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
    const which = number % (mayPause ? 5 : 4);
    if (which === 0) await this.#change(server, { userId, isMuted: !isMuted });
    if (which === 1) await this.#change(server, { userId, isHidden: !isHidden, isHandUp: isHidden });
    if (which === 2) {
      await this.#change(server, { userId, userHandle: `pupil-${number}` });
      this.#ledger.others.delete(userHandle);
      this.#ledger.others.set(this.#pupil.userHandle, { userId, state: "there" });
    }
    if (which === 3) {
      this.#lesson = 1 + (number % 14);
      await this.#teach(server, "PATCH", "", { lesson: this.#lesson });
    }
    if (which === 4) {
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
    const { isHere, last, refused, stuckSince, ...pupil } = listed.find(
      ({ userId }: { userId: number }) => userId === this.#pupil.userId,
    );
    assert.deepEqual(pupil, this.#pupil);
    const teacher = await this.#teach(server, "POST", "/teacher", { userHandle: "somebody else" });
    assert.deepEqual(teacher.json, this.#teacher);
    if (this.#isPaused) await this.#teach(server, "PATCH", "", { isPaused: false });
    this.#isPaused = false;
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
