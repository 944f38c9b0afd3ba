/**
 * The two things that an operation cannot compute: chance and time. They are handed in, so that a test can hand in
 * others and know what comes out.
 */

export interface Random {
  /** A new token: 32 characters from a cryptographic source (ruling R11). */
  authToken(): string;
}

export interface Clock {
  /** The time, in milliseconds since 1970. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };
