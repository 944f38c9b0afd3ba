/**
 * Finds the messages that may have been sent with an Idempotency-Key. It is a hash table in one typed array, with eight
 * bytes for an entry, and at most half of the entries are filled. It holds no keys: the caller compares the key with
 * the one in the message's line in the journal.
 */
import { hash, randomBytes } from "node:crypto";

const FIRST_ENTRIES = 1024;

export class KeyIndex {
  /** New in each run, so that nobody can send keys that all land in the same place. */
  readonly #seed = randomBytes(16).toString("hex");
  /** Pairs: the hash of a key, and the slot of its message plus one. 0 is an empty place. */
  #table = new Uint32Array(FIRST_ENTRIES * 2);
  #filled = 0;
  readonly #isAlive: (slot: number) => boolean;

  /** @param isAlive whether the message in a slot is still there. When it is gone, its key is free again. */
  constructor(isAlive: (slot: number) => boolean) {
    this.#isAlive = isAlive;
  }

  add(userId: number, key: string, slot: number): void {
    if ((this.#filled + 1) * 4 > this.#table.length) this.#grow();
    this.#put(this.#hash(userId, key), slot);
  }

  /** The slots of messages that this user may have sent with this key: almost always none, or the right one. */
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

  /** Notes that messages are in other slots now. @param newSlotOf is undefined for a message that is gone. */
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

  /** Drops the keys of messages that are gone. If the table is still more than a quarter full, doubles it. */
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
