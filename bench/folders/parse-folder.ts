/**
 * What a start is compared with: the least that anybody must do who keeps messages as lines of JSON in files. It reads
 * the files of a journal, takes each line apart with JSON.parse, and keeps nothing.
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
