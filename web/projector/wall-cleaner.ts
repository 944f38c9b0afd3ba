/**
 * Takes from the wall what must no longer be seen there: texts that the teacher covers, messages that are gone, and
 * pupils whom the teacher hides. All of it goes at once, also what still waits for its turn, and while the wall is
 * paused. projector.ts tells it what has happened.
 */
import type { Gone, Trace } from "../../client/trace.ts";
import type { ClassUser } from "../../client/types.ts";
import { mentions, traceWithoutTexts } from "../glass/without-texts.ts";
import type { ClassFeed } from "./class-feed.ts";
import type { JournalLines } from "./journal-lines.ts";

/** How many removals are remembered. */
const MAX_GONE = 50;

export class WallCleaner {
  readonly #feed: ClassFeed;
  readonly #journal: JournalLines;
  readonly #readTrace: (traceId: string) => Promise<Trace>;
  /** What was gone last: an answer that is on its way may still show it. */
  readonly #gone: Gone[] = [];

  constructor(feed: ClassFeed, journal: JournalLines, readTrace: (traceId: string) => Promise<Trace>) {
    this.#feed = feed;
    this.#journal = journal;
    this.#readTrace = readTrace;
  }

  coverTexts(): void {
    this.#feed.changeAll(traceWithoutTexts);
    this.#journal.coverTexts();
  }

  /** Asks the server: it covers more than this page can find, and knows the texts that are to be shown again. */
  async readAgain(showsTexts: () => boolean): Promise<void> {
    const ids = new Set([...this.#feed.shown.map(({ trace }) => trace.id), ...this.#journal.traceIds]);
    const read = await Promise.all([...ids].map((id) => this.#readTrace(id).catch(() => undefined)));
    const seen = read.filter((trace) => trace !== undefined);
    // The teacher may have covered the texts in the meantime.
    const shown = showsTexts() ? seen : seen.map(traceWithoutTexts);
    const byId = new Map(shown.map((trace) => [trace.id, trace]));
    this.#feed.changeAll((trace) => byId.get(trace.id) ?? trace);
    for (const trace of shown) this.#journal.replace(trace);
    for (const gone of this.#gone) this.#cover(gone);
  }

  removeGone(gone: Gone): void {
    this.#gone.push(gone);
    if (this.#gone.length > MAX_GONE) this.#gone.shift();
    this.#cover(gone);
  }

  removeHidden(hidden: readonly ClassUser[]): void {
    if (hidden.length === 0) return;
    const ids = new Set(hidden.map(({ userId }) => userId));
    const handles = new Set(hidden.map(({ userHandle }) => userHandle));
    this.#feed.changeAll((trace) => {
      const { sender, inputs } = trace.request;
      const isOfThem = ids.has(sender?.userId ?? 0) || handles.has(sender?.userHandle ?? "");
      const isAboutThem = inputs.some(({ name, value }) => name === "userHandle" && handles.has(String(value)));
      return isOfThem || isAboutThem ? undefined : trace;
    });
    this.#journal.removeBetween(ids);
  }

  #cover(gone: Gone): void {
    this.#feed.changeAll((trace) => (mentions(trace, gone) ? traceWithoutTexts(trace) : trace));
    this.#journal.removeGone(gone);
  }
}
