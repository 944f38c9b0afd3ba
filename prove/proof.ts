/**
 * A proof tests one promise of this server against the real program. It ends with a figure that says how often it
 * tried. If the machine lacks something that the proof needs, the promise stays unproven, which never counts as proved.
 */
import type { Ending } from "../testing/at-end.ts";

/** "quick" runs in `npm test`, "whole" in `npm run prove`. */
export type Size = "quick" | "whole";

export interface Proof {
  /** The name of its file. It also selects the proof: `npm run prove -- power-cut`. */
  name: string;
  /** The promise, in a sentence. */
  promise: string;
  /**
   * @param ending takes the work to do when the proof ends, passed or not: stop servers, remove folders.
   * @returns the figure, such as "100 cuts, 4,210 acknowledgements, 0 lost".
   * @throws {Unproven} if this machine lacks something. Any other error means that the promise is broken.
   */
  prove(options: { size: Size; ending: Ending; log: (line: string) => void }): Promise<string>;
}

/** Its message says what is missing and how to get it. */
export class Unproven extends Error {}
