/**
 * What is kept of a user beside the token, in `<userId>.json`: one line of JSON with a CRC, as in the journal. Tokens and
 * handles have files of their own, because the specification has it so.
 */
import { isIntact, withCrc } from "../journal/record.ts";

export interface Profile {
  userHandle: string;
  /** ISO 8601, in UTC. */
  registeredAt: string;
  /** A new token that is on its way into `<userId>.dat`. It counts from now on. */
  authToken?: string;
}

/** The text of a profile's file. */
export function encodeProfile({ userHandle, registeredAt, authToken }: Profile): string {
  return withCrc({ userHandle, registeredAt, ...(authToken !== undefined && { authToken }) });
}

/** The profile in a file's text, or undefined when the text is not exactly what was once written. */
export function decodeProfile(text: string): Profile | undefined {
  if (!isIntact(Buffer.from(text))) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isProfile(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a new token is still on its way. */
export function carriesToken(profile: Profile | "not found" | "damaged"): profile is Profile & { authToken: string } {
  return typeof profile === "object" && profile.authToken !== undefined;
}

/** A user of whom only the seed's files are there has registered at no known time. */
export function registeredAtIn(profile: Profile | "not found" | "damaged"): string {
  return typeof profile === "string" ? new Date(0).toISOString() : profile.registeredAt;
}

function isProfile(value: unknown): value is Profile {
  if (typeof value !== "object" || value === null) return false;
  if (!("userHandle" in value) || typeof value.userHandle !== "string") return false;
  if (!("registeredAt" in value) || typeof value.registeredAt !== "string") return false;
  return !("authToken" in value) || typeof value.authToken === "string";
}
