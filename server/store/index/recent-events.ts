/**
 * What has happened to messages lately, so that a stream that was cut can go on where it was: the last so many events,
 * in typed arrays, without any text (25 bytes each). It is filled as events become durable, and anew from the journal
 * at each start. Whoever was away for longer than it reaches back is told so, and must read the queue again.
 */
import { firstAtLeast } from "../binary-search.ts";

/** What has happened; the number is what is kept of it here. */
const TYPES = ["message", "edit", "delete", "leave"] as const;

export interface RecentEvent {
  /** The number of the event in the journal. */
  seq: number;
  /** "message": one was sent. "leave": the user `toId` has left, and the queue with them. */
  type: (typeof TYPES)[number];
  /** 0 where a user has left. */
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
  /** How many events were ever added; the newest lies before this place, counted round and round. */
  #added = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#seqs = new Float64Array(capacity);
    this.#types = new Uint8Array(capacity);
    this.#messageIds = new Float64Array(capacity);
    this.#fromIds = new Uint32Array(capacity);
    this.#toIds = new Uint32Array(capacity);
  }

  /** Adds an event with a greater number than all before it; the oldest one is forgotten. */
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
   * Puts events between those that are there: only at the start, where the journal does not hold all of them in order.
   * @param lastSeq the number of the last event that was ever written.
   */
  complete(more: RecentEvent[], lastSeq: number): void {
    const known = [...this.after(0), ...more].sort((a, b) => a.seq - b.seq);
    // What compaction may have dropped from the files is not known for sure.
    const knownAfter = Math.max(this.knownAfter, lastSeq - this.#capacity);
    this.#added = 0;
    for (const event of known) if (event.seq > knownAfter) this.add(event);
    this.knownAfter = Math.max(this.knownAfter, knownAfter);
  }

  /** Forgets everything: only what comes after `seq` will be known. */
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
