/**
 * Half a line is left only where a power cut could leave it: at the end of the one text file that grows by lines.
 */
import assert from "node:assert/strict";
import { appendFile, mkdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../../testing/temporary-folder.ts";
import { DataFilesIn, foldersOf } from "./data-files.ts";

const LINE = '{"message":"the last one"}\n';

test("half a line comes to the end of the file that has grown by one line, and can be taken away again", async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, "data"));
  const file = join(folder, "data", "journal.jsonl");
  await writeFile(file, '{"message":"one"}\n');
  await writeFile(join(folder, "log"), "started\n");
  const files = new DataFilesIn([folder]);
  await files.remember();
  await appendFile(file, LINE);
  await appendFile(join(folder, "log"), "POST /api/v1/chat\n");
  const torn = await files.tear("the last one");
  assert.equal(torn?.name, join("data", "journal.jsonl"));
  assert.equal(await readFile(file, "utf8"), `{"message":"one"}\n${LINE}{"message":"the la`);
  await torn.undo();
  assert.equal(await readFile(file, "utf8"), `{"message":"one"}\n${LINE}`);
});

test("what the server has changed since is left alone", async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, "journal.jsonl");
  await writeFile(file, "");
  const files = new DataFilesIn([folder]);
  await files.remember();
  await appendFile(file, LINE);
  const torn = await files.tear("the last one");
  await writeFile(file, LINE);
  await torn?.undo();
  assert.equal(await readFile(file, "utf8"), LINE);
});

test("no file is touched that does not grow by one line of text", async (t) => {
  const cases: Record<string, (path: string) => Promise<void>> = {
    "nothing came": async () => {},
    "another text": (path) => appendFile(path, "something else\n"),
    "no line break at its end": (path) => appendFile(path, LINE.trimEnd()),
    "two lines": (path) => appendFile(path, `${LINE}${LINE}`),
    "written again, and longer": (path) => writeFile(path, `{"all":["one","the last one"]}\n`),
    "not text": (path) => appendFile(path, Buffer.from(`\0\x01\xff${LINE}`, "latin1")),
    "a new file for each message": (path) => writeFile(`${path}-2`, LINE),
    "two files with the same line": async (path) => {
      await appendFile(path, LINE);
      await appendFile(`${path}-copy`, LINE);
    },
    "a file from long ago": async (path) => {
      await utimes(path, 0, 0);
      await appendFile(path, LINE);
    },
  };
  for (const [name, change] of Object.entries(cases)) {
    const folder = await temporaryFolder(t);
    const path = join(folder, "file");
    await writeFile(path, '{"all":["one"]}\n');
    await writeFile(`${path}-copy`, "");
    if (name === "a file from long ago") await utimes(path, 0, 0);
    const files = new DataFilesIn([folder]);
    await files.remember();
    await change(path);
    const before = await readFile(path);
    assert.equal(await files.tear("the last one"), undefined, name);
    assert.deepEqual(await readFile(path), before, name);
  }
});

test("a command names its folders itself, or with a file in them", async (t) => {
  const folder = await temporaryFolder(t);
  for (const name of ["mine", "server", "my data"]) await mkdir(join(folder, name));
  await mkdir(join(folder, "mine", "data"));
  await writeFile(join(folder, "server", "main.py"), "");
  const mine = join(folder, "mine");
  const named = (command: string) => foldersOf(command, mine);
  assert.deepEqual(named("python3 main.py 8000"), [mine]);
  assert.deepEqual(named("python3 main.py 8000 data"), [mine], "a folder in another one is looked at once");
  assert.deepEqual(named("python3 ../server/main.py 8000"), [mine, join(folder, "server")]);
  assert.deepEqual(named(`./server --root="${join(folder, "my data")}"`), [mine, join(folder, "my data")]);
});
