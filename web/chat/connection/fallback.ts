/**
 * For when the stream brings nothing: some proxies hold a stream back until it ends, and it never does. Then the page
 * sends fetches that wait for a message. They end as soon as there is one, so every proxy passes them on. They report
 * no edits and no removals, so from time to time the page also reads again what it shows.
 */
import { backoff, pause } from "../../../client/backoff.ts";

/** How long each fetch waits. Some proxies end a request after 30 seconds without a reply. */
const WAIT_SECONDS = 25;
/** How often the page reads again what it shows. */
const REFRESH_MILLISECONDS = 20_000;

export interface Fallback {
  /** Sends any short request. Rejects if no reply comes. */
  probe: (signal: AbortSignal) => Promise<void>;
  /** Waits this many seconds for new messages. Rejects if no reply comes. */
  fetchNew: (wait: number, signal: AbortSignal) => Promise<void>;
  /** Reads again what the page shows. */
  refresh: () => Promise<void>;
}

/** Resolves when the server answers, or `signal` is aborted. @throws what `isFinal` is true for. */
export async function untilAnswered(
  { probe }: Fallback,
  signal: AbortSignal,
  isFinal: (error: unknown) => boolean,
): Promise<void> {
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      return await probe(signal);
    } catch (error) {
      if (!signal.aborted && isFinal(error)) throw error;
    }
    await pause(backoff(failures), signal);
  }
}

/** Fetches until `signal` is aborted. @throws when no reply comes, or the server refuses. */
export async function fetchAndWait({ fetchNew, refresh }: Fallback, signal: AbortSignal): Promise<void> {
  let refreshedAt = Date.now();
  while (!signal.aborted) {
    try {
      await fetchNew(WAIT_SECONDS, signal);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    if (Date.now() - refreshedAt < REFRESH_MILLISECONDS || signal.aborted) continue;
    refreshedAt = Date.now();
    await refresh();
  }
}
