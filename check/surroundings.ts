/** What a case runs against: the server, how to reach it, and what to expect of it. run-case.ts and sender.ts use it. */
import type { DataFiles, Exchange, Restart, ServerProcess } from "./exchange/exchange.ts";
import type { Profile } from "./match/expectation.ts";

export interface Surroundings {
  /** The server's address, without a slash at the end. */
  url: string;
  secret: string;
  profile: Profile;
  /** How long to wait for a reply. */
  patienceMilliseconds: number;
  /** Sends the requests. */
  exchange: Exchange;
  /** Undefined if nobody can restart the server. */
  restart?: Restart | undefined;
  /** The server's files. Undefined if nobody knows where they are. */
  files?: DataFiles | undefined;
  /** Runs other cases until `isOver` (turns.ts). Undefined if the case runs alone. */
  meanwhile?: ((isOver: () => boolean) => Promise<void>) | undefined;
  /** What the server's process is doing, or whether it is just ending. Undefined if the check did not start it. */
  processNow?: ((mayBeEnding: boolean) => Promise<ServerProcess>) | undefined;
  /** Sends `Explain: 1`, so that the server says which steps it reached. */
  explain?: true;
}
