/**
 * What happens to a request whose witness cannot read a row: it must go on, unless PostgreSQL has given up the
 * transaction in which it runs.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { atEnd } from "../../../../testing/at-end.ts";
import { noDatabase, theDatabase } from "../../../../testing/open-test-database.ts";
import type { FileTouch, Witness } from "../../contract.ts";
import { Database } from "../connection/database.ts";
import { migrate } from "../migrate.ts";
import { ObservedRows, type WatchedRow } from "./observed-rows.ts";
import { handleRow } from "./watched-rows.ts";

const skip = noDatabase;
const UNREADABLE: WatchedRow = { path: "users row 1", select: (sql) => sql`select 1 / 0` };

async function open(t: Parameters<typeof atEnd>[0]) {
  const database = new Database(await (await theDatabase()).create(), { mustBeDurable: false });
  await database.begin();
  atEnd(t, () => database.close());
  await migrate(database.connection);
  const touches: FileTouch[] = [];
  let paused = 0;
  const witness: Witness = {
    touched: (touch) => touches.push(touch),
    compared: () => {},
    conceal: () => {},
    made: () => {},
    pause: () => paused++,
    resume: () => paused--,
  };
  const addHandle = () => database.change((sql) => sql`insert into handles (handle_hash, user_id) values ('a', 1)`);
  const count = async () => (await database.ask((sql) => sql`select from handles`)).length;
  return { database, rows: new ObservedRows(database, witness), touches, isPaused: () => paused, addHandle, count };
}

test("a row that cannot be read is not shown, and the request goes on", { skip }, async (t) => {
  const { rows, touches, isPaused, addHandle, count } = await open(t);
  await rows.showRead(UNREADABLE);
  await rows.showChanges([UNREADABLE, handleRow("a")], addHandle);
  assert.deepEqual(
    touches.map(({ path, did }) => `${did} ${path}`),
    ["created handles row a"],
  );
  assert.equal(await count(), 1);
  assert.equal(isPaused(), 0);
});

test("in a transaction that PostgreSQL has given up, the request fails and nothing counts", { skip }, async (t) => {
  const { database, rows, isPaused, addHandle, count } = await open(t);
  let goesOn = false;
  const work = async () => {
    await addHandle();
    await rows.showRead(UNREADABLE);
    goesOn = true;
  };
  await assert.rejects(database.transaction(1, work));
  assert.equal(goesOn, false);
  assert.equal(await count(), 0);
  assert.equal(isPaused(), 0);
});

test("in a transaction, a row is shown as the transaction has changed it", { skip }, async (t) => {
  const { database, rows, touches, addHandle } = await open(t);
  await database.transaction(1, () => rows.showChanges([handleRow("a")], addHandle));
  assert.deepEqual(touches, [
    {
      path: "handles row a",
      did: "created",
      before: null,
      after: { bytes: 31, from: 0, text: '{"handle_hash":"a","user_id":1}' },
    },
  ]);
});
