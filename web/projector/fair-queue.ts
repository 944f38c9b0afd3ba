/**
 * The requests that wait to be shown on the wall. Everybody gets their turn, one after the other, however much somebody
 * else sends. Of a flood, the newest stands for the rest, with a count: "ada: 120 requests". class-feed.ts uses it.
 */

/** Something that waits, and for how many requests it stands. */
export interface Waiting<Item> {
  item: Item;
  count: number;
}

/** How many of one sender can wait before the newest stands for the rest. */
export const ROOM_FOR_EACH = 3;
/** A class has fewer. Anybody may claim any number of names, so there must be a limit. */
const MAX_SENDERS = 100;

export class FairQueue<Item> {
  /** By sender. Whose turn is next comes first. */
  readonly #senders = new Map<string, Waiting<Item>[]>();
  #newest: { item: Item; sender: string } | undefined;

  /** How many can be shown, one after the other. */
  get length(): number {
    let length = 0;
    for (const waiting of this.#senders.values()) length += waiting.length;
    return length;
  }

  /** How many requests they stand for. */
  get count(): number {
    let count = 0;
    for (const waiting of this.#senders.values()) for (const each of waiting) count += each.count;
    return count;
  }

  get items(): Item[] {
    return [...this.#senders.values()].flat().map(({ item }) => item);
  }

  /** @returns how many requests had to be left out, because there are too many senders. */
  add(sender: string, item: Item): number {
    this.#newest = { item, sender };
    const waiting = this.#senders.get(sender);
    if (waiting === undefined) {
      this.#senders.set(sender, [{ item, count: 1 }]);
      return this.#senders.size > MAX_SENDERS ? this.#dropOldest() : 0;
    }
    if (waiting.length < ROOM_FOR_EACH) waiting.push({ item, count: 1 });
    else waiting.push({ item, count: (waiting.pop()?.count ?? 0) + 1 });
    return 0;
  }

  /** Takes out the next: of each sender one, in turn. */
  next(): Waiting<Item> | undefined {
    const [entry] = this.#senders;
    if (entry === undefined) return undefined;
    const [sender, waiting] = entry;
    const next = waiting.shift();
    this.#senders.delete(sender);
    if (waiting.length > 0) this.#senders.set(sender, waiting);
    return next;
  }

  /** Takes out the newest of all, and forgets the rest. */
  skipToNewest(): Item | undefined {
    const newest = this.#newest;
    const last = newest && this.#senders.get(newest.sender)?.find(({ item }) => item === newest.item);
    if (newest === undefined || last === undefined) return undefined;
    this.clear();
    return last.item;
  }

  /** Changes each item, or takes it out if `change` returns undefined. */
  changeAll(change: (item: Item) => Item | undefined): void {
    for (const [sender, waiting] of [...this.#senders]) {
      const kept = waiting.flatMap(({ item, count }) => {
        const changed = change(item);
        if (this.#newest?.item === item && changed !== undefined) this.#newest = { item: changed, sender };
        return changed === undefined ? [] : [{ item: changed, count }];
      });
      if (kept.length > 0) this.#senders.set(sender, kept);
      else this.#senders.delete(sender);
    }
  }

  clear(): void {
    this.#senders.clear();
    this.#newest = undefined;
  }

  #dropOldest(): number {
    const [entry] = this.#senders;
    if (entry === undefined) return 0;
    this.#senders.delete(entry[0]);
    return entry[1].reduce((sum, { count }) => sum + count, 0);
  }
}
