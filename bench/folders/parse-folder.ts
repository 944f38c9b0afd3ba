/**
 * The bench compares the server's start with this script. It does the least that any program must do if it keeps
 * messages as lines of JSON in files: it reads the files of a journal, calls JSON.parse on each line, and keeps
 * nothing.
 *
 *     node bench/folders/parse-folder.ts FOLDER
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2] ?? "";
let lines = 0;
for (const name of readdirSync(folder)) {
  if (!name.endsWith(".jsonl")) continue;
  for (const line of readFileSync(join(folder, name), "utf8").split("\n")) {
    if (line === "") continue;
    JSON.parse(line);
    lines++;
  }
}
console.log(`${lines} lines`);
