/**
 * All proofs, in the order in which they are run.
 */
import { powerCut } from "./power-cut.ts";
import type { Proof } from "./proof.ts";
import { systemCalls } from "./system-calls.ts";
import { writeOrder } from "./write-order.ts";

export const PROOFS: Proof[] = [powerCut, writeOrder, systemCalls];
