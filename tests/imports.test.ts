/**
 * Tests that dependencies point in one direction: from http to operations to store. To understand a folder, you need to
 * know only the folders below it.
 */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";

const server = join(import.meta.dirname, "..", "server");

/**
 * For each room of the server, the rooms that its files may import from. A file may always import from its own room.
 * `(server)` is the folder `server` itself, where everything is put together.
 */
const MAY_IMPORT: Record<string, string[]> = {
  steps: [],
  live: ["store"],
  // Only the type of a network.
  "local-name": ["http/routes"],
  operations: ["steps", "live", "store", "checks", "operations/archives", "operations/class"],
  "operations/class": ["steps", "live", "store", "checks", "operations"],
  "operations/archives": ["steps", "store", "operations"],
  explain: ["steps", "live", "store", "secrecy"],
  checks: ["steps", "checks/process"],
  // The only room that runs code of the check: it is a process of its own.
  "checks/process": ["checks", "../check", "../check/exchange", "../check/node", "../check/report"],
  secrecy: [],

  "store/files": ["store"],
  "store/journal": ["store", "store/files"],
  "store/index": ["store", "store/journal"],
  "store/upkeep": ["store", "store/index", "store/journal", "store/files"],
  "store/users": ["store", "store/journal", "store/files", "secrecy"],
  "store/class": ["store", "store/users", "store/files"],
  "store/backup": ["store", "store/journal", "store/files"],
  "store/observed": ["store", "store/index", "store/journal", "store/files"],
  "store/postgres": [
    "store",
    "store/users",
    "store/postgres/connection",
    "store/postgres/messages",
    "store/postgres/class",
    "store/postgres/observed",
  ],
  "store/postgres/connection": ["store"],
  "store/postgres/messages": ["store", "store/journal", "store/postgres", "store/postgres/connection"],
  "store/postgres/class": ["store", "store/users", "store/class", "store/postgres", "store/postgres/connection"],
  "store/postgres/observed": [
    "store",
    "store/postgres",
    "store/postgres/connection",
    "store/postgres/messages",
    "store/postgres/class",
    "store/observed",
  ],
  // It brings data from one store to another, so it knows both.
  "store/move": [
    "store",
    "store/backup",
    "store/class",
    "store/files",
    "store/index",
    "store/journal",
    "store/postgres",
    "store/postgres/connection",
    "store/postgres/messages",
    "store/postgres/class",
    "store/users",
  ],
  store: [
    "store/files",
    "store/journal",
    "store/index",
    "store/upkeep",
    "store/users",
    "store/class",
    "store/backup",
    "store/observed",
  ],

  "http/request": ["steps"],
  "http/reply": ["steps", "live", "store", "operations", "operations/archives", "explain"],
  "http/limits": ["steps", "http/request", "http/reply"],
  "http/monitor": ["steps", "live", "store", "http/limits", "http/request"],
  "http/routes": ["steps", "store", "operations", "explain", "secrecy", "http/reply"],
  "http/routes/learn": ["steps", "operations", "explain", "http/reply"],
  "http/routes/page": ["steps", "operations", "http/routes", "http/reply"],
  "http/routes/reference": ["steps", "store", "operations", "explain", "http/routes", "http/reply"],
  http: [
    "steps",
    "live",
    "checks",
    "store",
    "store/users",
    "store/class",
    "operations",
    "explain",
    "http/request",
    "http/reply",
    "http/limits",
    "http/monitor",
    "http/routes",
    "http/routes/learn",
    "http/routes/page",
    "http/routes/reference",
  ],
  "(server)": [
    "steps",
    "live",
    "local-name",
    "store",
    "store/backup",
    "store/class",
    "store/files",
    "store/postgres",
    "store/postgres/connection",
    "operations",
    "secrecy",
    "http",
    "http/request",
    "http/limits",
    "http/routes",
  ],
};

/** The files of the store that are below its rooms: every room may use them. The other files put the rooms together. */
const GROUND_OF_STORE = [
  "binary-search",
  "contract",
  "digest",
  "error-code",
  "iso-time",
  "one-at-a-time",
  "report",
  "store",
  "store-errors",
].map((name) => `store/${name}.ts`);

