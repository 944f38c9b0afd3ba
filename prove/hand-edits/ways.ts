/**
 * What people and their programs do to a file of the journal: replace it, write over it, cut it, move it, remove it. None
 * of these takes out a message on purpose; `takeOut` does.
 */
import { execFile } from "node:child_process";
import { appendFile, open, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const NEWLINE = 0x0a;

/** How long an editor has a file open before it saves. */
const EDITING_MILLISECONDS = 60;

export interface Way {
  name: string;
  change: (file: string) => Promise<unknown>;
  /** If no message comes in between, the file is the same afterwards, and there is nothing to say. */
  mayChangeNothing?: true;
}

async function changeByte(file: string): Promise<void> {
  const handle = await open(file, "r+");
  try {
    const { size } = await handle.stat();
    await handle.write("~", Math.floor(Math.random() * size));
  } finally {
    await handle.close();
  }
}

/** Reads a file as an editor does, and saves it some time later. */
async function edit(file: string, save: (file: string, text: string) => Promise<void>): Promise<void> {
  const text = await readFile(file, "utf8");
  await setTimeout(EDITING_MILLISECONDS);
  await save(file, text);
}

/** A file that is cut exactly between two lines looks like one from which somebody has taken the last lines out. */
function placeInALine(bytes: Buffer): number {
  let place = Math.floor((bytes.length - 1) * Math.random());
  while (place > 0 && (bytes[place - 1] === NEWLINE || bytes[place] === NEWLINE)) place--;
  return place;
}

async function saveBeside(file: string, text: string): Promise<void> {
  await writeFile(`${file}~`, text);
  await rename(`${file}~`, file);
}

export const WAYS: Way[] = [
  { name: "sed -i", change: (file) => run("sed", ["-i", "s/x/x/", file]) },
  { name: "perl -i", change: (file) => run("perl", ["-i", "-pe", "s/x/x/", file]) },
  { name: "an editor that saves beside it", change: (file) => edit(file, saveBeside) },
  {
    name: "an editor that writes over it",
    change: (file) => edit(file, (path, text) => writeFile(path, text)),
    mayChangeNothing: true,
  },
  { name: "texts changed", change: (file) => run("sed", ["-i", "s/text 1/test 1/", file]) },
  { name: "line ends of Windows", change: (file) => run("sed", ["-i", "s/$/\\r/", file]) },
  { name: "one byte", change: changeByte },
  { name: "appended to", change: (file) => appendFile(file, "hello\n") },
  { name: "written over with less", change: (file) => writeFile(file, "hello\n") },
  { name: "cut", change: async (file) => truncate(file, placeInALine(await readFile(file))) },
  { name: "emptied", change: (file) => truncate(file, 0) },
  { name: "renamed", change: (file) => rename(file, `${file}.bak`) },
  { name: "removed", change: (file) => rm(file) },
  { name: "the folder removed", change: (file) => rm(dirname(file), { recursive: true, force: true }) },
  { name: "the folder renamed", change: (file) => rename(dirname(file), `${dirname(file)}-${Date.now()}`) },
];

/** Takes the lines of a message out of all files. With one program for each file, the journal would grow faster. */
export async function takeOut(files: string[], messageId: number): Promise<void> {
  await run("sed", ["-i", `/"messageId":${messageId},/d`, ...files]);
}
