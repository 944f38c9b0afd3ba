/**
 * Lets the page send requests as a user only to the class in which this user joined. Ids begin at 1 in every data
 * folder, so in another one the same id is somebody else. Whenever the server may have been started again, the gate asks
 * which folder it has before the next request goes. It never judges a token: only the server can.
 */

interface GateParts {
  /** Which folder the server has. Undefined if it does not say. Rejects if it does not answer. */
  ask: () => Promise<string | undefined>;
  /** The folder in which the user joined. Undefined if nobody knows. */
  wanted: () => string | undefined;
  /** The server has another folder. */
  onElsewhere: () => void;
}

/** The request was not sent. */
export class Elsewhere extends Error {}

export class FolderGate {
  /** What the server has said last. */
  folder: string | undefined;
  readonly #parts: GateParts;
  #isSure = false;
  #asking: Promise<string | undefined> | undefined;

  constructor(parts: GateParts) {
    this.#parts = parts;
  }

  /** The server may have been started again since it was asked. */
  doubt(): void {
    this.#isSure = false;
  }

  /** @throws {Elsewhere} when the request must not be sent, or what `ask` throws. */
  async pass(): Promise<void> {
    if (this.#isSure) return;
    const folder = await this.ask();
    const wanted = this.#parts.wanted();
    if (folder !== undefined && wanted !== undefined && folder !== wanted) {
      this.#parts.onElsewhere();
      throw new Elsewhere("The server has another data folder.");
    }
    this.#isSure = true;
  }

  /** Several requests that wait at the gate share one question. */
  async ask(): Promise<string | undefined> {
    this.#asking ??= this.#parts.ask();
    try {
      this.folder = await this.#asking;
      return this.folder;
    } finally {
      this.#asking = undefined;
    }
  }
}
