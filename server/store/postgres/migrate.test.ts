import assert from "node:assert/strict";
import { test } from "node:test";
import postgres from "postgres";
import { noDatabase, openAt, theDatabase } from "../../../testing/open-test-database.ts";

const skip = noDatabase;

test("servers that start at the same moment on an empty database make its tables once", { skip }, async (t) => {
  const address = await (await theDatabase()).create();
  const stores = await Promise.all(Array.from({ length: 4 }, () => openAt(t, address)));
  const secrets = await Promise.all(stores.map(async ({ secret }) => (await secret.open())?.text));
  assert.equal(new Set(secrets).size, 1, "all have the same class secret");
  assert.equal(stores.filter(({ secretIsNew }) => secretIsNew).length, 1);
});

test("a database that a newer server has changed is refused, and stays as it is", { skip }, async (t) => {
  const address = await (await theDatabase()).create();
  const first = await openAt(t, address);
  const sql = postgres(address, { max: 1 });
  t.after(() => sql.end());
  await sql`insert into migrations (number) values (9999)`;
  await assert.rejects(openAt(t, address), /changed by a newer plainchat \(migration 9999/);
  assert.deepEqual(await first.users.list(0, 10), []);
});

test("a database with tables of another program is refused, and stays as it is", { skip }, async (t) => {
  for (const table of ["users (id integer, name text)", "migrations (id integer, name text)"]) {
    const address = await (await theDatabase()).create();
    const sql = postgres(address, { max: 1 });
    t.after(() => sql.end());
    await sql.unsafe(`create table ${table}`);
    const name = table.split(" ")[0];
    const refusal = new RegExp(
      `tables of another program \\(${name}\\)\\. Create a database for plainchat alone: createdb`,
    );
    await assert.rejects(openAt(t, address), refusal);
    const tables = await sql`select tablename from pg_tables where schemaname = 'public'`;
    assert.deepEqual(
      tables.map(({ tablename }) => tablename),
      [name],
    );
  }
});