/** For these pairs of rooms, the only files that may be imported. */
const ONLY: Record<string, string[]> = {
  "checks → steps": ["steps/call.ts"],
  // The form of the messages. The program itself is started, not imported.
  "checks → checks/process": ["checks/process/messages.ts"],
  "checks/process → checks": ["checks/contract.ts", "checks/check-run.ts"],
  "operations → checks": ["checks/contract.ts"],
  "operations/class → checks": ["checks/contract.ts"],
  "http → checks": ["checks/checks.ts"],
  "http/routes/learn → operations": ["operations/refusals.ts"],
  "http/routes/learn → explain": ["explain/step-list.ts"],
  "http/routes/page → operations": ["operations/refusals.ts"],
  "operations → store": ["store/contract.ts"],
  "operations/class → store": ["store/contract.ts"],
  "operations/class → operations": ["operations/parts.ts", "operations/refusals.ts"],
  "store/postgres/messages → store/journal": ["store/journal/event-gap.ts"],
  // Both stand on these. The other files of that folder put the rooms together.
  "store/postgres/messages → store/postgres": ["store/postgres/head.ts", "store/postgres/present-class.ts"],
  "store/postgres/class → store/postgres": [
    "store/postgres/database-secret.ts",
    "store/postgres/head.ts",
    "store/postgres/migrate.ts",
    "store/postgres/present-class.ts",
    "store/postgres/shared-reads.ts",
  ],
  "store/postgres → store/users": [
    "store/users/confidential-text.ts",
    "store/users/handle-hash.ts",
    "store/users/make-secret.ts",
  ],
  "store/postgres → store/postgres/observed": ["store/postgres/observed/observed-database.ts"],
  "store/postgres/observed → store/observed": ["store/observed/observed-text.ts"],
  "(server) → store/postgres": ["store/postgres/open-database.ts"],
  "(server) → store/postgres/connection": ["store/postgres/connection/database-address.ts"],
  "store/class → store/users": ["store/users/confidential-text.ts"],
  "store/move → store": [
    "store/contract.ts",
    "store/error-code.ts",
    "store/open-journal.ts",
    "store/open-store.ts",
    "store/report.ts",
  ],
  "explain → store": ["store/contract.ts"],
  "explain → live": ["live/listener.ts"],
  "live → store": ["store/contract.ts", "store/concerns.ts"],
  "http → store/users": ["store/users/auth-token.ts"],
  "http → store/class": ["store/class/rejoin-code.ts"],
  "http/reply → store": ["store/store-errors.ts", "store/error-code.ts"],
  "http/routes → store": ["store/contract.ts"],
  "http/routes/reference → store": ["store/store-errors.ts"],
  "local-name → http/routes": ["http/routes/network-addresses.ts"],
  "(server) → http/request": ["http/request/allowed-origins.ts", "http/request/known-hosts.ts"],
  "(server) → http/limits": ["http/limits/connections.ts"],
  "(server) → store/backup": ["store/backup/control-files.ts"],
  "(server) → store/class": ["store/class/class-keys.ts"],
  "(server) → store/files": ["store/files/lock.ts", "store/files/paths.ts"],
};

/** `… from "x"`, `import "x"`, `import("x")`, and `import.meta.resolve("x")`. */
const IMPORT = /(?<![.\w"'`])(?:(?:from|import)\s*\(?\s*["']([^"']+)["']|import\.meta\.resolve\(["'`]([^"'`]+)["'`])/g;

const COMMENT = /^\s*(?:\/\*[\s\S]*?\*\/|\/\/.*)/gm;

/** What a source imports, in each way of importing. */
function specifiersIn(source: string): string[] {
  return [...source.replace(COMMENT, "").matchAll(IMPORT)].map(([, imported, resolved]) => imported ?? resolved ?? "");
}

function importsOf(file: string): string[] {
  return specifiersIn(readFileSync(join(server, file), "utf8"))
    .filter((specifier) => specifier.startsWith("."))
    .map((path) => relative(server, join(server, dirname(file), path)).replaceAll("\\", "/"));
}

function roomOf(file: string): string {
  const folder = dirname(file);
  return folder === "." ? "(server)" : folder;
}

