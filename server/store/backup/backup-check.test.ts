import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeRecord } from "../journal/record.ts";
import { BackupCheck } from "./backup-check.ts";

const MEBIBYTE = 1024 * 1024;
const LINE = Buffer.from(encodeRecord({ op: "user", seq: 1, userId: 1 }));

function start(name: string, size: number) {
  return { name, path: `/restored/${name}`, size };
}

test("many small files are refused when the disk has no room for their blocks", async () => {
  const check = new BackupCheck(MEBIBYTE);
  for (let i = 1; i <= 256; i++) {
    await check.take(start(`users/${i}.dat`, 1));
    await check.take(Buffer.from("x"));
  }
  await assert.rejects(check.take(start("users/257.dat", 1)), {
    message: "The backup is too large for this disk, which has room for 1 MiB. Make room first",
  });
});

test("lines and files are checked whatever the pieces they come in", async () => {
  const check = new BackupCheck(MEBIBYTE);
  await check.take(start("users/1.dat", 2));
  for (const piece of ["a", "b"]) await check.take(Buffer.from(piece));
  await check.take(start("messages/000001.jsonl", 3 * LINE.length));
  for (let i = 0; i < 3 * LINE.length; i += 7) {
    await check.take(Buffer.concat([LINE, LINE, LINE]).subarray(i, i + 7));
  }
  await check.take(start("messages/000002.jsonl", LINE.length));
  await check.take(LINE);
  check.end();
  assert.deepEqual({ users: check.users, lines: check.lines }, { users: 1, lines: 4 });
});

for (const [what, name, pieces, sentence] of [
  ["a wrong second line", "messages/000001.jsonl", [LINE, "wrong\n"], `is damaged at byte ${LINE.length}`],
  ["half a line at its end", "messages/000001.jsonl", [LINE, LINE.subarray(1, 9)], `is damaged at byte ${LINE.length}`],
  ["an empty token", "users/1.dat", [" "], "is damaged"],
  ["an empty secret", "users/secret.dat", ["\n"], "is damaged"],
  ["a profile that is not JSON", "users/1.json", ["{"], "is damaged"],
  ["an owner that is not a number", `users/${"a".repeat(64)}.dat`, ["x"], "is damaged"],
] as const) {
  test(`a file with ${what} is refused`, async () => {
    const check = new BackupCheck(MEBIBYTE);
    await assert.rejects(
      async () => {
        await check.take(start("messages/000009.jsonl", 0));
        await check.take(start(name, pieces.join("").length));
        for (const piece of pieces) await check.take(Buffer.from(piece));
        check.end();
      },
      { message: `${name} in the backup ${sentence}. Nothing was changed` },
    );
  });
}
