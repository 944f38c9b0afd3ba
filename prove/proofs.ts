/**
 * All proofs, in the order in which they are run.
 */
import { access } from "./access.ts";
import { corruption } from "./corruption.ts";
import { diskFull } from "./disk-full.ts";
import { hostileInput } from "./hostile-input.ts";
import { killed } from "./killed.ts";
import { mutants } from "./mutants.ts";
import { order } from "./order.ts";
import { powerCut } from "./power-cut.ts";
import type { Proof } from "./proof.ts";
import { shortWrites } from "./short-writes.ts";
import { slowClients } from "./slow-clients.ts";
import { systemCalls } from "./system-calls.ts";
import { writeOrder } from "./write-order.ts";

export const PROOFS: Proof[] = [
  powerCut,
  killed,
  writeOrder,
  systemCalls,
  shortWrites,
  diskFull,
  corruption,
  order,
  hostileInput,
  slowClients,
  access,
  mutants,
];
