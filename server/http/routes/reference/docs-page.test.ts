/**
 * The page with all calls must work without the internet, so everything that it needs must come from this server. These
 * tests check what they can without a browser.
 */
import assert from "node:assert/strict";
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
  addDocsPage(app);
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
  const addresses = [...page.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, found = ""]) => found);
  assert.deepEqual(addresses, [
    "/favicon.ico",
    "/docs/reference.css",
    "/openapi.json",
    "/docs/reference.js",
    "/docs/start.js",
  ]);
  for (const each of addresses.slice(1)) assert.equal((await fetch(new URL(each, address))).status, 200, each);
});

test("GET /docs/start.js shows our document, and sends it to no other host", async () => {
  const script = await (await fetch(`${address}/docs/start.js`)).text();
  const configuration = JSON.parse(/^SwaggerUIBundle\((\{.*\})\);\n$/.exec(script)?.[1] ?? assert.fail(script));
  assert.equal(configuration.url, "/openapi.json");
  assert.equal(configuration.validatorUrl, null);
});

test("GET /docs has a policy that allows only its own scripts, and only requests to this server", async () => {
  const reply = await fetch(`${address}/docs`);
  const directives = (reply.headers.get("content-security-policy") ?? "").split("; ");
  for (const wanted of ["default-src 'none'", "script-src 'self'", "connect-src 'self'"]) {
    assert.ok(directives.includes(wanted), directives.join("; "));
  }
  assert.doesNotMatch(directives.join("; "), /https?:|\*|unsafe-eval/);
  assert.doesNotMatch(await reply.text(), /<script[^>]*>[^<]/, "no script inside the page");
});

for (const [path, type] of [
  ["/docs/reference.js", "text/javascript; charset=utf-8"],
  ["/docs/reference.css", "text/css; charset=utf-8"],
] as const) {
  test(`GET ${path} is compressed, and is not sent again to a browser that has it`, async () => {
    const first = await fetch(`${address}${path}`);
    const etag = first.headers.get("etag") ?? "";
    assert.equal(first.headers.get("content-encoding"), "gzip");
    assert.equal(first.headers.get("content-type"), type);
    const plain = await fetch(`${address}${path}`, { headers: { "accept-encoding": "identity" } });
    assert.equal(plain.headers.get("content-encoding"), null);
    const never = await fetch(`${address}${path}`, { headers: { "accept-encoding": "gzip;q=0" } });
    assert.equal(never.headers.get("content-encoding"), null);
    const text = await first.text();
    assert.equal(await plain.text(), text);
    assert.equal(await never.text(), text);
    const again = await fetch(`${address}${path}`, { headers: { "if-none-match": etag } });
    assert.equal(again.status, 304);
  });
}
