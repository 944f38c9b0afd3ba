/**
 * The time as text, ISO 8601 in UTC. Making the text costs more than reading the clock, and many messages come in the
 * same millisecond, so the last text is kept.
 */
export class IsoTime {
  readonly #now: () => number;
  #milliseconds = Number.NaN;
  #text = "";

  /** @param now the time in milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  now(): string {
    const milliseconds = this.#now();
    if (milliseconds !== this.#milliseconds) {
      this.#milliseconds = milliseconds;
      this.#text = new Date(milliseconds).toISOString();
    }
    return this.#text;
  }
}
