/**
 * `npm run build:check`: makes dist/check.mjs, one file with the whole check in it: cases, hints, help. It runs on Node
 * from version 20 up, and nothing has to be installed, so a teacher can hand it out.
 *
 *     npm run build:check -- [FILE]
 */
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { build, type Plugin } from "esbuild";
import { stepLinesIn } from "../check/report/specification.ts";

const MAX_KIB = 400;
const root = join(import.meta.dirname, "..");
const file = resolve(process.argv[2] ?? join(root, "dist", "check.mjs"));

/** These two files are different in check.mjs: it has no docs/ beside it, and it is started by another name. */
const INSTEAD: Record<string, () => string> = {
  "check/report/specification-text.ts": () => {
    const steps = stepLinesIn(readFileSync(join(root, "docs/spec.md"), "utf8"));
    return `export const specificationText = () => ${JSON.stringify(steps.map(([line]) => line).join("\n"))};`;
  },
  "cli/launcher.ts": () => `export const LAUNCHER = "node check.mjs";`,
};

const insteadOfFiles: Plugin = {
  name: "instead of files",
  setup({ onLoad }) {
    for (const [path, contents] of Object.entries(INSTEAD)) {
      const filter = new RegExp(`${path.replaceAll("/", "[/\\\\]").replaceAll(".", "\\.")}$`);
      onLoad({ filter }, () => ({ contents: contents(), loader: "ts" }));
    }
  },
};

mkdirSync(dirname(file), { recursive: true });
await build({
  entryPoints: [join(root, "cli/check/alone.ts")],
  outfile: file,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  minify: true,
  charset: "utf8",
  plugins: [insteadOfFiles],
  // Packages in the old format ask for Node's modules with require().
  banner: {
    js: '#!/usr/bin/env node\nimport { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
});
const kib = statSync(file).size / 1024;
console.log(`${file}: ${kib.toFixed(0)} KiB`);
if (kib > MAX_KIB) {
  console.error(`It must have at most ${MAX_KIB} KiB`);
  process.exitCode = 1;
}
