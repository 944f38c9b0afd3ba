/**
 * A server that is wrong in one way: what a file of this folder says.
 */

export interface BrokenServer {
  /** What is wrong, in a sentence. */
  bug: string;
  /** The case that must find it. */
  caughtBy: string;
  /** What is changed in the real server: one small thing, which may stand in two places. */
  changes: Change[];
}

export interface Change {
  /** From the repository's root. */
  file: string;
  /** Must stand there exactly once. */
  find: string;
  replace: string;
}

/** A source with a change in it. @throws {Error} when it does not fit the source any more. */
export function changed(source: string, { file, find, replace }: Change): string {
  const found = source.split(find).length - 1;
  if (found !== 1) throw new Error(`${JSON.stringify(find)} stands ${found} times in ${file}`);
  return source.replace(find, () => replace);
}
