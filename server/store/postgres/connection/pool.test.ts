import assert from "node:assert/strict";
import { test } from "node:test";
import { databasePrograms, startDatabase } from "../../../../testing/database.ts";
import { connectFromTerminal } from "./terminal-connection.ts";

const skip = databasePrograms() === undefined && "PostgreSQL is missing";

test("a time comes as the specification writes it, whatever time zone PostgreSQL has", { skip }, async (t) => {
  const database = await startDatabase(t);
  const sql = await connectFromTerminal(await database.create(), "test");
  const times = [
    "2030-01-02T12:00:00.000Z",
    "2030-01-02T12:00:00.500Z",
    "2030-12-31T23:59:59.999Z",
    "1970-01-02T03:04:05.060Z",
  ];
  for (const zone of ["UTC", "Asia/Kolkata", "America/St_Johns", "Europe/London"]) {
    await sql.unsafe(`set time zone '${zone}'`);
    for (const time of times) {
      const [row] = await sql<{ time: string }[]>`select ${time}::timestamptz as time`;
      assert.equal(row?.time, time, zone);
    }
  }
  const [row] = await sql<{ time: string }[]>`select '2030-01-02 12:00:00.123456+00'::timestamptz as time`;
  assert.equal(row?.time, "2030-01-02T12:00:00.123Z");
  await sql.end();
});
