/**
 * What the teacher does with the class, and what of it is only on the screen: the open row, what is typed, the code that
 * is read out. Each call has its place on the page, and an error is shown there.
 */
import { randomKey } from "../../client/random-key.ts";
import type { TeacherClient } from "../../client/teacher-client.ts";
import type { Pupil } from "../../client/teacher-types.ts";
import type { Gone, Trace } from "../../client/trace.ts";
import type { ClassState } from "../../client/types.ts";
import { Session } from "../app/session.ts";
import { Player } from "../glass/player.ts";
import { say } from "../words/language.ts";
import { Attempts } from "./attempts.ts";
import type { ClassCalls } from "./class-calls.ts";
import { type FailedTraces, withoutGone } from "./failed-traces.ts";
import type { HeardMessages } from "./heard-messages.ts";

type TeacherCalls = ClassCalls["teacher"];

/** The teacher as a user, with the token. */
export type Teacher = Awaited<ReturnType<TeacherCalls["becomeTeacher"]>>;

/** What the teacher can change about a pupil. */
export type PupilChange = Omit<Parameters<TeacherCalls["changePupil"]>[0], "userId">;

/** What it needs of the page. */
interface Page {
  readonly calls: ClassCalls;
  readonly failed: FailedTraces;
  readonly heard: HeardMessages;
  readonly teacher: Teacher | undefined;
  /** The data folder of the class, as the server calls it. */
  readonly folder: string | undefined;
  /** The teacher is known. */
  lead(teacher: Teacher): void;
  /** Something about the class or about a pupil has changed. */
  hasChanged(facts?: ClassState): void;
  /** The server no longer accepts the key. */
  isRefused(): void;
  draw(): void;
}

/** The trace that is open beside the list. */
export interface OpenTrace {
  pupil: Pupil;
  /** Undefined if it is no longer kept. */
  trace: Trace | undefined;
}

export class Leading {
  readonly attempts: Attempts;
  /** For the trace that is open. */
  readonly player: Player;
  /** Only the newest request opens by itself, and here none does: so there is nothing to follow. */
  isFollowing = false;
  /** The pupil whose row is open. */
  openId: number | undefined;
  /** The pupil whom the page asks about before it removes them. */
  removingId: number | undefined;
  openTrace: OpenTrace | undefined;
  filter = "";
  /** What the teacher is writing to all. */
  message = "";
  /** How many pupils got the last message. */
  sentTo: number | undefined;
  code: Awaited<ReturnType<TeacherCalls["makeRejoinCode"]>> | undefined;
  /** The class secret, while it is shown. */
  secret: string | undefined;
  /** The address that is shown to the class, if the teacher has chosen another one than the best. */
  address: string | undefined;
  /** The last message to all, until the server has confirmed it. */
  #toAll: { message: string; idempotencyKey: string } | undefined;
  readonly #page: Page;
  readonly #session = new Session(() => {});

  constructor(page: Page) {
    this.#page = page;
    this.attempts = new Attempts({ change: () => page.draw(), wrongKey: () => page.isRefused() });
    this.player = new Player(() => page.draw());
  }

  becomeTeacher(userHandle: string): Promise<boolean> {
    return this.attempts.run("teacher", async () => {
      this.#page.lead(await this.#page.calls.teacher.becomeTeacher({ userHandle }));
      this.#page.hasChanged();
    });
  }

  /** @param place "pause", "texts" or "lesson". */
  changeClass(place: string, change: Parameters<TeacherClient["changeClass"]>[0]): Promise<boolean> {
    return this.attempts.run(place, async () => {
      this.#page.hasChanged(await this.#page.calls.teacher.changeClass(change));
    });
  }

  async writeToAll(): Promise<void> {
    const { message } = this;
    if (message.trim() === "") return;
    this.sentTo = undefined;
    // The same text after a failure is the same message, so nobody gets it twice.
    if (this.#toAll?.message !== message) this.#toAll = { message, idempotencyKey: randomKey() };
    const toAll = this.#toAll;
    await this.attempts.run("to all", async () => {
      const { recipients } = await this.#page.calls.teacher.writeToAll(toAll);
      this.sentTo = recipients;
      this.#toAll = undefined;
      // The teacher may have written on in the meantime.
      if (this.message === message) this.message = "";
    });
  }

  /** Opens the row of a pupil, or closes it. */
  open(userId: number | undefined): void {
    this.openId = userId === this.openId ? undefined : userId;
    this.removingId = undefined;
    this.#page.draw();
  }

  changePupil({ userId }: Pupil, change: PupilChange): Promise<boolean> {
    return this.attempts.run(placeOf(userId), async () => {
      await this.#page.calls.teacher.changePupil({ userId, ...change });
      this.#page.hasChanged();
    });
  }

  makeCode({ userId }: Pupil): Promise<boolean> {
    return this.attempts.run(placeOf(userId), async () => {
      this.code = await this.#page.calls.teacher.makeRejoinCode({ userId });
    });
  }

  remove({ userId }: Pupil): Promise<boolean> {
    return this.attempts.run(placeOf(userId), async () => {
      await this.#page.calls.teacher.removePupil({ userId });
      if (this.openId === userId) this.openId = undefined;
      this.removingId = undefined;
      this.#page.hasChanged();
    });
  }

  /** Removes a message that this pupil has sent, for everybody. */
  takeDown({ userId }: Pupil, messageId: number): Promise<boolean> {
    return this.attempts.run(placeOf(userId), async () => {
      await this.#page.calls.teacher.takeDownMessage({ messageId });
      this.#page.heard.remove({ messageId });
    });
  }

  /** Opens what the server did with the last request of this pupil that failed. */
  showTrace(pupil: Pupil): void {
    if (pupil.refused === undefined) return;
    const trace = this.#page.failed.find(pupil.userId, pupil.refused);
    this.openTrace = { pupil, trace };
    this.player.show(trace);
  }

  /** A trace has come: the list may have shown the request before, and the teacher may wait for its steps. */
  findOpenTrace(): void {
    const { openTrace } = this;
    if (openTrace !== undefined && openTrace.trace === undefined) this.showTrace(openTrace.pupil);
  }

  /** A message is gone, also from the trace that is open. */
  coverGone(gone: Gone | undefined): void {
    const { openTrace } = this;
    if (openTrace?.trace === undefined) return;
    const trace = withoutGone(openTrace.trace, gone);
    if (trace === openTrace.trace) return;
    this.openTrace = { ...openTrace, trace };
    this.player.replace(trace);
    this.#page.draw();
  }

  closeTrace(): void {
    this.openTrace = undefined;
    this.player.show(undefined);
  }

  showSecret(): Promise<boolean> {
    return this.attempts.run("secret", async () => {
      const { secret } = await this.#page.calls.readSecret();
      if (secret === null) throw new Error(say("teacher.noSecret"));
      this.secret = secret;
    });
  }

  /** Makes the teacher the user of this browser, for the page at `/`. Whoever was it before can go on later. */
  useInChat(): void {
    const { teacher, folder } = this.#page;
    if (teacher === undefined) return;
    const { userId: myId, authToken: myAuth, userHandle } = teacher;
    const { identity } = this.#session;
    // If the teacher is the user already, the browser may have a newer token.
    const isUser = identity?.myId === myId && identity.userHandle === userHandle && identity.folder === folder;
    if (!isUser) this.#session.admit({ myId, myAuth, userHandle }, folder);
  }
}

/** Where the errors of calls about one pupil are shown. */
export function placeOf(userId: number): string {
  return `pupil ${userId}`;
}
