/**
 * Where the lines of a chat come from, and where everything that it says goes: a person at a terminal (LivePrompt), or a
 * pipe (PipedLines).
 */
import type { Printable } from "../styled.ts";

export interface Prompt {
  /** All messages and commands, from the first one until the end of the input. Call it only once. */
  lines(): AsyncIterable<string>;
  /** The text in front of the line that is being typed. */
  label: string;
  /** Prints a line above the one being typed. */
  print(text: Printable): void;
  /** Puts a text into the line, as if it had been typed. */
  fill(text: string): void;
  close(): void;
}
