/**
 * Reads the page's files, and makes of them what is sent. It runs in a thread of its own, which ends when it has done
 * so: what takes out the types needs 50 MB of memory and a sixth of a second, and nobody who chats should have to wait.
 */
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import { gzipSync } from "node:zlib";
import { browserModule, modulesBehind } from "./browser-module.ts";
import type { PageFile } from "./page-files.ts";
import { sourceMap } from "./source-map.ts";

const REPOSITORY = new URL("../../../../", import.meta.url);
const LIT_HTML = new URL(import.meta.resolve("lit-html").replace(/\/lit-html\/.*/, "/lit-html/"));
const UQR = new URL(".", import.meta.resolve("uqr"));

const TYPES: Record<string, string> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
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
for (const path of find(REPOSITORY, "web/*.html")) texts.set(`/${path}`, completed(texts.get(`/${path}`) ?? ""));

const files = new Map<string, PageFile>();
for (const [address, text] of texts) {
  const type = TYPES[address.slice(address.lastIndexOf(".") + 1)] ?? "text/plain; charset=utf-8";
  files.set(address, { type, text, compressed: gzipSync(text, { level: 9 }) });
}
parentPort?.postMessage(files);

function find(folder: URL, pattern: string): string[] {
  return globSync(pattern, { cwd: fileURLToPath(folder) }).map((path) => path.replaceAll("\\", "/"));
}

function read(folder: URL, path: string): string {
  return readFileSync(new URL(path, folder), "utf8");
}

/** Which languages there are: a catalogue is all that one needs. */
function languages(): string {
  return JSON.stringify(
    find(REPOSITORY, "web/languages/*.json").map((path) => {
      const code = path.slice(path.lastIndexOf("/") + 1, -".json".length);
      return { code, name: JSON.parse(read(REPOSITORY, path)).language };
    }),
  );
}

/** A page as it is sent: it knows whether this is class mode, and names all modules, so that they come at once. */
function completed(page: string): string {
  const [, entry = ""] = /<script type="module" src="([^"]+)">/.exec(page) ?? [];
  const links = modulesBehind(entry, texts).map((address) => `    <link rel="modulepreload" href="${address}">\n`);
  return page
    .replace('data-class="off"', `data-class="${workerData.isClass === true ? "on" : "off"}"`)
    .replace("  </head>", `${links.join("")}  </head>`);
}
