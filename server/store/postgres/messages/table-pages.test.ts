/**
 * Long pages are read in another way than short ones. Nobody may notice.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import postgres from "postgres";
import {
  addUser,
  noDatabase,
  openAt,
  send,
  type TestStore,
  theDatabase,
} from "../../../../testing/open-test-database.ts";
import type { PageQuery, User } from "../../contract.ts";

const skip = noDatabase;
/** With every character that JSON writes in another way, and some that it does not. */
const TEXT = `"quoted" and \\ and / and <b>, a\ttab,\na line, ü, €, 한, 😀, \u2028 and \u007f; `;

const query = ({ userId }: User, more: Partial<PageQuery> = {}): PageQuery => ({
  userId,
  box: "both",
  otherId: undefined,
  after: undefined,
  before: undefined,
  limit: 200,
  ...more,
});

async function textOf(store: TestStore, asked: PageQuery): Promise<string> {
  return String(await (await store.messages.page(asked)).json);
}

test("a long page is the same, byte by byte, as its messages one by one", { skip }, async (t) => {
  const address = await (await theDatabase()).create();
  const store = await openAt(t, address);
  const [ada, grace] = [await addUser(store, "ada"), await addUser(store, 'gräce "the" 1st')];
  for (let i = 0; i < 60; i++) {
    const [from, to] = i % 2 === 0 ? [ada, grace] : [grace, ada];
    await send(store, from, to, TEXT.repeat(1 + (i % 40)));
  }
  for (const messageId of [1, 30, 60]) await store.messages.edit(messageId, `${TEXT}edited`);
  const sql = postgres(address, { max: 1 });
  await sql`update messages set is_teacher = message_id % 3 = 0, is_to_all = message_id % 4 = 0`;
  await sql.end();
  const page = await store.messages.page(query(ada));
  assert.equal(page.count, 60);
  const long = String(await page.json);
  assert.ok(long.length > 70_000 && page.bytes >= Buffer.byteLength(long), `${page.bytes} of ${long.length}`);
  const each = [];
  for (let after = 0; after < 60; after++)
    each.push((await textOf(store, query(ada, { after, limit: 1 }))).slice(1, -1));
  assert.equal(long, `[${each.join(",")}]`);
  // The newest before one, which are read backwards.
  const before = await textOf(store, query(ada, { before: 61, limit: 50 }));
  assert.equal(before, `[${each.slice(10).join(",")}]`);
  assert.equal(await textOf(store, query(ada, { before: 6, limit: 5 })), `[${each.slice(0, 5).join(",")}]`);
});

test("what is gone when a long page is read is not in it, and it can be empty", { skip }, async (t) => {
  const store = await openAt(t, await (await theDatabase()).create());
  const ada = await addUser(store, "ada");
  for (let i = 0; i < 30; i++) await send(store, ada, ada, "x".repeat(4096));
  const page = await store.messages.page(query(ada));
  assert.equal(page.count, 30);
  for (let messageId = 1; messageId <= 29; messageId++) await store.messages.remove(messageId);
  assert.deepEqual(
    JSON.parse(String(await page.json)).map(({ messageId }: { messageId: number }) => messageId),
    [30],
  );
  await store.messages.remove(30);
  assert.equal(String(await page.json), "[]");
  assert.equal(await textOf(store, query(ada)), "[]");
});
