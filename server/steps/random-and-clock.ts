/**
 * The two things that an operation cannot compute: chance and time. They are handed in, so that a test can hand in
 * others and know what comes out.
 */
import { randomBytes } from "node:crypto";

export interface Random {
  /** A new token: 32 characters from a cryptographic source (ruling R11). */
  authToken(): string;
}

export interface Clock {
  /** The time, in milliseconds since 1970. */
  now(): number;
}

/** 24 bytes are 32 characters in base64url, all of which can stand in a URL, a header and a shell command. */
export const cryptographicRandom: Random = { authToken: () => randomBytes(24).toString("base64url") };

export const systemClock: Clock = { now: () => Date.now() };
