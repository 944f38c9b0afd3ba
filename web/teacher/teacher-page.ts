/**
 * The state of the teacher's page: the key, who the teacher is, what holds for the class, and the list of pupils, which
 * it loads again and again. web/teacher.ts starts it. What the teacher does is in leading.ts.
 */
import { render, type TemplateResult } from "lit-html";
import { ChatError } from "../../client/chat-error.ts";
import type { Gone } from "../../client/trace.ts";
import type { ClassState } from "../../client/types.ts";
import { forThisTab } from "../browser/browser-storage.ts";
import type { ConnectionState } from "../chat/connection/live-connection.ts";
import { placeDot } from "../glass/dot.ts";
import { classAddresses } from "../projector/class-addresses.ts";
import { say } from "../words/language.ts";
import { isWrongKey } from "./attempts.ts";
import { Attention } from "./attention.ts";
import { ClassCalls } from "./class-calls.ts";
import { ClassEnd } from "./class-end.ts";
import { FailedTraces } from "./failed-traces.ts";
import { HeardMessages } from "./heard-messages.ts";
import { Leading, type Teacher } from "./leading.ts";
import { Roster } from "./roster.ts";

const SEEN_MILLISECONDS = 1_000;
const HIDDEN_MILLISECONDS = 10_000;
/** After the server has ended the feed, for example because too many watch. */
const FEED_MILLISECONDS = 5_000;
const KEY_NAME = "teacher-key";
/** The teacher of the next class is probably called the same. */
const HANDLE_NAME = "teacher-handle";

/** "asking" until the server has said whether the key is right, and whether there is a teacher yet. */
type Phase = "no class" | "no key" | "wrong key" | "asking" | "new teacher" | "leading";

export class TeacherPage {
  phase: Phase = "asking";
  connection: ConnectionState = "connecting";
  /** Of the stream that brings the steps of requests. */
  feed: ConnectionState = "connecting";
  teacher: Teacher | undefined;
  folder: string | undefined;
  /** There may be other servers with the same class, and the list does not know what pupils do there. */
  isOneOfSeveral = false;
  /** Undefined until the server has answered. */
  facts: ClassState | undefined;
  /** The addresses where the class can reach the server, best first. */
  addresses: string[] = [];
  readonly roster = new Roster();
  readonly attention = new Attention();
  readonly failed = new FailedTraces();
  readonly heard = new HeardMessages();
  readonly leading: Leading;
  readonly classEnd: ClassEnd;
  calls = new ClassCalls(location.origin, "");
  readonly #place: HTMLElement;
  readonly #view: (page: TeacherPage) => TemplateResult;
  /** Tells the class from every other one. */
  #classTag: string | undefined;
  /** Ends everything that goes on with the present key. */
  #ending = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts what the teacher has changed. A list that was asked for before a change is out of date. */
  #changes = 0;
  #isToBeDrawn = false;

  /** @param place where to draw the page. @param view how it looks. */
  constructor(place: HTMLElement, view: (page: TeacherPage) => TemplateResult) {
    this.#place = place;
    this.#view = view;
    this.leading = new Leading(this);
    this.classEnd = new ClassEnd(this, this.leading.attempts);
  }

