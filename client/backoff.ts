/**
 * How long to wait before the next try: exponential backoff with full jitter. The limit doubles with each failure, and
 * the wait is a random part of it. Without that, a whole class would come back in the same moment after a restart.
 */
const FIRST_MILLISECONDS = 250;
const LONGEST_MILLISECONDS = 10_000;

/** @param failures how many tries have failed in a row. @returns milliseconds. */
export function backoff(failures: number): number {
  return Math.random() * Math.min(LONGEST_MILLISECONDS, FIRST_MILLISECONDS * 2 ** failures);
}

/** Waits. Returns early, without an error, when `signal` is aborted. */
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
