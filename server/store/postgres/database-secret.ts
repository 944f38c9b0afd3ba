/**
 * The class secret, in the table `secret`. The first server that starts makes it. Changing the row changes the secret
 * from the next registration on.
 */
import type { Confidential, Secret } from "../contract.ts";
import { ConfidentialText } from "../users/confidential-text.ts";
import { makeSecret } from "../users/make-secret.ts";
import type { Connection, Database } from "./connection/database.ts";

export class DatabaseSecret implements Secret {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async open(): Promise<Confidential | undefined> {
    const secret = await this.read();
    return "unreadable" in secret ? undefined : new ConfidentialText(secret.text);
  }

  async read(): Promise<{ text: string } | { unreadable: string }> {
    const [row] = await this.#database.ask<{ text: string }[]>((sql) => sql`select text from secret`);
    return row === undefined
      ? { unreadable: "the table secret is empty" }
      : { text: new ConfidentialText(row.text).text };
  }

  /** @returns whether there was none before. */
  async create(): Promise<boolean> {
    const made = await this.#database.change((sql) => createSecret(sql));
    return made.length > 0;
  }
}

/** Makes a secret if there is none. */
export function createSecret(sql: Connection) {
  return sql`insert into secret (text) values (${makeSecret()}) on conflict do nothing returning text`;
}
