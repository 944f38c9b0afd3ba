/**
 * A user's profile, in `<userId>.json`: one line of JSON with a CRC, as in the journal. Tokens and handles have files
 * of their own, because the specification says so.
 */
import { isIntact, withCrc } from "../journal/record.ts";

export interface Profile {
  userHandle: string;
  /** ISO 8601, in UTC. */
  registeredAt: string;
  /** A new token that is not yet in `<userId>.dat`. It already counts. */
  authToken?: string;
}

/** The text of the file. */
export function encodeProfile({ userHandle, registeredAt, authToken }: Profile): string {
  return withCrc({ userHandle, registeredAt, ...(authToken !== undefined && { authToken }) });
}

/** The profile in a file's text, or undefined when the text is not exactly what was written. */
export function decodeProfile(text: string): Profile | undefined {
  if (!isIntact(Buffer.from(text))) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isProfile(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the profile still carries a new token. */
export function carriesToken(profile: Profile | "not found" | "damaged"): profile is Profile & { authToken: string } {
  return typeof profile === "object" && profile.authToken !== undefined;
}

/** A user who has only the seed's files registered at an unknown time: then it is 1970. */
export function registeredAtIn(profile: Profile | "not found" | "damaged"): string {
  return typeof profile === "string" ? new Date(0).toISOString() : profile.registeredAt;
}

function isProfile(value: unknown): value is Profile {
  if (typeof value !== "object" || value === null) return false;
  if (!("userHandle" in value) || typeof value.userHandle !== "string") return false;
  if (!("registeredAt" in value) || typeof value.registeredAt !== "string") return false;
  return !("authToken" in value) || typeof value.authToken === "string";
}
