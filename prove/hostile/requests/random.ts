/**
 * Random numbers that can be repeated: the same seed makes the same choices, so a failure can be seen again. (It is
 * mulberry32, which is short and good enough here. Nothing secret is made with it.)
 */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to `end` - 1. */
  below(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
  }

  /** True on average once in `times` calls. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0];
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }
}

/** The seed of PLAINCHAT_SEED, or a new one. */
export function seedOfRun(): number {
  const given = process.env.PLAINCHAT_SEED;
  return given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
}
