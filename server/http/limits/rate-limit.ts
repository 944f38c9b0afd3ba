/**
 * Slows down clients that guess secrets or tokens. answer.ts calls it. Only wrong ones count, so a class that shares
 * one school address never comes near the limit, even with many typing mistakes.
 *
 * A secret of a few words can be guessed in the end. So whoever tries a secret may have to wait for a turn:
 * secret-turns.ts has the rules. A token of 32 characters cannot be guessed. There the right token always works, and
 * only wrong ones get 429.
 */
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { Refusal } from "../../steps/refusal.ts";
import { networkOf } from "./client-network.ts";
import { SecretTurns } from "./secret-turns.ts";

/** How many wrong tokens an address may send in each window. */
export const FAILED_ATTEMPTS = 300;
const WINDOW_SECONDS = 60;

export class RateLimit {
  readonly #secretTurns = new SecretTurns();
  readonly #tokens = new RateLimiterMemory({ points: FAILED_ATTEMPTS, duration: WINDOW_SECONDS });

  /**
   * Runs `attempt`, which compares a class secret, when it is its turn. @param ended as for SecretTurns.take().
   * @throws {Refusal} 429 if too many are waiting, and whatever `attempt` throws.
   */
  async trySecret<Result>(
    address: string,
    ended: () => AbortSignal,
    attempt: () => Result | Promise<Result>,
  ): Promise<Result> {
    const giveBack = await this.#secretTurns.take(networkOf(address), ended);
    try {
      const result = await attempt();
      giveBack();
      return result;
    } catch (error) {
      if (!(error instanceof Refusal && error.status === 403 && error.field === "secret")) giveBack();
      throw error;
    }
  }

  /** Counts a wrong token. @throws {Refusal} 429 if it is one too many. */
  async countWrongToken(address: string): Promise<void> {
    try {
      await this.#tokens.consume(networkOf(address));
    } catch (error) {
      if (error instanceof RateLimiterRes) throw tooManyTokens(error);
      throw error;
    }
  }

  /** Lets nobody wait any longer, because the server stops. */
  close(): void {
    this.#secretTurns.close();
  }
}

function tooManyTokens({ msBeforeNext }: RateLimiterRes): Refusal {
  const seconds = Math.max(1, Math.ceil(msBeforeNext / 1000));
  const detail = `Your address sent too many wrong tokens. Wait ${seconds} seconds, and check what your program sends.`;
  return new Refusal(429, detail, undefined, { retryAfterSeconds: seconds });
}
