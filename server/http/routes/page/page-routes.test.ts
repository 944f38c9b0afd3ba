/**
 * Tests the page as the server sends it: every file has the same name as in the repository, with spaces for its types.
 */
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type FastifyInstance, fastify } from "fastify";
import { addPage } from "./page-routes.ts";

const root = join(import.meta.dirname, "..", "..", "..", "..");
let app: FastifyInstance;
let address: string;

before(async () => {
  app = fastify();
  addPage(app, { isClass: true });
  address = await app.listen({ host: "127.0.0.1", port: 0 });
});

after(() => app.close());

const get = (path: string, headers: Record<string, string> = {}) => fetch(address + path, { headers });

const sources = globSync("{web,client}/**/*.ts", { cwd: root }).filter((path) => !path.endsWith(".test.ts"));

test("every TypeScript file of the page and the client is served line by line, without its types", async () => {
  assert.ok(sources.length > 50);
  for (const path of sources) {
    const reply = await get(`/${path}`);
    assert.match(reply.headers.get("content-type") ?? "", /^text\/javascript/);
    const served = (await reply.text()).split("\n");
    const written = readFileSync(join(root, path), "utf8").split("\n");
    for (const [i, line] of written.entries()) {
      // Spaces replace the types, and an import of a package gets its address.
      if (/ from "/.test(line)) continue;
      const kept = [...(served[i] ?? "")].every(
        (character, column) => character === " " || line[column] === character || character === ";",
      );
      assert.ok(kept, `${path}:${i + 1} is served as ${served[i]}`);
    }
  }
});

test("every module that a module imports is served", async () => {
  const missing = new Set<string>();
  const seen = new Set<string>();
  const visit = async (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    const reply = await get(path);
    if (reply.status !== 200) missing.add(path);
    const imports = [...(await reply.text()).matchAll(/(?<![.\w])(?:from|import) ?"([\w./-]+)"/g)].map(
      ([, target = ""]) => target,
    );
    for (const target of imports) await visit(new URL(target, address + path).pathname);
  };
  for (const entry of ["/web/main.ts", "/web/projector.ts", "/web/teacher.ts"]) await visit(entry);
  assert.ok(seen.size > 50 && seen.has("/lit-html/lit-html.js") && seen.has("/uqr/index.mjs"));
  assert.deepEqual([...missing], []);
});

test("a source map leads from every served word to the same word in the source", async () => {
  const path = "web/chat/conversation/conversation.ts";
  const served = (await (await get(`/${path}`)).text()).split("\n");
  const written = readFileSync(join(root, path), "utf8").split("\n");
  const payload: SourceMapPayload = JSON.parse(await (await get(`/${path}.map`)).text());
  assert.deepEqual(payload.sourcesContent, [written.join("\n")]);
  assert.ok(served.includes("//# sourceMappingURL=conversation.ts.map"));
  const map = new SourceMap(payload);
  let words = 0;
  for (const [line, text] of written.entries()) {
    for (const { index } of (served[line] ?? "").matchAll(/[\w$#]+/g)) {
      if (text[index] === undefined) continue;
      const entry = map.findEntry(line, index);
      assert.ok("originalLine" in entry);
      assert.deepEqual([entry.originalLine, entry.originalColumn], [line, index], `${line + 1}:${index + 1}`);
      words++;
    }
  }
  assert.ok(words > 300);
});

test("the page lists all its modules, and knows that the server is in class mode", async () => {
  for (const [path, entry] of [
    ["/", "main.ts"],
    ["/projector", "projector.ts"],
    ["/teacher", "teacher.ts"],
    ["/?join", "main.ts"],
  ] as const) {
    const reply = await get(path);
    assert.match(reply.headers.get("content-type") ?? "", /^text\/html/);
    const page = await reply.text();
    assert.match(page, /<html lang="en" data-class="on">/);
    assert.ok(page.includes(`src="/web/${entry}"`) && page.includes('modulepreload" href="/web/words/language.ts"'));
    // Scripts must be files: the policy blocks inline scripts.
    assert.doesNotMatch(page, /<script(?![^>]* src=)|\son\w+=|style=/);
  }
});

test("the page may load its own files and send requests to this server, and nothing else", async () => {
  const policy = (await get("/")).headers.get("content-security-policy")?.split("; ") ?? [];
  for (const directive of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"]) {
    assert.ok(policy.includes(directive), directive);
  }
  assert.ok(policy.includes("require-trusted-types-for 'script'"));
  assert.doesNotMatch(policy.join(), /unsafe|https?:|\*|data:/);
});

test("a file is compressed for clients that accept gzip, and not sent again to a client that has it", async () => {
  const first = await get("/web/main.ts");
  assert.equal(first.headers.get("content-encoding"), "gzip");
  const plain = await get("/web/main.ts", { "accept-encoding": "identity" });
  assert.equal(plain.headers.get("content-encoding"), null);
  assert.equal(await plain.text(), await first.text());
  // `q=0` means: do not send this.
  for (const [accepted, encoding] of [
    ["gzip;q=0", null],
    ["br, gzip; q=0.000", null],
    ["gzip;q=0, identity", null],
    ["br;q=0, gzip;q=0.5", "gzip"],
    ["GZIP", "gzip"],
  ] as const) {
    const reply = await get("/web/main.ts", { "accept-encoding": accepted });
    assert.equal(reply.headers.get("content-encoding"), encoding, accepted);
  }
});

test("the compressed file and the plain one have one weak tag, and a client that sends it gets a 304", async () => {
  for (const path of ["/", "/web/main.ts"]) {
    const replies = [
      await get(path, { "accept-encoding": "gzip" }),
      await get(path, { "accept-encoding": "identity" }),
    ];
    const [tag = "", plainTag] = replies.map(({ headers }) => headers.get("etag") ?? "");
    assert.match(tag, /^W\/"[\w-]{43}"$/);
    assert.equal(tag, plainTag);
    const strong = tag.slice(2);
    for (const [known, status] of [
      [tag, 304],
      // Some proxies take the mark of a weak tag away.
      [strong, 304],
      [`"other",W/"another" , ${tag}`, 304],
      ["*", 304],
      ['"other"', 200],
      [strong.slice(1, -1), 200],
      ["", 200],
    ] as const) {
      for (const encoding of ["gzip", "identity"]) {
        const reply = await get(path, { "if-none-match": known, "accept-encoding": encoding });
        assert.equal(reply.status, status, known);
        assert.equal(reply.headers.get("etag"), tag);
        assert.equal(reply.headers.get("vary"), "accept-encoding, origin");
      }
    }
  }
});

test("no other file of the repository or the disk is served", async () => {
  for (const path of [
    "/web/",
    "/web/nothing.ts",
    "/web/tsconfig.json.map",
    "/web/../package.json",
    "/web/..%2fpackage.json",
    "/web/%2e%2e/package.json",
    "/web//etc/passwd",
    "/web/glass/snippets.test.ts",
    "/client/../server/main.ts",
    "/client/event-stream.test.ts",
    "/lit-html/package.json",
    "/server/main.ts",
  ]) {
    assert.equal((await get(path)).status, 404, path);
  }
});

test("every language catalogue is listed with its own name for the language", async () => {
  const codes = globSync("web/languages/*.json", { cwd: root }).map((path) => path.replace(/^.*\/|\.json$/g, ""));
  const listed: { code: string; name: string }[] = JSON.parse(await (await get("/web/languages/index.json")).text());
  assert.deepEqual(listed.map(({ code }) => code).sort(), codes.sort());
  assert.equal(listed.find(({ code }) => code === "de")?.name, "Deutsch");
  for (const code of codes) assert.ok(existsSync(join(root, `web/languages/${code}.json`)));
});