  start(): void {
    document.addEventListener("visibilitychange", () => this.#loadSoon());
    // The teacher may paste a new address into the same tab.
    addEventListener("hashchange", () => this.#begin());
    this.#begin();
  }

  /** The server's time now: the browser's clock may be wrong. */
  now(): number {
    return Date.now() + this.calls.clockAheadMilliseconds;
  }

  /** The server no longer accepts the key, or never did. */
  isRefused(): void {
    this.#end();
    this.phase = "wrong key";
    forThisTab.remove(KEY_NAME);
    this.draw();
  }

  /** The teacher is known. */
  lead(teacher: Teacher): void {
    this.teacher = teacher;
    this.phase = "leading";
    forThisTab.write(HANDLE_NAME, teacher.userHandle);
    this.draw();
  }

  /** As the teacher was called in the class before, or "". */
  get lastHandle(): string {
    return forThisTab.read<string>(HANDLE_NAME) ?? "";
  }

  /** The teacher has changed something: what is on its way does not know it yet. */
  hasChanged(facts?: ClassState): void {
    this.#changes++;
    if (facts !== undefined) this.facts = facts;
    this.#loadSoon();
  }

  /** Sorts the list although somebody reads in it. */
  sort(): void {
    const pupils = this.roster.rows.filter(({ hasLeft }) => !hasLeft).map(({ pupil }) => pupil);
    this.roster.update(pupils, false, this.now());
    this.draw();
  }

  /** Draws once for all changes of a moment. */
  draw(): void {
    if (this.#isToBeDrawn) return;
    this.#isToBeDrawn = true;
    queueMicrotask(() => {
      this.#isToBeDrawn = false;
      const { activeElement } = document;
      render(this.#view(this), this.#place);
      // A row that changes its place loses the focus.
      const isLost = activeElement !== document.activeElement && activeElement?.isConnected;
      if (isLost && activeElement instanceof HTMLElement) activeElement.focus({ preventScroll: true });
      placeDot(document.querySelector<HTMLElement>(".steps"));
      document.title = say("teacher.title");
    });
  }

  /** The key is at the end of the address. Somebody may look over the teacher's shoulder, so it is removed at once. */
  #begin(): void {
    const given = location.hash.slice(1);
    if (given !== "") {
      forThisTab.write(KEY_NAME, given);
      history.replaceState(null, "", location.pathname);
    } else if (this.phase !== "asking") return;
    this.#end();
    const key = forThisTab.read<string>(KEY_NAME);
    this.phase =
      document.documentElement.dataset.class === "on" ? (key === undefined ? "no key" : "asking") : "no class";
    this.draw();
    if (this.phase !== "asking" || key === undefined) return;
    this.calls = new ClassCalls(location.origin, key);
    this.#ending = new AbortController();
    void this.#load(this.#ending.signal);
    void this.#watch(this.#ending.signal);
  }

  #end(): void {
    this.#ending.abort();
    clearTimeout(this.#timer);
  }

  #loadSoon(): void {
    const { signal } = this.#ending;
    if (signal.aborted || this.phase === "no key" || this.phase === "no class") return;
    clearTimeout(this.#timer);
    void this.#load(signal);
  }

  async #load(signal: AbortSignal): Promise<void> {
    const changes = this.#changes;
    try {
      const [{ pupils }, info] = await Promise.all([this.calls.teacher.listPupils(), this.calls.everybody.readClass()]);
      if (signal.aborted) return;
      this.connection = "open";
      this.#classTag ??= info.folder;
      // Another class is here: nothing that the page knows is about it.
      if (info.folder !== this.#classTag) return location.reload();
      if (changes === this.#changes) {
        const { isPaused = false, showsTexts = false, showsBoard, lesson, addresses, users } = info;
        this.folder = info.folder;
        this.isOneOfSeveral = info.isOneOfSeveral === true;
        this.facts = {
          isPaused,
          showsTexts,
          ...(showsBoard && { showsBoard }),
          ...(lesson !== undefined && { lesson }),
        };
        this.addresses = classAddresses(location.origin, addresses);
        const isHeld = this.attention.isThere || this.leading.openId !== undefined;
        this.roster.update(pupils, isHeld, this.now());
        await this.#greet(users.find(({ isTeacher }) => isTeacher === true)?.userHandle);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (isWrongKey(error)) return this.isRefused();
      if (!(error instanceof ChatError)) throw error;
      this.connection = "lost";
    }
    this.draw();
    clearTimeout(this.#timer);
    const milliseconds = document.visibilityState === "visible" ? SEEN_MILLISECONDS : HIDDEN_MILLISECONDS;
    if (!signal.aborted) this.#timer = setTimeout(() => void this.#load(signal), milliseconds);
  }

  /**
   * Finds out who the teacher is, if that is new: in the chat, the teacher can take another handle, or leave.
   * @param userHandle of the teacher, if there is one. Then the same call that registers one tells the token.
   */
  async #greet(userHandle: string | undefined): Promise<void> {
    if (userHandle === undefined) {
      if (this.phase !== "new teacher") void this.classEnd.load();
      this.phase = "new teacher";
    } else if (userHandle !== this.teacher?.userHandle || this.phase !== "leading") {
      this.lead(await this.calls.teacher.becomeTeacher({ userHandle }));
    }
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const cover = (gone: Gone | undefined) => {
      this.failed.cover(gone);
      this.leading.coverGone(gone);
    };
    let isFirst = true;
    const onConnection = (state: ConnectionState) => {
      this.feed = state;
      // Nobody has told the page what was removed in the meantime.
      if (state !== "lost" && !isFirst) cover(undefined);
      if (state !== "lost") isFirst = false;
      this.draw();
    };
    try {
      for await (const event of this.calls.everybody.watchRequests({ signal, onConnection })) {
        if (event.type === "trace") {
          this.failed.hear(event.trace);
          this.heard.hear(event.trace);
          this.leading.findOpenTrace();
        } else if (event.type === "gone") {
          cover(event);
          this.heard.remove(event);
        }
      }
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      setTimeout(() => void (signal.aborted || this.#watch(signal)), FEED_MILLISECONDS);
    }
  }
}
