/**
 * Up to which message one has read, for each conversation. The server does not know who has read what, so this browser
 * remembers it, for all its tabs. On another device everything that is there at first counts as read.
 */
import { forAllTabs } from "../browser-storage.ts";

interface SavedMarks {
  beginning?: number;
  marks: Record<number, number>;
}

const nameFor = (myId: number) => `read.${myId}`;

export class ReadMarks {
  readonly #name: string;
  #marks: Record<number, number>;
  /** What was there when this browser first saw the queue. */
  #beginning: number | undefined;

  /** @param onChange is told when another tab has read something, until `signal` is aborted. */
  constructor(myId: number, onChange: () => void, signal: AbortSignal) {
    this.#name = nameFor(myId);
    this.#marks = {};
    this.#load();
    const reload = () => {
      this.#load();
      onChange();
    };
    forAllTabs.onChange(this.#name, reload, signal);
  }

  /** Whoever has just registered has read nothing: also what comes before the queue is seen for the first time is unread. */
  static beginEmpty(myId: number): void {
    forAllTabs.write(nameFor(myId), { beginning: 0, marks: {} } satisfies SavedMarks);
  }

  /** Begins with everything read up to `messageId`, where this browser has not seen the queue before. */
  beginAt(messageId: number): void {
    if (this.#beginning !== undefined) return;
    this.#beginning = messageId;
    this.#save();
  }

  isRead(otherId: number, messageId: number): boolean {
    return messageId <= Math.max(this.#marks[otherId] ?? 0, this.#beginning ?? 0);
  }

  markRead(otherId: number, messageId: number): void {
    if (this.isRead(otherId, messageId)) return;
    this.#marks[otherId] = messageId;
    this.#save();
  }

  #load(): void {
    const saved = forAllTabs.read<SavedMarks>(this.#name);
    this.#marks = saved?.marks ?? {};
    this.#beginning = saved?.beginning;
  }

  #save(): void {
    forAllTabs.write(this.#name, { beginning: this.#beginning, marks: this.#marks });
  }
}
