/**
 * The page with all calls must work without the internet, so everything that it needs must come from this server. These
 * tests check what they can without a browser.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { runInNewContext } from "node:vm";
import { type FastifyInstance, fastify } from "fastify";
import { addDocsPage } from "./docs-page.ts";
import { ADDRESS, openApiDocument } from "./openapi.ts";

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

/** The document as a client gets it that calls the server by this name. */
async function documentAt(host: string): Promise<{ text: string; type: string }> {
  const request = httpRequest(`${address}/openapi.json`, { headers: { host } }).end();
  const [reply] = (await once(request, "response")) as [IncomingMessage];
  return { text: await text(reply), type: reply.headers["content-type"] ?? "" };
}

test("GET /openapi.json is the document, with the address at which the client reaches the server", async () => {
  const original = JSON.stringify(openApiDocument());
  assert.ok(original.split(ADDRESS).length > 10, "the server, the contact, and a command for each call");
  for (const host of ["127.0.0.1:8080", "localhost:4711", "192.168.1.20", "chat.example.org", "[::1]:8080"]) {
    const { text, type } = await documentAt(host);
    assert.match(type, /^application\/json/);
    assert.ok(text === original.replaceAll(ADDRESS, `http://${host}`), host);
    assert.equal(JSON.parse(text).servers[0].url, `http://${host}`);
  }
});

test("a `Host` that is none does not get into GET /openapi.json", async () => {
  for (const host of ["a b", 'x"y', "x</script>", "user@host", "x/y", "x#y", "x\\y", "a:b:c", "x".repeat(300)]) {
    const { text } = await documentAt(host);
    assert.ok(text === JSON.stringify(openApiDocument()), host);
  }
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
  const configuration: Record<string, unknown> = {};
  const page = {
    SwaggerUIBundle: (given: object) => Object.assign(configuration, given),
    location: { origin: "https://here" },
  };
  runInNewContext(script, page);
  assert.equal(configuration.url, "/openapi.json");
  assert.equal(configuration.validatorUrl, null);
  // A proxy may have another address than the server knows, and only the browser knows that it uses https.
  const reply = { url: "https://here/openapi.json", text: JSON.stringify(openApiDocument()) };
  const { responseInterceptor } = configuration as { responseInterceptor: (reply: object) => object };
  assert.equal(responseInterceptor(reply), reply);
  assert.ok(reply.text === JSON.stringify(openApiDocument()).replaceAll(ADDRESS, "https://here"));
  const other = { url: "https://here/api/v1/chat", text: "{}" };
  assert.deepEqual(responseInterceptor(other), { url: "https://here/api/v1/chat", text: "{}" });
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
  ["/openapi.json", "application/json; charset=utf-8"],
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
    for (const encoding of ["gzip", "identity"]) {
      const headers = { "if-none-match": etag, "accept-encoding": encoding };
      assert.equal((await fetch(`${address}${path}`, { headers })).status, 304);
    }
  });
}
