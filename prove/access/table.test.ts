/**
 * The proof is only as good as the table it reads. If something is missing from the table, it must say so and not
 * simply try less.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { startApp } from "../../testing/start-app.ts";
import { whatIsMissing } from "./inventory.ts";
import { CALLERS, readTable } from "./table.ts";

const document = readFileSync(new URL("../../docs/access.md", import.meta.url), "utf8");
const row = "| `GET /healthz` | | 200 | 200 | 200 | 200 | 200 | 200 | 200 | 200 | 200 | 200 |\n";

test("readTable() reads every row", () => {
  const rows = readTable(document);
  assert.equal(rows.length, (document.match(/^\| `[A-Z]+ \//gm) ?? []).length);
  assert.deepEqual([...(rows[0]?.statuses.keys() ?? [])], [...CALLERS]);
});

test("readTable() refuses a cell without a status, an extra cell, and a different heading", () => {
  assert.ok(document.includes(row));
  for (const [wrong, says] of [
    [document.replace(row, row.replace("200 |\n", "|\n")), /teacher's key: the status is missing/],
    [document.replace(row, row.replace("| | 200", "| | ?")), /nobody: the status is missing/],
    [document.replace(row, row.replace("| | 200 | 200", "| | 200")), /teacher's key: the status is missing/],
    [document.replace(row, row.replace("\n", " 200 |\n")), /has too many cells/],
    [document.replace(row, row.replace("GET ", "")), /does not begin with a method/],
    [document.replace("| has left | another", "| another"), /no table with this heading/],
  ] as const) {
    assert.throws(() => readTable(wrong), says);
  }
});

test("whatIsMissing() names each address and call without a row, and each row that cannot be tried", async (t) => {
  const app = await startApp(t);
  const rows = readTable(document);
  assert.deepEqual(await whatIsMissing(rows, app), []);
  const fewer = rows.filter(({ method, path }) => path !== "/healthz" && `${method} ${path}` !== "PATCH /api/v1/chat");
  const missing = await whatIsMissing(fewer, app);
  assert.ok(missing.includes("GET /healthz has no row in docs/access.md"));
  assert.ok(missing.includes("PATCH /api/v1/chat has no row in docs/access.md"));
  const [first] = rows;
  assert.ok(first !== undefined);
  const [unknown = ""] = await whatIsMissing([...rows, { ...first, sentWith: "a good reason" }], app);
  assert.match(
    unknown,
    /^prove\/access\/actions\.ts does not say how to try the row "POST \/api\/v1\/register, a good reason"$/,
  );
});
