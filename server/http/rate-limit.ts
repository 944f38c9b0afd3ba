/**
 * Slows down clients that guess secrets or tokens. answer.ts calls it. Only wrong ones count, so a class that shares
 * one school address never comes near the limit, even with many typing mistakes.
 *
 * A secret of a few words can be guessed in the end. So an address with too many wrong secrets has to wait, even with
 * the right one. A token of 32 characters cannot be guessed. There the right token always works, and only wrong ones
 * get 429.
 */
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { Refusal } from "../steps/refusal.ts";
import { networkOf } from "./client-network.ts";

/** How many wrong secrets, and how many wrong tokens, an address may send in each window. */
export const FAILED_ATTEMPTS = 300;
const WINDOW_SECONDS = 60;

export class RateLimit {
  readonly #secrets = new RateLimiterMemory({ points: FAILED_ATTEMPTS, duration: WINDOW_SECONDS });
  readonly #tokens = new RateLimiterMemory({ points: FAILED_ATTEMPTS, duration: WINDOW_SECONDS });

  /** @throws {Refusal} 429 if this address has sent too many wrong secrets. */
  async checkSecrets(address: string): Promise<void> {
    const failed = await this.#secrets.get(networkOf(address));
    if (failed !== null && failed.consumedPoints >= FAILED_ATTEMPTS) throw tooMany("secrets", failed);
  }

  /** Counts a failed attempt. @throws {Refusal} 429 if it is one too many. */
  async count(kind: "secret" | "token", address: string): Promise<void> {
    try {
      await (kind === "secret" ? this.#secrets : this.#tokens).consume(networkOf(address));
    } catch (error) {
      if (error instanceof RateLimiterRes) throw tooMany(kind === "secret" ? "secrets" : "tokens", error);
      throw error;
    }
  }
}

function tooMany(what: string, { msBeforeNext }: RateLimiterRes): Refusal {
  const seconds = Math.max(1, Math.ceil(msBeforeNext / 1000));
  const detail = `Your address sent too many wrong ${what}. Wait ${seconds} seconds, and check what your program sends.`;
  return new Refusal(429, detail, undefined, { retryAfterSeconds: seconds });
}
