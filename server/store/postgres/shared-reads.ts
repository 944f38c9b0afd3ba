/**
 * Many requests ask for one row each, at the same time. While a question is on its way, the others wait, and then go
 * together as one statement. So sixty-four clients cost a few statements and not sixty-four, and each still gets what is
 * in the database now: its question is sent after it was asked.
 */
export class SharedReads<Key, Value> {
  readonly #readAll: (keys: Key[]) => Promise<Map<Key, Value>>;
  #waiting: Map<Key, Promise<Value | undefined>> | undefined;
  #running = 0;
  readonly #atOnce: number;
  #begin: (() => void) | undefined;

  /**
   * @param readAll reads the values of these keys. A key without a value is missing in the map.
   * @param atOnce how many statements may be on their way.
   */
  constructor(readAll: (keys: Key[]) => Promise<Map<Key, Value>>, atOnce = 2) {
    this.#readAll = readAll;
    this.#atOnce = atOnce;
  }

  read(key: Key): Promise<Value | undefined> {
    if (this.#waiting === undefined) this.#gather();
    const waiting = this.#waiting as Map<Key, Promise<Value | undefined>>;
    let value = waiting.get(key);
    if (value === undefined) {
      value = this.#next.then((values) => values.get(key));
      waiting.set(key, value);
    }
    return value;
  }

  #next: Promise<Map<Key, Value>> = Promise.resolve(new Map());

  /** Begins a new group. It is sent as soon as there is room for another statement. */
  #gather(): void {
    const waiting = new Map<Key, Promise<Value | undefined>>();
    this.#waiting = waiting;
    const turn = new Promise<void>((resolve) => {
      this.#begin = resolve;
    });
    this.#next = turn.then(async () => {
      try {
        return await this.#readAll([...waiting.keys()]);
      } finally {
        this.#running--;
        this.#send();
      }
    });
    // Whoever asked gets the error. Nobody else must.
    this.#next.catch(() => {});
    // The others that are handled in this turn of the event loop come along.
    setImmediate(() => this.#send());
  }

  #send(): void {
    if (this.#begin === undefined || this.#running >= this.#atOnce) return;
    const begin = this.#begin;
    this.#begin = undefined;
    this.#waiting = undefined;
    this.#running++;
    begin();
  }
}
