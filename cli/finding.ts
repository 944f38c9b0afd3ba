/**
 * What `plainchat doctor` has found, for people and for programs.
 */
export interface Finding {
  /** "note" means good enough to try things out, or worth knowing. */
  verdict: "good" | "note" | "bad";
  what: string;
  advice?: string;
}
