/**
 * How far the user has read in each conversation. The server does not know who has read what, so this browser remembers
 * it for all its tabs. On another device, everything that is there at the start counts as read.
 */
import { forAllTabs } from "../browser/browser-storage.ts";

interface SavedMarks {
  beginning?: number;
  marks: Record<number, number>;
}

const nameFor = (scope: string) => `read.${scope}`;

export class ReadMarks {
  readonly #name: string;
  #marks: Record<number, number>;
  /** The id of the newest message when this browser first saw the queue. */
  #beginning: number | undefined;

  /** @param onChange is called when another tab has read something, until `signal` is aborted. */
  constructor(scope: string, onChange: () => void, signal: AbortSignal) {
    this.#name = nameFor(scope);
    this.#marks = {};
    this.#load();
    const reload = () => {
      this.#load();
      onChange();
    };
    forAllTabs.onChange(this.#name, reload, signal);
  }

  /** A new user has read nothing: messages that arrive before the page first sees the queue are unread, too. */
  static beginEmpty(scope: string): void {
    forAllTabs.write(nameFor(scope), { beginning: 0, marks: {} } satisfies SavedMarks);
  }

  /** Marks everything up to `messageId` as read, if this browser has never seen the queue before. */
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
