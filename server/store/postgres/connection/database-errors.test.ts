import assert from "node:assert/strict";
import { test } from "node:test";
import postgres from "postgres";
import { DatabaseAwayError, DiskFullError, UnknownOutcomeError } from "../../store-errors.ts";
import { saysLost, translated } from "./database-errors.ts";
import { TooLate } from "./deadline.ts";

function ofPostgres(code: string): Error {
  return Object.assign(new postgres.PostgresError("…"), { code });
}

function ofSystem(code: string): Error {
  return Object.assign(new Error("…"), { code });
}

const CASES: { error: Error; isLost: boolean; reading: unknown; changing: unknown }[] = [
  { error: ofSystem("ECONNREFUSED"), isLost: true, reading: DatabaseAwayError, changing: DatabaseAwayError },
  { error: ofSystem("CONNECTION_CLOSED"), isLost: true, reading: DatabaseAwayError, changing: UnknownOutcomeError },
  { error: ofSystem("ECONNRESET"), isLost: true, reading: DatabaseAwayError, changing: UnknownOutcomeError },
  { error: new TooLate("…"), isLost: true, reading: DatabaseAwayError, changing: UnknownOutcomeError },
  // It is a standby now.
  { error: ofPostgres("25006"), isLost: true, reading: DatabaseAwayError, changing: DatabaseAwayError },
  // A statement that waited for too long.
  { error: ofPostgres("57014"), isLost: false, reading: DatabaseAwayError, changing: DatabaseAwayError },
  // Its disk fails.
  { error: ofPostgres("58030"), isLost: false, reading: DatabaseAwayError, changing: DatabaseAwayError },
  { error: ofPostgres("53100"), isLost: false, reading: DiskFullError, changing: DiskFullError },
  // A bug of ours: it stays what it is.
  { error: ofPostgres("42601"), isLost: false, reading: postgres.PostgresError, changing: postgres.PostgresError },
];

for (const { error, isLost, reading, changing } of CASES) {
  const code = "code" in error ? error.code : error.name;
  test(`what ${code} of the database means for a request`, () => {
    assert.equal(saysLost(error), isLost);
    assert.equal(translated(error, false)?.constructor, reading);
    assert.equal(translated(error, true)?.constructor, changing);
  });
}
