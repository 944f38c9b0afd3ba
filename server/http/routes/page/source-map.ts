/**
 * Makes the source map for a module whose types were stripped. Spaces replaced the types, so every word is still in its
 * place, and the map leads to the same place in the file with types. Developer tools then show that file.
 * The format is ECMA-426: https://tc39.es/ecma426/.
 */

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** @param name the path in the repository. @param source the file, with its types. */
export function sourceMap(name: string, source: string): string {
  let column = 0;
  const mappings = source.split("\n").map((line, lineNumber) => {
    let generated = 0;
    return [...line.matchAll(/[\w$#]+|^/g)]
      .map(({ index }, i) => {
        // Each number is the difference to the one before. Only the output column starts at 0 again on each line.
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

/** A number in base64: five bits a digit, the lowest first. The lowest bit of all is the sign. */
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
