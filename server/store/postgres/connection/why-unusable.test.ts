/**
 * What a server says that cannot start on a database: the reason, what to do, and no password.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import postgres from "postgres";
import { noDatabase, openAt, theDatabase } from "../../../../testing/open-test-database.ts";

test("a server that cannot start says why, and what to do", { skip: noDatabase }, async (t) => {
  const address = await (await theDatabase()).create();
  const sql = postgres(address, { max: 1 });
  t.after(() => sql.end());
  const name = new URL(address).pathname.slice(1);
  const says = async (where: string, sentence: RegExp) => {
    await assert.rejects(openAt(t, where), (error: Error) => {
      assert.match(error.message, sentence);
      assert.equal(error.message.includes("s3cret"), false);
      return true;
    });
  };
  await says(
    "postgres://ada:s3cret@127.0.0.1:1,127.0.0.1:2/chat",
    /^the database cannot be used\. 127\.0\.0\.1:1: nothing answers at this address; 127\.0\.0\.1:2: nothing answers at this address\. Is PostgreSQL running there/,
  );
  await says(address.replace(name, "nobody"), /there is no database of this name\. Create it: createdb --owner/);
  await says(
    address.replace("plainchat@", "nobody:s3cret@"),
    /may not connect \(role "nobody" does not exist\)\. Add a line/,
  );
  await says(`${address}?sslmode=require`, /it has ended the connection\. If the address has sslmode/);
  await sql.unsafe("create role reader login");
  await says(address.replace("plainchat@", "reader@"), /may not do that there\. Use the owner of the database/);
  await sql.unsafe(`alter database ${name} set default_transaction_read_only = on`);
  await says(address, /it takes no changes .*alter database NAME reset default_transaction_read_only$/);
});

test("a database can be at an IPv6 address", { skip: noDatabase }, async (t) => {
  const { port } = await theDatabase();
  await assert.rejects(
    openAt(t, `postgres://plainchat@[::1]:${port}/chat`),
    /\[::1\]:\d+: (?:nothing answers|connect EADDRNOTAVAIL)/,
  );
});
