/** What the server and the process that runs a check say to each other. */
import type { CheckOrder, CheckResult, WhyStopped } from "../contract.ts";

/** From the server, once. */
export type Order = Omit<CheckOrder, "userId">;

/** From the process. */
export type News =
  | { type: "progress"; done: number; total: number }
  | { type: "restart"; isWaiting: boolean }
  /** Without a result, the check has been stopped. */
  | { type: "end"; result: CheckResult }
  | { type: "end"; stopped: WhyStopped };
