/**
 * How long to wait before another try: twice as long each time, and by chance less, so that a class whose server was
 * away does not come back in one moment. (Exponential backoff with full jitter.)
 */
const FIRST_MILLISECONDS = 250;
const LONGEST_MILLISECONDS = 10_000;

/** @param failures how many tries have failed in a row. @returns milliseconds. */
export function backoff(failures: number): number {
  return Math.random() * Math.min(LONGEST_MILLISECONDS, FIRST_MILLISECONDS * 2 ** failures);
}

/** Waits. Ends at once, without an error, when `signal` is aborted. */
export function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, milliseconds);
    signal?.addEventListener("abort", finish);
    if (signal?.aborted) finish();
  });
}
