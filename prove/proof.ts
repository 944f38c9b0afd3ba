/**
 * A proof puts one promise of this server to the test, against the real program, and ends with a figure: how often it
 * was tried. Where the machine lacks what a proof needs, the promise is left unproven, which never counts as proved.
 */
import type { Ending } from "../testing/at-end.ts";

/** "quick" is a part of `npm test`; "whole" is what `npm run prove` does. */
export type Size = "quick" | "whole";

export interface Proof {
  /** Its file's name, and how to ask for it: `npm run prove -- power-cut`. */
  name: string;
  /** The promise, in a sentence. */
  promise: string;
  /**
   * @param ending what is to be done when the proof has ended, however it ends: stop servers, remove folders.
   * @returns the figure, such as "100 cuts, 4,210 acknowledgements, 0 lost".
   * @throws {Unproven} where something is missing here; any other error says that the promise is broken.
   */
  prove(options: { size: Size; ending: Ending; log: (line: string) => void }): Promise<string>;
}

/** Has a sentence that says what is missing, and how to get it. */
export class Unproven extends Error {}
