/**
 * A PostgreSQL for one proof, which waits for its disk as a real one does, and servers that share it. Where this machine
 * has no PostgreSQL, the promise is unproven.
 */
import type { Ending } from "../../testing/at-end.ts";
import { databasePrograms, startDatabase, type TestDatabase } from "../../testing/database.ts";
import { type RunningServer, startServer } from "../../testing/start-server.ts";
import { Unproven } from "../proof.ts";

/** Servers on a database have no data folder. */
const NO_FOLDER = "/nonexistent";

/** @throws {Unproven} */
export function startCluster(ending: Ending): Promise<TestDatabase> {
  if (databasePrograms() === undefined) throw new Unproven("PostgreSQL is missing (apt install postgresql)");
  return startDatabase(ending, { isDurable: true });
}

/** @param address of their database. */
export async function startServers(ending: Ending, address: string, count: number): Promise<RunningServer[]> {
  return Promise.all(Array.from({ length: count }, () => startServerOn(ending, address)));
}

export function startServerOn(ending: Ending, address: string): Promise<RunningServer> {
  return startServer(ending, NO_FOLDER, { PLAINCHAT_STORE: address });
}

/** The servers as one: each look at `origin` gives the next one. */
export class Alternating {
  readonly secret: string;
  readonly #origins: () => string[];
  #turn = 0;

  constructor(secret: string, origins: () => string[]) {
    this.secret = secret;
    this.#origins = origins;
  }

  get origin(): string {
    const origins = this.#origins();
    this.#turn++;
    return origins[this.#turn % origins.length] ?? "";
  }
}
