/**
 * Reads the page's files and turns them into what the server sends. page-files.ts runs it in a thread that ends
 * afterwards: stripping the types needs 50 MB of memory and a sixth of a second, and no request should wait for that.
 */
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import { gzipSync } from "node:zlib";
import { type StaticFile, staticFile } from "../../reply/static-file.ts";
import { browserModule, dependenciesOf } from "./browser-module.ts";
import { sourceMap } from "./source-map.ts";

const REPOSITORY = new URL("../../../../", import.meta.url);
const LIT_HTML = new URL(import.meta.resolve("lit-html").replace(/\/lit-html\/.*/, "/lit-html/"));
const UQR = new URL(".", import.meta.resolve("uqr"));

const TYPES: Record<string, string> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml; charset=utf-8",
  json: "application/json; charset=utf-8",
  map: "application/json; charset=utf-8",
  ts: "text/javascript; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  mjs: "text/javascript; charset=utf-8",
};

const texts = new Map<string, string>();
for (const path of find(REPOSITORY, "{web,client}/**/*.ts").filter((each) => !each.endsWith(".test.ts"))) {
  const source = read(REPOSITORY, path);
  texts.set(`/${path}`, browserModule(path, source));
  texts.set(`/${path}.map`, sourceMap(path, source));
}
for (const path of find(REPOSITORY, "web/**/*.{html,css,svg,json}")) texts.set(`/${path}`, read(REPOSITORY, path));
for (const path of find(LIT_HTML, "{*.js,directives/*.js}")) texts.set(`/lit-html/${path}`, read(LIT_HTML, path));
texts.set("/uqr/index.mjs", read(UQR, "index.mjs"));
texts.set("/web/languages/index.json", languages());
for (const path of find(REPOSITORY, "web/pages/*.html"))
  texts.set(`/${path}`, completePage(texts.get(`/${path}`) ?? ""));

const files = new Map<string, StaticFile>();
for (const [address, text] of texts) {
  const type = TYPES[address.slice(address.lastIndexOf(".") + 1)] ?? "text/plain; charset=utf-8";
  files.set(address, staticFile(type, text, gzipSync(text, { level: 9 })));
}
parentPort?.postMessage(files);

function find(folder: URL, pattern: string): string[] {
  return globSync(pattern, { cwd: fileURLToPath(folder) }).map((path) => path.replaceAll("\\", "/"));
}

function read(folder: URL, path: string): string {
  return readFileSync(new URL(path, folder), "utf8");
}

/** The list of languages: the page offers every language that has a catalogue. */
function languages(): string {
  return JSON.stringify(
    find(REPOSITORY, "web/languages/*.json").map((path) => {
      const code = path.slice(path.lastIndexOf("/") + 1, -".json".length);
      return { code, name: JSON.parse(read(REPOSITORY, path)).language };
    }),
  );
}

/** Tells a page whether this is class mode, and lists all its modules, so that the browser loads them all at once. */
function completePage(page: string): string {
  const [, entry = ""] = /<script type="module" src="([^"]+)">/.exec(page) ?? [];
  const links = dependenciesOf(entry, texts).map((address) => `    <link rel="modulepreload" href="${address}">\n`);
  return page
    .replace('data-class="off"', `data-class="${workerData.isClass === true ? "on" : "off"}"`)
    .replace("  </head>", `${links.join("")}  </head>`);
}
