/**
 * The state of the page at `/learn`: the course, the open lesson, what the pupil has opened and answered in it, and the
 * check of the pupil's own server. web/learn.ts starts it.
 */
import { render, type TemplateResult } from "lit-html";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import type { Fetch } from "../../client/request.ts";
import type { Progress } from "../../client/types.ts";
import { type Identity, Session } from "../app/session.ts";
import { currentLanguage, say } from "../words/language.ts";
import { type Course, type Lesson, loadCourse, loadText } from "./course.ts";
import type { LessonText } from "./markdown.ts";
import { ServerCheck } from "./server-check.ts";

/** Nobody typed these requests, so the wall leaves them out. */
const inBackground: Fetch = (url, request) =>
  fetch(url, { ...request, headers: { ...(request.headers as Record<string, string>), explain: "background" } });

/** What a pupil has opened and answered in one lesson. */
interface Opened {
  hints: number;
  /** The chosen answer and the one that was given, by the number of the question. */
  chosen: Map<number, string>;
  given: Map<number, string>;
}

export class LearnPage {
  course: Course | undefined;
  isLost = false;
  open: Lesson | undefined;
  text: (LessonText & { language: string }) | undefined;
  /** Undefined if it is not known. */
  progress: Progress | undefined;
  readonly check: ServerCheck;
  readonly #session: Session;
  readonly #place: HTMLElement;
  readonly #view: (page: LearnPage) => TemplateResult;
  readonly #opened = new Map<number, Opened>();
  /** Counts the lessons that were opened: a text that comes late belongs to none. */
  #opening = 0;

  constructor(place: HTMLElement, view: (page: LearnPage) => TemplateResult) {
    this.#place = place;
    this.#view = view;
    this.#session = new Session(() => void this.#loadProgress());
    this.check = new ServerCheck(inBackground, {
      change: () => this.draw(),
      end: () => void this.#loadProgress(),
    });
  }

  get identity(): Identity | undefined {
    return this.#session.identity;
  }

  async start(): Promise<void> {
    addEventListener("hashchange", () => void this.#followHash());
    this.draw();
    try {
      this.course = await loadCourse();
    } catch {
      this.isLost = true;
    }
    await Promise.all([this.#followHash({ isFirst: true }), this.#loadProgress()]);
    if (this.identity !== undefined) await this.check.resume(this.identity);
  }

  /** The text is another one in another language. */
  changeLanguage(): void {
    this.draw();
    void this.#loadText();
  }

  get opened(): Opened {
    const { lesson = 0 } = this.open ?? {};
    const opened = this.#opened.get(lesson) ?? { hints: 0, chosen: new Map(), given: new Map() };
    this.#opened.set(lesson, opened);
    return opened;
  }

  /** Whether the pupil has passed a lesson at some time. */
  isPassed(lesson: number): boolean {
    return this.progress?.lessons.some((each) => each.lesson === lesson && each.passedAt !== undefined) === true;
  }

  async checkServer(): Promise<void> {
    const { identity, open } = this;
    if (identity !== undefined && open !== undefined) await this.check.begin(identity, open.lesson);
  }

  draw(): void {
    render(this.#view(this), this.#place);
    document.title = this.open === undefined ? say("learn.title") : `${this.open.lesson} · ${say("learn.title")}`;
  }

  async #followHash({ isFirst = false } = {}): Promise<void> {
    const number = Number(location.hash.slice(1));
    this.open = this.course?.lessons.find(({ lesson }) => lesson === number);
    this.text = undefined;
    this.draw();
    await this.#loadText();
    // A screen reader goes on at the new lesson, and the keyboard, too.
    if (!isFirst) document.querySelector<HTMLElement>("#lesson-title")?.focus();
  }

  async #loadText(): Promise<void> {
    const { open } = this;
    const opening = ++this.#opening;
    if (open === undefined) return;
    const language = currentLanguage();
    const text = await loadText(open).catch(() => undefined);
    if (opening !== this.#opening || language !== currentLanguage()) return;
    this.text = text;
    this.isLost = text === undefined;
    this.draw();
  }

  async #loadProgress(): Promise<void> {
    const { identity } = this;
    this.progress = undefined;
    if (identity !== undefined) {
      const client = new PlainchatClient(location.origin, { credentials: identity, fetch: inBackground, attempts: 2 });
      // Without it, the list has no ticks. The check says what is wrong with the token.
      this.progress = await client.myProgress().catch(() => undefined);
    }
    this.draw();
  }
}
