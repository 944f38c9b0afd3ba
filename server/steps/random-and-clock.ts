/**
 * The two things that an operation cannot compute: random values and the time. It gets both as parts, so that a test
 * can pass in its own and predict the result.
 */

export interface Random {
  /** A new token: 32 characters from a cryptographic source (ruling R11). */
  authToken(): string;
  /** A code that a pupil can type: six letters and digits from a cryptographic source. */
  rejoinCode(): string;
}

export interface Clock {
  /** The time, in milliseconds since 1970. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };
