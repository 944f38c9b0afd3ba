import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { SharedReads } from "./shared-reads.ts";

interface Statement {
  keys: number[];
  answer: (values: Map<number, string>) => void;
  fail: (error: Error) => void;
}

/** Reads that the test answers itself. */
function reads(atOnce: number): { shared: SharedReads<number, string>; statements: Statement[] } {
  const statements: Statement[] = [];
  const readAll = (keys: number[]) => {
    const { promise, resolve, reject } = Promise.withResolvers<Map<number, string>>();
    statements.push({ keys, answer: resolve, fail: reject });
    return promise;
  };
  return { shared: new SharedReads(readAll, atOnce), statements };
}

test("what is asked in one turn goes as one statement, and each asker gets its own value", async () => {
  const { shared, statements } = reads(1);
  const asked = [1, 2, 2, 3].map((key) => shared.read(key));
  await setImmediate();
  assert.deepEqual(
    statements.map(({ keys }) => keys),
    [[1, 2, 3]],
  );
  statements[0]?.answer(
    new Map([
      [1, "one"],
      [2, "two"],
    ]),
  );
  assert.deepEqual(await Promise.all(asked), ["one", "two", "two", undefined]);
});

test("who asks while a statement is on its way gets what the next one finds, even for the same key", async () => {
  const { shared, statements } = reads(1);
  const before = shared.read(1);
  await setImmediate();
  const after = [shared.read(1), shared.read(4)];
  await setImmediate();
  assert.equal(statements.length, 1, "one statement at a time");
  statements[0]?.answer(new Map([[1, "old"]]));
  assert.equal(await before, "old");
  await setImmediate();
  assert.deepEqual(statements[1]?.keys, [1, 4]);
  statements[1]?.answer(new Map([[1, "new"]]));
  assert.deepEqual(await Promise.all(after), ["new", undefined]);
});

test("a statement that fails fails for those who asked, and the next ones go on", async () => {
  const { shared, statements } = reads(1);
  const asked = [shared.read(1), shared.read(2)];
  await setImmediate();
  const next = shared.read(3);
  statements[0]?.fail(new Error("away"));
  for (const each of asked) await assert.rejects(each, /away/);
  await setImmediate();
  statements[1]?.answer(new Map([[3, "three"]]));
  assert.equal(await next, "three");
});
