/**
 * Shows the progress of work that takes long, in one line that disappears at the end. It shows nothing without a
 * terminal or when the work is quick.
 */
const SILENT_MILLISECONDS = 300;
const BETWEEN_MILLISECONDS = 100;
const MEBIBYTE = 1024 * 1024;

export class ProgressLine {
  readonly #what: string;
  readonly #began = performance.now();
  #shownAt = 0;

  readonly #inWords: (of: number) => string;

  /** @param inWords formats the total. Without it, the total is in bytes. */
  constructor(what: string, inWords = (of: number) => `${(of / MEBIBYTE).toFixed(1)} MiB`) {
    this.#what = what;
    this.#inWords = inWords;
  }

  show(done: number, of: number): void {
    const now = performance.now();
    if (!process.stderr.isTTY || now - this.#began < SILENT_MILLISECONDS) return;
    if (now - this.#shownAt < BETWEEN_MILLISECONDS) return;
    this.#shownAt = now;
    const percent = of === 0 ? 100 : Math.floor((100 * done) / of);
    process.stderr.write(`\r\x1b[K${this.#what}: ${percent} % of ${this.#inWords(of)}`);
  }

  end(): void {
    if (this.#shownAt > 0) process.stderr.write("\r\x1b[K");
  }
}
