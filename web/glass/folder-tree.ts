/**
 * The data folder, as far as it has been seen: which files there are in which folder, and what a request did with them.
 * The server shows nobody its folder; but every request that is explained says which files it touched.
 */
import type { FileTouch, Trace, TracedStep } from "../../client/trace.ts";

export interface FolderFile {
  /** Without its folder. */
  name: string;
  path: string;
  /** What the step that is shown has done with it. */
  did: FileTouch["did"] | undefined;
  /** Whether it was touched by this request before. */
  wasTouched: boolean;
}

export interface Folder {
  name: string;
  files: FolderFile[];
}

/** What is there from the beginning. */
const KNOWN = ["users/secret.dat"];

/** @param seen paths that other requests have touched. @param way the steps up to the one that is shown. */
export function folderTree(seen: Iterable<string>, trace: Trace | undefined, way: readonly TracedStep[]): Folder[] {
  const ofThis = trace?.steps.flatMap(({ files }) => files) ?? [];
  const now = new Map(way.at(-1)?.files.map(({ path, did }) => [path, did]));
  const touched = new Set(way.flatMap(({ files }) => files.map(({ path }) => path)));
  // What is looked for and not there is shown while it is looked for: a place that is empty.
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

/** What a request has really found or made. */
export function pathsIn(trace: Trace): string[] {
  return trace.steps
    .flatMap(({ files }) => files)
    .filter(({ did }) => did !== "looked for" && did !== "removed")
    .map(({ path }) => path);
}

/** A name of 64 hexadecimal digits says as much by its beginning and its end. */
export function shortName(name: string): string {
  return name.replace(/\b([0-9a-f]{6})[0-9a-f]{52}([0-9a-f]{6})\b/, "$1…$2");
}

function byName(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
