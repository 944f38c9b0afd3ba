/**
 * The last events, so that a stream can resume after a break. They are a ring in typed arrays, 25 bytes for each event,
 * without any text. The ring is filled as events become durable, and from the journal at each start. A stream that was
 * away for longer than the ring remembers is told so, and must read the queue again.
 */
import { firstAtLeast } from "../binary-search.ts";

/** The types of events. The ring stores their indexes. */
const TYPES = ["message", "edit", "delete", "leave"] as const;

export interface RecentEvent {
  /** The number of the event in the journal. */
  seq: number;
  /** "message": one was sent. "leave": the user `toId` has left, and their queue is gone. */
  type: (typeof TYPES)[number];
  /** 0 when a user has left. */
  messageId: number;
  fromId: number;
  toId: number;
}

export class RecentEvents {
  /** Every event with a greater number is known. */
  knownAfter = 0;
  readonly #capacity: number;
  readonly #seqs: Float64Array;
  readonly #types: Uint8Array;
  readonly #messageIds: Float64Array;
  readonly #fromIds: Uint32Array;
  readonly #toIds: Uint32Array;
  /** How many events were ever added. The newest one is just before this place, counted round the ring. */
  #added = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#seqs = new Float64Array(capacity);
    this.#types = new Uint8Array(capacity);
    this.#messageIds = new Float64Array(capacity);
    this.#fromIds = new Uint32Array(capacity);
    this.#toIds = new Uint32Array(capacity);
  }

  /** Adds an event with a greater number than all before it. A full ring forgets its oldest one. */
  add({ seq, type, messageId, fromId, toId }: RecentEvent): void {
    if (this.#capacity === 0) {
      this.knownAfter = seq;
      return;
    }
    const place = this.#added % this.#capacity;
    if (this.#added >= this.#capacity) this.knownAfter = this.#seqs[place] ?? 0;
    this.#seqs[place] = seq;
    this.#types[place] = TYPES.indexOf(type);
    this.#messageIds[place] = messageId;
    this.#fromIds[place] = fromId;
    this.#toIds[place] = toId;
    this.#added++;
  }

  /**
   * Puts events between the others. Only for the start: the journal does not hold all of them in order.
   * @param lastSeq the number of the last event that was ever written.
   */
  complete(more: RecentEvent[], lastSeq: number): void {
    const known = [...this.after(0), ...more].sort((a, b) => a.seq - b.seq);
    // Compaction may have dropped older events from the files, so before this number some may be missing.
    const knownAfter = Math.max(this.knownAfter, lastSeq - this.#capacity);
    this.#added = 0;
    for (const event of known) if (event.seq > knownAfter) this.add(event);
    this.knownAfter = Math.max(this.knownAfter, knownAfter);
  }

  /** Forgets everything: only events after `seq` will be known. */
  forget(seq: number): void {
    this.#added = 0;
    this.knownAfter = seq;
  }

  /** The events with a greater number than `seq`, oldest first. */
  *after(seq: number): Generator<RecentEvent> {
    for (let number = this.#firstAfter(seq); number < this.#added; number++) {
      const place = number % this.#capacity;
      yield {
        seq: this.#seqs[place] ?? 0,
        type: TYPES[this.#types[place] ?? 0] ?? "message",
        messageId: this.#messageIds[place] ?? 0,
        fromId: this.#fromIds[place] ?? 0,
        toId: this.#toIds[place] ?? 0,
      };
    }
  }

  /** The first event with a greater number than `seq`, counted from the first that was ever added. */
  #firstAfter(seq: number): number {
    if (this.#added === 0) return 0;
    // Up to `end` the ring holds this round; from there on it still holds the round before. Each part is ascending.
    const end = ((this.#added - 1) % this.#capacity) + 1;
    const startOfRound = this.#added - end;
    const isInThisRound = startOfRound === 0 || (this.#seqs[0] ?? 0) <= seq;
    if (isInThisRound) return startOfRound + firstAtLeast(this.#seqs, seq + 1, 0, end);
    return startOfRound - this.#capacity + firstAtLeast(this.#seqs, seq + 1, end, this.#capacity);
  }
}
