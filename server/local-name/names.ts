/**
 * The names that a server may have on the local network. settings.ts reads the one that the teacher wants, and
 * local-name.ts takes the first that is free.
 */

/** How many names it tries: `plainchat.local` to `plainchat-9.local`. */
export const MAX_NUMBER = 9;
const MAX_CHARACTERS = 60;

/**
 * @param text with or without `.local`. @returns it without, in small letters.
 * @throws {Error} with a sentence for the person at the terminal.
 */
export function readLocalName(text: string): string {
  const name = text.toLowerCase().replace(/\.local\.?$/, "");
  if (/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name) && name.length <= MAX_CHARACTERS) return name;
  throw new Error(
    `--local-name takes one word of the letters a to z, digits and hyphens, such as physics, not "${text}"`,
  );
}

/** @param number 1 for the name itself, 2 for the one after it. @returns it with `.local`. */
export function numbered(name: string, number: number): string {
  return `${number === 1 ? name : `${name}-${number}`}.local`;
}

/** All names that a server may come to have, with `.local`. */
export function allNames(name: string): string[] {
  return Array.from({ length: MAX_NUMBER }, (_, i) => numbered(name, i + 1));
}
