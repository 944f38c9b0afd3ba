/**
 * The data folder as far as the page knows it: which files are in which folder, and what a request did with them. If the
 * server has a database, a table is drawn as a folder and a row as a file. The server shows its data to nobody, but every
 * explained request says which files or rows it touched.
 */
import { type FileTouch, rowIn, type Trace, type TracedStep } from "../../client/trace.ts";

export interface FolderFile {
  /** Without its folder. Of a row: its key. Empty if the table has only this row. */
  name: string;
  path: string;
  /** What the current step did with it. */
  did: FileTouch["did"] | undefined;
  /** Whether this request has touched it up to the current step. */
  wasTouched: boolean;
}

export interface Folder {
  name: string;
  files: FolderFile[];
}

/** Files and rows that are always there. */
const KNOWN_FILES = ["users/secret.dat"];
const KNOWN_ROWS = ["head", "secret"];
const FOLDERS = ["users", "messages"];
const TABLES = ["users", "handles", "messages", "events", "head", "secret"];

/** @param seen paths that other requests touched. @param way the steps up to the current one. */
export function folderTree(seen: Iterable<string>, trace: Trace | undefined, way: readonly TracedStep[]): Folder[] {
  const ofThis = trace?.steps.flatMap(({ files }) => files) ?? [];
  const now = new Map(way.at(-1)?.files.map(({ path, did }) => [path, did]));
  const touched = new Set(way.flatMap(({ files }) => files.map(({ path }) => path)));
  // A file that this request looked for and did not find is shown, too: as an empty place.
  const isDatabase = trace?.database === true;
  const known = isDatabase ? KNOWN_ROWS : KNOWN_FILES;
  const paths = [...new Set([...known, ...seen, ...ofThis.map(({ path }) => path)])].sort(byName);
  const places = paths.map((path) => ({ path, ...(isDatabase ? placeOfRow(path) : placeOfFile(path)) }));
  const others = places.map(({ folder }) => folder).filter((folder) => isDatabase && !TABLES.includes(folder));
  return [...(isDatabase ? TABLES : FOLDERS), ...new Set(others)].map((name) => ({
    name,
    files: places
      .filter(({ folder }) => folder === name)
      .map(({ path, name }) => ({ name, path, did: now.get(path), wasTouched: touched.has(path) })),
  }));
}

function placeOfFile(path: string): { folder: string; name: string } {
  const slash = path.indexOf("/");
  return { folder: path.slice(0, slash), name: path.slice(slash + 1) };
}

function placeOfRow(path: string): { folder: string; name: string } {
  const { table = path, row = "" } = rowIn(path) ?? {};
  return { folder: table, name: row };
}

/** The files or rows that a request really found or created. */
export function pathsIn(trace: Trace): string[] {
  return trace.steps
    .flatMap(({ files }) => files)
    .filter(({ did }) => did !== "looked for" && did !== "removed")
    .map(({ path }) => path);
}

/** Shortens a name of 64 hexadecimal digits: its start and its end are enough to recognise it. */
export function shortName(name: string): string {
  return name.replace(/\b([0-9a-f]{6})[0-9a-f]{52}([0-9a-f]{6})\b/, "$1…$2");
}

function byName(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