function mayImport(file: string, target: string): boolean {
  const [from, to] = [roomOf(file), roomOf(target)];
  if (from === to) return true;
  if (from.startsWith("store/") && to === "store" && from !== "store/move") return GROUND_OF_STORE.includes(target);
  return (MAY_IMPORT[from]?.includes(to) ?? false) && (ONLY[`${from} → ${to}`]?.includes(target) ?? true);
}

const files = globSync("**/*.ts", { cwd: server })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => !file.endsWith(".test.ts"));

test("rooms import only from the rooms that they may use", () => {
  assert.ok(files.length > 40, "the server's files were found");
  assert.deepEqual([...new Set(files.map(roomOf))].sort(), Object.keys(MAY_IMPORT).sort(), "every room has a rule");
  const wrong: string[] = [];
  for (const file of files) {
    for (const target of importsOf(file).filter((each) => each.endsWith(".ts"))) {
      if (!mayImport(file, target)) wrong.push(`${file} imports ${target}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test("the files at the bottom of the store import nothing but each other", () => {
  for (const file of GROUND_OF_STORE) {
    for (const target of importsOf(file)) assert.ok(GROUND_OF_STORE.includes(target), `${file} imports ${target}`);
  }
});

test("operations and steps use neither HTTP nor the disk", () => {
  for (const file of files.filter((name) => /^(operations|steps)\b/.test(name))) {
    const imported = specifiersIn(readFileSync(join(server, file), "utf8"));
    assert.deepEqual(
      imported.filter((each) => /^(node:(fs|http|net|path)|fastify)/.test(each)),
      [],
      file,
    );
  }
});

test("only store/files/paths.ts builds a path", () => {
  const builders = files.filter((file) => specifiersIn(readFileSync(join(server, file), "utf8")).includes("node:path"));
  // durable-file.ts only joins a folder and a name that it found in it or made up itself.
  assert.deepEqual(builders.sort(), ["store/files/durable-file.ts", "store/files/paths.ts"]);
});

/** @returns the sources of all imports in a folder. Relative ones become paths from the repository's root. */
function sourcesOf(folder: string): { file: string; source: string }[] {
  const root = join(server, "..");
  return globSync(`${folder}/**/*.ts`, { cwd: root })
    .filter((file) => !file.endsWith(".test.ts"))
    .flatMap((file) => {
      const text = readFileSync(join(root, file), "utf8");
      return specifiersIn(text).map((path) => ({
        file,
        source: path.startsWith(".") ? join(dirname(file), path).replaceAll("\\", "/") : path,
      }));
    });
}

test("the client imports no package, nothing from Node and nothing from the server, so a browser can load it", () => {
  const imports = sourcesOf("client");
  assert.ok(imports.length > 10);
  for (const { file, source } of imports) assert.match(source, /^client\//, `${file} imports ${source}`);
  for (const name of globSync("client/*.ts", { cwd: join(server, "..") }).filter(
    (each) => !each.endsWith(".test.ts"),
  )) {
    const text = readFileSync(join(server, "..", name), "utf8");
    assert.ok(!/\b(process|Buffer|setImmediate|require|NodeJS)\b[.(]/.test(text), name);
    // Browsers allow these only over https, but a class is served over plain http.
    assert.ok(!/crypto\.(randomUUID|subtle)\(/.test(text), name);
  }
});

test("the page imports only the client and the packages served to browsers", () => {
  const imports = sourcesOf("web");
  assert.ok(imports.length > 60);
  for (const { file, source } of imports)
    assert.match(source, /^(web\/|client\/|lit-html|uqr$)/, `${file} imports ${source}`);
  for (const file of new Set(imports.map((each) => each.file))) {
    const text = readFileSync(join(server, "..", file), "utf8");
    // No functions that need https: a class is served over plain http. And text must never become markup.
    assert.ok(!/crypto\.(randomUUID|subtle)|navigator\.(locks|serviceWorker)/.test(text), file);
    assert.ok(!/innerHTML|outerHTML|insertAdjacentHTML|unsafeHTML|document\.write|\beval\(/.test(text), file);
  }
});

test("the server imports neither the client nor the command line, and the command line imports no operations", () => {
  for (const { file, source } of sourcesOf("server")) assert.ok(!/^(client|cli)\//.test(source), `${file}: ${source}`);
  const imports = sourcesOf("cli");
  assert.ok(imports.length > 50);
  for (const { file, source } of imports.filter((each) => each.source.startsWith("server/"))) {
    assert.match(
      source,
      /^server\/(serve|settings|http\/routes\/network-addresses|local-name\/(who-has|names)|steps\/(class-secret-problem|limits)|explain\/(trace|step-list)|store\/[a-z/-]+)\.ts$/,
      `${file} imports ${source}`,
    );
  }
});

test("one file of the command line writes to the terminal, and one makes colours, so that nothing hostile gets there", () => {
  const root = join(server, "..");
  const files = globSync("cli/**/*.ts", { cwd: root }).filter((file) => !file.endsWith(".test.ts"));
  const having = (pattern: RegExp) =>
    files
      .filter((file) => pattern.test(readFileSync(join(root, file), "utf8")))
      .map((file) => file.replaceAll("\\", "/"));
  // A progress line has only words of its own.
  assert.deepEqual(having(/\bconsole\.|\bstd(out|err)\.write\(/).sort(), ["cli/output.ts", "cli/progress.ts"]);
  assert.deepEqual(having(/\bstyleText\b/), ["cli/styled.ts"]);
});

test("the check imports nothing from the server: it tests servers in any language", () => {
  const imports = sourcesOf("check").filter(({ file }) => !/^check\/(broken|second-server)\//.test(file));
  assert.ok(imports.length > 20);
  for (const { file, source } of imports) assert.match(source, /^(check\/|node:)/, `${file} imports ${source}`);
});

test("the cases, the runner and the matching of the check use nothing of Node, so a browser can run them", () => {
  const inNode = /^check\/(node|broken|literal|second-server|report)\//;
  const imports = sourcesOf("check").filter(({ file, source }) => !inNode.test(file) && !source.endsWith(".json"));
  assert.ok(imports.length > 30);
  for (const { file, source } of imports) {
    // What is wrong is put into words elsewhere, but a failure is data.
    assert.match(
      source,
      /^check\/((actions|exchange|ledger|match)\/|[\w-]+\.ts$|report\/failure\.ts$)/,
      `${file} imports ${source}`,
    );
  }
  for (const file of new Set(imports.map((each) => each.file))) {
    const text = readFileSync(join(server, "..", file), "utf8");
    assert.ok(!/\b(process|Buffer|setImmediate|require|NodeJS)\b[.(]/.test(text), file);
    assert.ok(!/crypto\.(randomUUID|subtle)/.test(text), file);
  }
});

test("what runs in production imports only the packages that npm start installs", () => {
  const { dependencies } = JSON.parse(readFileSync(join(server, "..", "package.json"), "utf8"));
  const imports = ["server", "cli", "client", "web", "check"].flatMap(sourcesOf);
  const packages = imports.filter(({ source }) => /^[@a-z][^:]*$/.test(source) && !/\.(ts|json)$/.test(source));
  const used = new Set<string>();
  for (const { file, source } of packages) {
    const [name = ""] = /^(@[^/]+\/)?[^/]+/.exec(source) ?? [];
    assert.ok(name in dependencies, `${file} imports ${source}`);
    used.add(name);
  }
  // The log loads pino-pretty by its name.
  const known = [...used, "pino-pretty"].sort();
  assert.deepEqual(Object.keys(dependencies).sort(), [...new Set(known)], "every package that is installed is used");
});

test("there are no import cycles, neither in the server nor in the page", () => {
  const finished = new Set<string>();
  const visit = (file: string, path: string[], targetsOf: (file: string) => string[]) => {
    assert.ok(!path.includes(file), [...path, file].join(" → "));
    if (finished.has(file)) return;
    for (const target of targetsOf(file)) visit(target, [...path, file], targetsOf);
    finished.add(file);
  };
  for (const file of files) visit(file, [], (each) => importsOf(each).filter((target) => files.includes(target)));
  const ofPage = Map.groupBy(sourcesOf("web"), ({ file }) => file);
  for (const file of ofPage.keys()) visit(file, [], (each) => (ofPage.get(each) ?? []).map(({ source }) => source));
  assert.ok(finished.size > files.length + 30);
});
