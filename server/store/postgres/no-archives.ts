/**
 * A database has room for one class. So there are no archives, and the operations refuse to end the class before they
 * ask for it. The label may be there: a class that was moved here from files can have one.
 */
import type { Archive, Archives } from "../contract.ts";
import type { Database } from "./database.ts";

export class NoArchives implements Archives {
  readonly #database: Database;
  readonly arePossible = false;
  readonly isChanging = false;

  constructor(database: Database) {
    this.#database = database;
  }

  async openLabel(): Promise<string | undefined> {
    const [row] = await this.#database.ask<{ label: string | null }[]>((sql) => sql`select label from class`);
    return row?.label ?? undefined;
  }

  list(): Archive[] {
    return [];
  }

  state(): "not found" {
    return "not found";
  }

  change(): Promise<never> {
    return Promise.reject(new Error("A class in a database cannot be put away"));
  }
}
