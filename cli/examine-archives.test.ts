import assert from "node:assert/strict";
import { test } from "node:test";
import postgres from "postgres";
import { openDatabase } from "../server/store/postgres/open-database.ts";
import { atEnd } from "../testing/at-end.ts";
import { addUser, noDatabase, theDatabase } from "../testing/open-test-database.ts";
import { examineDatabase } from "./examine-database.ts";

test("the doctor says which classes were put away, and which of them cannot be opened", {
  skip: noDatabase,
}, async (t) => {
  const address = await (await theDatabase()).create();
  const sql = postgres(address, { max: 1, onnotice: () => {} });
  atEnd(t, () => sql.end());
  const ignore = () => {};
  const store = await openDatabase({
    mustBeDurable: false,
    address,
    now: () => Date.UTC(2030, 0, 2, 12),
    report: ignore,
    onEvent: ignore,
    onTokenEnd: ignore,
    isClass: true,
  });
  await addUser(store, "ada");
  await store.classroom?.archives.change({});
  await store.close();
  const said = async (at = address) => (await examineDatabase(at)).map(({ verdict, what }) => `${verdict}: ${what}`);
  const one = "good: 1 class was put away, the last one in the schema archive_2030-01-02T12-00-00Z";
  assert.ok((await said()).includes(one));
  assert.ok((await said()).includes("good: All rows fit: 0 in users, 0 in messages"));

  // Whoever is not the owner may still ask.
  await sql`create role reader login`;
  await sql`grant usage on schema public, ${sql("archive_2030-01-02T12-00-00Z")} to reader`;
  await sql`grant select on all tables in schema public, ${sql("archive_2030-01-02T12-00-00Z")} to reader`;
  await sql`grant select on user_ids to reader`;
  const asReader = await said(address.replace("//plainchat@", "//reader@"));
  assert.ok(asReader.includes("note: This user may not create schemas, so no class can be put away"), asReader.join());
  assert.ok(asReader.includes(one), asReader.join());

  await sql`insert into ${sql("archive_2030-01-02T12-00-00Z")}.migrations (number) values (9999)`;
  const newer = "note: The class in the schema archive_2030-01-02T12-00-00Z was put away by a newer plainchat";
  assert.ok((await said()).includes(newer));
});
