/**
 * Slows down whoever guesses. Only failed secrets and tokens count, so a class that works behind one school address
 * never comes near the limit, and one that mistypes has a lot of room.
 *
 * A secret of four words can be guessed in the end, so an address that has failed too often is not let in at all for a
 * while. A token of 32 characters cannot: there the right one always passes, and only the wrong ones are turned away.
 */
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { Refusal } from "../steps/refusal.ts";

/** So many failed attempts an address may make, of each kind, … */
export const FAILED_ATTEMPTS = 300;
/** … in so many seconds. */
export const WINDOW_SECONDS = 60;

export class RateLimit {
  readonly #secrets = new RateLimiterMemory({ points: FAILED_ATTEMPTS, duration: WINDOW_SECONDS });
  readonly #tokens = new RateLimiterMemory({ points: FAILED_ATTEMPTS, duration: WINDOW_SECONDS });

  /** @throws {Refusal} 429 when this address has sent too many wrong secrets. */
  async checkSecrets(address: string): Promise<void> {
    const failed = await this.#secrets.get(keyFor(address));
    if (failed !== null && failed.consumedPoints >= FAILED_ATTEMPTS) throw tooMany("secrets", failed);
  }

  /** Counts a failed attempt. @throws {Refusal} 429 when it is one too many. */
  async count(kind: "secret" | "token", address: string): Promise<void> {
    try {
      await (kind === "secret" ? this.#secrets : this.#tokens).consume(keyFor(address));
    } catch (error) {
      if (error instanceof RateLimiterRes) throw tooMany(kind === "secret" ? "secrets" : "tokens", error);
      throw error;
    }
  }
}

function tooMany(what: string, { msBeforeNext }: RateLimiterRes): Refusal {
  const seconds = Math.max(1, Math.ceil(msBeforeNext / 1000));
  const detail = `Too many wrong ${what} came from your address. Wait ${seconds} seconds, and check what your program sends.`;
  return new Refusal(429, detail, undefined, { retryAfterSeconds: seconds });
}

/** One household or school has a whole IPv6 network: its first four groups stand for all addresses in it. */
function keyFor(address: string): string {
  if (!address.includes(":") || address.includes(".")) return address;
  return address.split(":").slice(0, 4).join(":");
}
