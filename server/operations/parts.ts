/**
 * What an operation works with, besides the call. http/app.ts puts the parts together once, at the start, and every
 * operation gets all of them. The first line of an operation names those that it uses.
 */
import type { Checks } from "../checks/contract.ts";
import type { Live } from "../live/live.ts";
import type { Clock, Random } from "../steps/random-and-clock.ts";
import type { Classroom, Messages, Secret, Users } from "../store/contract.ts";

export interface Parts {
  users: Users;
  messages: Messages;
  secret: Secret;
  /** Undefined if the server is not in class mode. */
  classroom: Classroom | undefined;
  /** Checks the servers of pupils. Undefined if the server is not in class mode. */
  checks: Checks | undefined;
  /** Who is waiting for messages, and who has a stream open. */
  live: Live;
  clock: Clock;
  random: Random;
}
