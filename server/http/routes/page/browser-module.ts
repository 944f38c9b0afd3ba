/**
 * Makes of one of the repository's TypeScript files what a browser can run: the types become blanks, and the packages
 * that it imports get their addresses on this server. Nothing else is changed, and nothing is put together: one file
 * stays one file, so that what a learner finds in the browser is what stands in the repository.
 */
import { stripTypeScriptTypes } from "node:module";

/** Where the packages are that the page uses. */
const PACKAGES: Record<string, string> = {
  "lit-html": "/lit-html/lit-html.js",
  "lit-html/directives/live.js": "/lit-html/directives/live.js",
  "lit-html/directives/ref.js": "/lit-html/directives/ref.js",
  "lit-html/directives/repeat.js": "/lit-html/directives/repeat.js",
  uqr: "/uqr/index.mjs",
};

/** @param path as in the repository. @throws {Error} when it imports a package that is not served. */
export function browserModule(path: string, source: string): string {
  const javaScript = stripTypeScriptTypes(source).replace(/ from "([^."/][^"]*)"/g, (_, name: string) => {
    const address = PACKAGES[name];
    if (address === undefined) throw new Error(`${path} imports "${name}", which is not served to browsers`);
    return ` from "${address}"`;
  });
  return `${javaScript}\n//# sourceMappingURL=${path.slice(path.lastIndexOf("/") + 1)}.map\n`;
}

/** The modules that a module needs before it can run, as addresses on this server; itself not among them. */
export function modulesBehind(address: string, sources: ReadonlyMap<string, string>): string[] {
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
