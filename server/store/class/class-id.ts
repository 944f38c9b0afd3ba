/**
 * The id of a class, which tells it from every other one: class/id.dat, or a column of the table `class`. A start makes
 * it for a class that has none, in both stores, and so does a move into a database.
 */
import { randomBytes } from "node:crypto";

const BYTES = 12;

export function makeClassId(): string {
  return randomBytes(BYTES).toString("base64url");
}
