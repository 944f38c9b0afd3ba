/**
 * Serves the OpenAPI document: as JSON, and as a page where you can read every call and try it. The page is Swagger UI.
 * It works without the internet: its script and its styles come from the package, through this server, and a policy
 * forbids it to talk to any other host.
 *
 * The files are read when somebody first opens the page, not when the server starts: most servers never show it.
 */
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { FastifyInstance } from "fastify";
import { type StaticFile, sendStaticFile, staticFile } from "../../reply/static-file.ts";
import { ADDRESS, openApiDocument } from "./openapi.ts";

/** https://swagger.io/docs/open-source-tools/swagger-ui/usage/configuration/ */
const CONFIGURATION = {
  url: "/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  defaultModelsExpandDepth: -1,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  // It would show the document to another host.
  validatorUrl: null,
};

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>plainchat: all calls</title>
    <link rel="icon" href="/favicon.ico">
    <link rel="stylesheet" href="/docs/reference.css">
  </head>
  <body>
    <div id="reference"></div>
    <noscript>This page needs JavaScript. The document that it shows is at <a href="/openapi.json">/openapi.json</a>.</noscript>
    <script src="/docs/reference.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

/**
 * What the page may do: run its own scripts and talk to this server. Nothing else. Styles inside elements are allowed
 * because Swagger UI writes some; without scripts they do no harm.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The header `Host`, a name or an address with perhaps a port. A client can send anything there. */
const HOST = /^(?:[\w.-]{1,255}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i;

/** The document is kept for as many addresses. A class needs two or three; a client can send any. */
const MAX_DOCUMENTS = 8;

const JAVASCRIPT = "text/javascript; charset=utf-8";

/**
 * Starts Swagger UI. The document names the address at which the server was reached. The page was perhaps opened at
 * another one, that of a proxy, and may send requests only there.
 */
const START = `const configuration = ${JSON.stringify(CONFIGURATION)};
configuration.responseInterceptor = (reply) => {
  if (reply.url.endsWith(configuration.url)) {
    reply.text = reply.text.replaceAll(JSON.parse(reply.text).servers[0].url, location.origin);
  }
  return reply;
};
SwaggerUIBundle(configuration);
`;

/** The files that the page loads. Each is made once. */
const FILES: Record<string, { type: string; read: () => Promise<string> | string }> = {
  "/docs/reference.js": { type: JAVASCRIPT, read: () => readFromPackage("swagger-ui-bundle.js") },
  "/docs/reference.css": { type: "text/css; charset=utf-8", read: () => readFromPackage("swagger-ui.css") },
  "/docs/start.js": { type: JAVASCRIPT, read: () => START },
};

/** Adds `GET /openapi.json`, `GET /docs`, and what that page loads. */
export function addDocsPage(app: FastifyInstance): void {
  const documents = new Map<string, Promise<StaticFile>>();
  app.get("/openapi.json", async (request, reply) => {
    const { host, protocol } = request;
    const address = HOST.test(host) ? `${protocol === "https" ? protocol : "http"}://${host}` : ADDRESS;
    const document = documents.get(address) ?? documentFor(address);
    if (documents.size >= MAX_DOCUMENTS) documents.clear();
    documents.set(address, document);
    return sendStaticFile(request, reply, await document);
  });
  app.get("/docs", (_request, reply) =>
    reply.header("content-security-policy", POLICY).type("text/html; charset=utf-8").send(PAGE),
  );
  for (const [path, { type, read }] of Object.entries(FILES)) {
    let file: Promise<StaticFile> | undefined;
    app.get(path, async (request, reply) => {
      // Fifty clients may ask before the first of them has it. A file that could not be read is tried again.
      file ??= load(type, read).catch((error) => {
        file = undefined;
        throw error;
      });
      return sendStaticFile(request, reply, await file);
    });
  }
}

function documentFor(address: string): Promise<StaticFile> {
  return load("application/json; charset=utf-8", () => JSON.stringify(openApiDocument()).replaceAll(ADDRESS, address));
}

async function load(type: string, read: () => Promise<string> | string): Promise<StaticFile> {
  const text = await read();
  return staticFile(type, text, await promisify(gzip)(text));
}

function readFromPackage(name: string): Promise<string> {
  return readFile(new URL(import.meta.resolve(`swagger-ui-dist/${name}`)), "utf8");
}
