/**
 * All proofs, in the order in which they run.
 */
import { access } from "./access/access.ts";
import { check } from "./check/check.ts";
import { classEnd } from "./class-end/class-end.ts";
import { corruption } from "./corruption/corruption.ts";
import { course } from "./course.ts";
import { database } from "./database/database.ts";
import { hostileOnDatabase } from "./database/hostile-on-database.ts";
import { killedOnDatabase } from "./database/killed-on-database.ts";
import { orderOnDatabase } from "./database/order-on-database.ts";
import { rollingRestart } from "./database/rolling-restart.ts";
import { diskFull } from "./disk-full.ts";
import { failover } from "./failover/failover.ts";
import { patroni } from "./failover/patroni.ts";
import { handEdits } from "./hand-edits/hand-edits.ts";
import { hostileInput } from "./hostile/hostile-input.ts";
import { slowClients } from "./hostile/slow-clients.ts";
import { killed } from "./killed.ts";
import { mutants } from "./mutants/mutants.ts";
import { order } from "./order/order.ts";
import { powerCut } from "./power-cut.ts";
import type { Proof } from "./proof.ts";
import { shortWrites } from "./short-writes.ts";
import { systemCalls } from "./system-calls/system-calls.ts";
import { writeOrder } from "./write-order.ts";

export const PROOFS: Proof[] = [
  powerCut,
  killed,
  writeOrder,
  systemCalls,
  classEnd,
  shortWrites,
  diskFull,
  corruption,
  handEdits,
  order,
  failover,
  patroni,
  hostileInput,
  slowClients,
  access,
  check,
  course,
  database,
  orderOnDatabase,
  killedOnDatabase,
  rollingRestart,
  hostileOnDatabase,
  mutants,
];
