/**
 * Makes the command that asks a learner's server about texts from the command that starts it: the one input `--vectors`
 * stands in the place of the port and the folder. cli/learn calls it.
 */

const INPUT = /\{(port|folder)\}/;
/** `PORT={port} node server.ts`: such words come before the program. */
const VARIABLE = /^\w+=/;

/** @param start with the placeholders {port} and {folder}. */
export function vectorsCommand(start: string): string {
  const words = start.trim().split(" ");
  const isInput = (word: string) => INPUT.test(word);
  const place = words.findIndex((word) => isInput(word) && !VARIABLE.test(word));
  const kept = words.flatMap((word, i) => (i === place ? ["--vectors"] : isInput(word) ? [] : [word]));
  return (place === -1 ? [...kept, "--vectors"] : kept).join(" ");
}
