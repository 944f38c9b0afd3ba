/**
 * The data folder as far as the page knows it: which files are in which folder, and what a request did with them. The
 * server does not show its folder to anybody, but every explained request says which files it touched.
 */
import type { FileTouch, Trace, TracedStep } from "../../client/trace.ts";

export interface FolderFile {
  /** Without its folder. */
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

/** Files that are always there. */
const KNOWN = ["users/secret.dat"];

/** @param seen paths that other requests touched. @param way the steps up to the current one. */
export function folderTree(seen: Iterable<string>, trace: Trace | undefined, way: readonly TracedStep[]): Folder[] {
  const ofThis = trace?.steps.flatMap(({ files }) => files) ?? [];
  const now = new Map(way.at(-1)?.files.map(({ path, did }) => [path, did]));
  const touched = new Set(way.flatMap(({ files }) => files.map(({ path }) => path)));
  // A file that this request looked for and did not find is shown, too: as an empty place.
  const paths = [...new Set([...KNOWN, ...seen, ...ofThis.map(({ path }) => path)])].sort(byName);
  return ["users", "messages"].map((name) => ({
    name,
    files: paths
      .filter((path) => path.startsWith(`${name}/`))
      .map((path) => ({
        name: path.slice(name.length + 1),
        path,
        did: now.get(path),
        wasTouched: touched.has(path),
      })),
  }));
}

/** The files that a request really found or created. */
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
