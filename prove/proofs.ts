/**
 * All proofs, in the order in which they are run.
 */
import type { Proof } from "./proof.ts";

export const PROOFS: Proof[] = [];
