/**
 * The page with all calls must work without the internet, so everything that it needs must come from this server. These
 * tests check what they can without a browser.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { type FastifyInstance, fastify } from "fastify";
import { addDocsPage } from "./docs-page.ts";
import { openApiDocument } from "./openapi.ts";

const DEFAULT_POLICY = "default-src 'none'; frame-ancestors 'none'";

let app: FastifyInstance;
let address: string;

before(async () => {
  app = fastify();
  app.addHook("onRequest", async (_request, reply) => {
    reply.header("content-security-policy", DEFAULT_POLICY);
  });
  await addDocsPage(app);
  address = await app.listen({ host: "127.0.0.1", port: 0 });
});

after(() => app.close());

test("GET /openapi.json is the document", async () => {
  const reply = await fetch(`${address}/openapi.json`);
  assert.match(reply.headers.get("content-type") ?? "", /^application\/json/);
  assert.deepEqual(await reply.json(), JSON.parse(JSON.stringify(openApiDocument())));
});

test("GET /docs is a page that needs nothing from another host", async () => {
  const reply = await fetch(`${address}/docs`);
  assert.equal(reply.status, 200);
  assert.match(reply.headers.get("content-type") ?? "", /^text\/html/);
  const page = await reply.text();
  assert.doesNotMatch(page, /\w+:\/\//);
  const addresses = [...page.matchAll(/(?:src|href|"url")(?:=|: )"([^"]+)"/g)].map(([, found = ""]) => found);
  assert.deepEqual(addresses, ["/docs/scalar.js", "/openapi.json"]);
  for (const each of addresses) assert.equal((await fetch(new URL(each, address))).status, 200, each);
});

test("GET /docs turns off everything that would call another host", async () => {
  const page = await (await fetch(`${address}/docs`)).text();
  const configuration = JSON.parse(/createApiReference\('#app', (\{[\s\S]*\})\)/.exec(page)?.[1] ?? "");
  assert.equal(configuration.withDefaultFonts, false);
  assert.equal(configuration.telemetry, false);
  assert.equal(configuration.hideClientButton, true);
  assert.equal(configuration.showDeveloperTools, "never");
  assert.deepEqual(configuration.agent, { disabled: true });
  assert.deepEqual(configuration.mcp, { disabled: true });
  assert.equal(configuration.proxyUrl, undefined);
});

test("GET /docs has a policy that allows only its own scripts, and only requests to this server", async () => {
  const reply = await fetch(`${address}/docs`);
  const policy = reply.headers.get("content-security-policy") ?? "";
  const inline = [...(await reply.text()).matchAll(/<script[^>]*>([^<]+)<\/script>/g)].map(([, script = ""]) => script);
  const hashes = inline.map((script) => `'sha256-${createHash("sha256").update(script).digest("base64")}'`);
  assert.equal(hashes.length, 1);
  const directives = policy.split("; ");
  assert.ok(directives.includes(`script-src 'self' ${hashes[0]}`), policy);
  assert.ok(directives.includes("default-src 'none'"), policy);
  assert.ok(directives.includes("connect-src 'self'"), policy);
  assert.doesNotMatch(policy, /https?:|\*|unsafe-eval/);
});

test("GET /docs/scalar.js is compressed, and is not sent again to a browser that has it", async () => {
  const first = await fetch(`${address}/docs/scalar.js`);
  const etag = first.headers.get("etag") ?? "";
  assert.equal(first.headers.get("content-encoding"), "gzip");
  assert.equal(first.headers.get("content-type"), "text/javascript; charset=utf-8");
  const plain = await fetch(`${address}/docs/scalar.js`, { headers: { "accept-encoding": "identity" } });
  assert.equal(plain.headers.get("content-encoding"), null);
  const never = await fetch(`${address}/docs/scalar.js`, { headers: { "accept-encoding": "gzip;q=0" } });
  assert.equal(never.headers.get("content-encoding"), null);
  const text = await first.text();
  assert.equal(await plain.text(), text);
  assert.equal(await never.text(), text);
  const again = await fetch(`${address}/docs/scalar.js`, { headers: { "if-none-match": etag } });
  assert.equal(again.status, 304);
});
