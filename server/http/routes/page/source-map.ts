/**
 * A source map for a module whose types were taken out: every word stands where it stood before, because blanks have
 * taken the place of the types. So all that it says is that the file is the one in the repository, with its types.
 * Developer tools show that one then. https://tc39.es/ecma426/ (ECMA-426, Source map format).
 */

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** @param name as it stands in the repository. @param source the file, with its types. */
export function sourceMap(name: string, source: string): string {
  let column = 0;
  const mappings = source.split("\n").map((line, lineNumber) => {
    let generated = 0;
    return [...line.matchAll(/[\w$#]+|^/g)]
      .map(({ index }, i) => {
        // Each number is the difference to the one before; only the column of the output begins anew with each line.
        const lineStep = i === 0 && lineNumber > 0 ? 1 : 0;
        const segment = [index - generated, 0, lineStep, index - column].map(variableLength).join("");
        generated = index;
        column = index;
        return segment;
      })
      .join(",");
  });
  return JSON.stringify({
    version: 3,
    sourceRoot: "plainchat:///",
    sources: [name],
    sourcesContent: [source],
    names: [],
    mappings: mappings.join(";"),
  });
}

/** A number in base64, five bits a digit, the lowest first; the very lowest is its sign. */
function variableLength(number: number): string {
  let rest = number < 0 ? (-number << 1) | 1 : number << 1;
  let digits = "";
  do {
    const digit = rest & 31;
    rest >>>= 5;
    digits += BASE64[rest > 0 ? digit | 32 : digit];
  } while (rest > 0);
  return digits;
}
