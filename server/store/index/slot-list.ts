/**
 * A queue in memory: the numbers (slots) of its messages in ascending order, in small typed arrays (chunks). Adding,
 * removing and finding cost about the same in a queue of a million messages as in one of a hundred: each call does a
 * binary search over the chunks and then touches only one of them.
 */
import { firstAtLeast } from "../binary-search.ts";

/** Numbers in a full chunk: 2 KiB. A removal moves at most this many. */
const CHUNK_LENGTH = 512;
const FIRST_CHUNK_LENGTH = 8;

interface Chunk {
  slots: Uint32Array;
  length: number;
}

export class SlotList {
  length = 0;
  readonly #chunks: Chunk[] = [];

  /** Adds a slot. Almost always it is the greatest one; any other place costs the same. */
  add(slot: number): void {
    let chunk = this.#chunks.at(-1);
    if (chunk === undefined || (chunk.length === CHUNK_LENGTH && lastOf(chunk) < slot)) {
      chunk = { slots: new Uint32Array(this.length === 0 ? FIRST_CHUNK_LENGTH : CHUNK_LENGTH), length: 0 };
      this.#chunks.push(chunk);
    } else if (lastOf(chunk) > slot) {
      this.#insert(slot);
      return;
    }
    makeRoom(chunk);
    chunk.slots[chunk.length] = slot;
    chunk.length++;
    this.length++;
  }

  /** Removes a slot. It is no error if the slot is not there. */
  remove(slot: number): void {
    const index = this.#chunkFor(slot);
    const chunk = this.#chunks[index];
    if (chunk === undefined) return;
    const place = placeIn(chunk, slot);
    if (place === chunk.length || chunk.slots[place] !== slot) return;
    chunk.slots.copyWithin(place, place + 1, chunk.length);
    chunk.length--;
    this.length--;
    if (chunk.length === 0) this.#chunks.splice(index, 1);
  }

  /** The first `limit` slots that are at least `from` and below `to`, ascending. */
  first(from: number, to: number, limit: number): number[] {
    const found: number[] = [];
    let index = this.#chunkFor(from);
    let chunk = this.#chunks[index];
    let place = chunk === undefined ? 0 : placeIn(chunk, from);
    while (chunk !== undefined && found.length < limit) {
      if (place === chunk.length) {
        index++;
        chunk = this.#chunks[index];
        place = 0;
        continue;
      }
      const slot = chunk.slots[place] ?? 0;
      if (slot >= to) break;
      found.push(slot);
      place++;
    }
    return found;
  }

  /** The last `limit` slots below `to`, ascending. */
  last(to: number, limit: number): number[] {
    const found: number[] = [];
    let index = this.#chunkFor(to);
    let chunk = this.#chunks[index];
    let place = chunk === undefined ? 0 : placeIn(chunk, to);
    while (found.length < limit) {
      if (place === 0) {
        index--;
        chunk = this.#chunks[index];
        if (chunk === undefined) break;
        place = chunk.length;
        continue;
      }
      place--;
      found.push(chunk?.slots[place] ?? 0);
    }
    return found.reverse();
  }

  /** The index of the chunk in which a slot is or would be: the first chunk whose last slot is not below it. */
  #chunkFor(slot: number): number {
    // Not firstAtLeast(): these are chunks and not numbers, and a callback for each comparison would cost an
    // allocation.
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const chunk = this.#chunks[middle];
      if (chunk !== undefined && lastOf(chunk) < slot) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #insert(slot: number): void {
    const index = this.#chunkFor(slot);
    let chunk = this.#chunks[index];
    if (chunk === undefined) return;
    if (chunk.length === CHUNK_LENGTH) {
      const half = CHUNK_LENGTH / 2;
      const upper = { slots: new Uint32Array(CHUNK_LENGTH), length: half };
      upper.slots.set(chunk.slots.subarray(half));
      chunk.length = half;
      this.#chunks.splice(index + 1, 0, upper);
      if (lastOf(chunk) < slot) chunk = upper;
    }
    makeRoom(chunk);
    const place = placeIn(chunk, slot);
    if (chunk.slots[place] === slot && place < chunk.length) return;
    chunk.slots.copyWithin(place + 1, place, chunk.length);
    chunk.slots[place] = slot;
    chunk.length++;
    this.length++;
  }
}

function lastOf(chunk: Chunk): number {
  return chunk.slots[chunk.length - 1] ?? 0;
}

/** The place of a slot in a chunk, or where it would be. */
function placeIn(chunk: Chunk, slot: number): number {
  return firstAtLeast(chunk.slots, slot, 0, chunk.length);
}

/** A short queue has a short array. It doubles until it is a full chunk. */
function makeRoom(chunk: Chunk): void {
  if (chunk.length < chunk.slots.length) return;
  const longer = new Uint32Array(chunk.slots.length * 2);
  longer.set(chunk.slots);
  chunk.slots = longer;
}
