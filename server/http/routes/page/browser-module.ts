/**
 * Turns a TypeScript file of the repository into one that a browser can run: spaces replace the types, and each
 * imported package gets its address on this server. Nothing else changes, and files are not bundled, so a learner finds
 * the same files in the browser as in the repository. make-page-files.ts calls it.
 */
import { stripTypeScriptTypes } from "node:module";

/** The address of each package that the page uses. */
const PACKAGES: Record<string, string> = {
  "lit-html": "/lit-html/lit-html.js",
  "lit-html/directives/guard.js": "/lit-html/directives/guard.js",
  "lit-html/directives/live.js": "/lit-html/directives/live.js",
  "lit-html/directives/ref.js": "/lit-html/directives/ref.js",
  "lit-html/directives/repeat.js": "/lit-html/directives/repeat.js",
  uqr: "/uqr/index.mjs",
};

/** @param path as in the repository. @throws {Error} if the file imports a package that the server does not serve. */
export function browserModule(path: string, source: string): string {
  const javaScript = stripTypeScriptTypes(source).replace(/ from "([^."/][^"]*)"/g, (_, name: string) => {
    const address = PACKAGES[name];
    if (address === undefined)
      throw new Error(`${path} imports "${name}", which the server does not serve to browsers`);
    return ` from "${address}"`;
  });
  return `${javaScript}\n//# sourceMappingURL=${path.slice(path.lastIndexOf("/") + 1)}.map\n`;
}

/** The addresses of all modules that must load before this one can run. The module itself is not in the list. */
export function dependenciesOf(address: string, sources: ReadonlyMap<string, string>): string[] {
  const found = new Set<string>();
  const visit = (from: string) => {
    for (const [, target = ""] of (sources.get(from) ?? "").matchAll(/^(?:import|export)\b[^;]* from "([^"]+)";$/gm)) {
      const { pathname } = new URL(target, `http://localhost${from}`);
      if (found.has(pathname)) continue;
      found.add(pathname);
      visit(pathname);
    }
  };
  visit(address);
  return [...found];
}
