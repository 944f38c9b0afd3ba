/**
 * Finds the messages that may have been sent with an Idempotency-Key: a hash table in one typed array, eight bytes an
 * entry, of which at most half are filled. It holds no keys: what it finds is looked at in the journal, where the key
 * stands in the line of its message.
 */
import { hash, randomBytes } from "node:crypto";

const FIRST_ENTRIES = 1024;

export class KeyIndex {
  /** Chosen anew in each run, so that nobody can send keys that all meet in one place. */
  readonly #seed = randomBytes(16).toString("hex");
  /** Pairs: the hash of a key, and the slot of its message plus one. 0 is an empty place. */
  #table = new Uint32Array(FIRST_ENTRIES * 2);
  #filled = 0;
  readonly #isAlive: (slot: number) => boolean;

  /** @param isAlive whether the message in a slot is still there: the key lives with the message. */
  constructor(isAlive: (slot: number) => boolean) {
    this.#isAlive = isAlive;
  }

  add(userId: number, key: string, slot: number): void {
    if ((this.#filled + 1) * 4 > this.#table.length) this.#grow();
    this.#put(this.#hash(userId, key), slot);
  }

  /** The slots of messages that may have been sent by this user with this key: almost always none, or the one. */
  candidates(userId: number, key: string): number[] {
    const hashOfKey = this.#hash(userId, key);
    const places = this.#table.length / 2;
    const found: number[] = [];
    for (let place = hashOfKey % places; ; place = (place + 1) % places) {
      const slot = (this.#table[place * 2 + 1] ?? 0) - 1;
      if (slot === -1) return found;
      if (this.#table[place * 2] === hashOfKey && this.#isAlive(slot)) found.push(slot);
    }
  }

  #put(hashOfKey: number, slot: number): void {
    const places = this.#table.length / 2;
    let place = hashOfKey % places;
    while (this.#table[place * 2 + 1] !== 0) place = (place + 1) % places;
    this.#table[place * 2] = hashOfKey;
    this.#table[place * 2 + 1] = slot + 1;
    this.#filled++;
  }

  /** Notes that messages lie in other slots now; undefined where one is gone. */
  renumber(newSlotOf: (slot: number) => number | undefined): void {
    const old = this.#table;
    this.#table = new Uint32Array(old.length);
    this.#filled = 0;
    for (let i = 0; i < old.length; i += 2) {
      const slot = (old[i + 1] ?? 0) - 1;
      const newSlot = slot === -1 ? undefined : newSlotOf(slot);
      if (newSlot !== undefined) this.#put(old[i] ?? 0, newSlot);
    }
  }

  /** Leaves out the keys of messages that are gone; if the table is still more than a quarter full, doubles it. */
  #grow(): void {
    this.renumber((slot) => (this.#isAlive(slot) ? slot : undefined));
    if (this.#filled * 8 <= this.#table.length) return;
    const old = this.#table;
    this.#table = new Uint32Array(old.length * 2);
    this.#filled = 0;
    for (let i = 0; i < old.length; i += 2) {
      if (old[i + 1] !== 0) this.#put(old[i] ?? 0, (old[i + 1] ?? 0) - 1);
    }
  }

  #hash(userId: number, key: string): number {
    return Number.parseInt(hash("sha256", `${this.#seed}:${userId}:${key}`).slice(0, 8), 16);
  }
}
