/**
 * Shows how far long work is: on a terminal only, in one line that is gone afterwards, and only when it does take long.
 */
const SILENT_MILLISECONDS = 300;
const BETWEEN_MILLISECONDS = 100;
const MEBIBYTE = 1024 * 1024;

export class ProgressLine {
  readonly #what: string;
  readonly #began = performance.now();
  #shownAt = 0;

  constructor(what: string) {
    this.#what = what;
  }

  /** Bytes done, of so many. */
  show(done: number, of: number): void {
    const now = performance.now();
    if (!process.stderr.isTTY || now - this.#began < SILENT_MILLISECONDS) return;
    if (now - this.#shownAt < BETWEEN_MILLISECONDS) return;
    this.#shownAt = now;
    const percent = of === 0 ? 100 : Math.floor((100 * done) / of);
    process.stderr.write(`\r\x1b[K${this.#what}: ${percent} % of ${(of / MEBIBYTE).toFixed(1)} MiB`);
  }

  end(): void {
    if (this.#shownAt > 0) process.stderr.write("\r\x1b[K");
  }
}
