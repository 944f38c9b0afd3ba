import assert from "node:assert/strict";
import { test } from "node:test";
import { Durability } from "./durability.ts";
import { readTrace } from "./trace-file.ts";

const TRACE = `10 pwrite64(23</data/messages/000001.jsonl>, "{\\"op\\":\\"user\\"", 50, 73) = 50
11 rename("/data/users/.new-4-1.json", "/data/users/1.json" <unfinished ...>
10 openat(AT_FDCWD</work>, "/data/users/1.dat", O_RDONLY|O_CLOEXEC) = -1 ENOENT (No such file or directory)
11 <... rename resumed>) = 0
10 fdatasync(23</data/messages/000001.jsonl>) = -1 EIO (Input/output error) (INJECTED)
12 +++ exited with 0 +++
10 write(27<socket:[419538]>, "HTTP/1.1 200 OK\\r\\n"..., 412 <detached ...>
`;

test("readTrace() reads calls that were interrupted, calls that failed, and calls whose end strace did not see", () => {
  const calls = readTrace(TRACE);
  assert.deepEqual(
    calls.map(({ thread, name, paths, result, injected }) => [thread, name, paths, result, injected]),
    [
      ["10", "pwrite64", ["/data/messages/000001.jsonl"], 50, false],
      ["10", "openat", ["/work", "/data/users/1.dat"], -1, false],
      ["11", "rename", ["/data/users/.new-4-1.json", "/data/users/1.json"], 0, false],
      ["10", "fdatasync", ["/data/messages/000001.jsonl"], -1, true],
      ["10", "write", [], Number.NaN, false],
    ],
  );
});

test("Durability knows what is not on the disk when a reply goes out", () => {
  const follow = (text: string) => {
    const durability = new Durability("/data");
    return readTrace(text).map((call) => durability.follow(call));
  };
  const answer = '1 write(9<socket:[1]>, "HTTP/1.1 200 OK"..., 412) = 412';
  const write = '1 pwrite64(3</data/messages/1>, "x", 1, 0) = 1';
  const sync = "1 fdatasync(3</data/messages/1>) = 0";
  const folder = "1 fsync(4</data/users>) = 0";
  const link = '1 link("/data/users/.new-1", "/data/users/1.dat") = 0';
  const right = [
    [write, sync, answer],
    [link, folder, answer],
    ['1 unlink("/data/users/.new-1") = 0', answer],
    ['1 unlink("/data/users/1.dat") = -1 EIO (x)', answer],
  ];
  const wrong = [
    [write, answer],
    [sync, write, answer],
    [link, answer],
    [link, sync, answer],
    ['1 unlink("/data/users/1.dat") = 0', answer],
    [write, "1 fdatasync(3</data/messages/1>) = -1 EIO (x)", answer],
    ['1 write(5</data/users/.new-1>, "x", 1) = 1', link, folder, answer],
  ];
  for (const calls of right)
    assert.ok(
      follow(calls.join("\n")).every((each) => each === undefined),
      String(calls),
    );
  for (const calls of wrong)
    assert.ok(
      follow(calls.join("\n")).some((each) => each !== undefined),
      String(calls),
    );
});
