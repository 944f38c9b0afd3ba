/**
 * Serves the OpenAPI document: as it is, and as a page on which every call can be read and tried. The page is Scalar's,
 * and it works without the internet: its script comes from the package, by way of this server, and a policy forbids it
 * to talk to any other host.
 *
 * The package is loaded when somebody first asks for the page, not when the server starts: it takes 40 MB of memory and
 * a sixth of a second, and most servers never show it.
 */
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { ApiReferenceConfiguration } from "@scalar/fastify-api-reference";
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from "fastify";
import { openApiDocument } from "./openapi.ts";

/** Whether a client takes gzip; with `q=0` it says that it does not. */
const TAKES_GZIP = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i;
const SCRIPT_PATH = "/docs/scalar.js";

const CONFIGURATION: Partial<ApiReferenceConfiguration> = {
  pageTitle: "plainchat: all calls",
  url: "/openapi.json",
  cdn: SCRIPT_PATH,
  authentication: { preferredSecurityScheme: "basic" },
  defaultOpenAllTags: true,
  orderSchemaPropertiesBy: "preserve",
  // Everything below would call another host, or offer a button that does.
  withDefaultFonts: false,
  telemetry: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  showDeveloperTools: "never",
};

/** Keeps Scalar's checks of inputs from making functions out of text to be faster, which the policy forbids. */
const NO_MADE_FUNCTIONS = "globalThis.__zod_globalConfig = { jitless: true };\n";

interface Reference {
  page: string;
  policy: string;
  script: string;
  scriptCompressed: Buffer;
  scriptTag: string;
}

/** Adds `GET /openapi.json` and `GET /docs`. */
export async function addDocsPage(app: FastifyInstance): Promise<void> {
  const document = JSON.stringify(openApiDocument());
  app.get("/openapi.json", (_request, reply) => reply.type("application/json; charset=utf-8").send(document));

  let loading: Promise<Reference> | undefined;
  const load = () => {
    loading ??= loadReference();
    return loading;
  };
  app.get("/docs", async (_request, reply) => {
    const { page, policy } = await load();
    return reply.header("content-security-policy", policy).type("text/html; charset=utf-8").send(page);
  });
  app.get(SCRIPT_PATH, async (request, reply) => sendScript(request, reply, await load()));
}

/** The script has four megabytes: sent compressed, and only to browsers that do not have it yet. */
function sendScript(request: FastifyRequest, reply: FastifyReply, reference: Reference): FastifyReply {
  const { script, scriptCompressed, scriptTag } = reference;
  reply.headers({ etag: scriptTag, "cache-control": "no-cache", vary: "accept-encoding" });
  if (request.headers["if-none-match"] === scriptTag) return reply.code(304).send();
  reply.type("text/javascript; charset=utf-8");
  if (!TAKES_GZIP.test(request.headers["accept-encoding"] ?? "")) return reply.send(script);
  return reply.header("content-encoding", "gzip").send(scriptCompressed);
}

/**
 * Takes the page and its script out of the package. It gives them only as routes of a Fastify server, and routes cannot
 * be added to a server that runs: so they are asked of a server that nobody else sees.
 */
async function loadReference(): Promise<Reference> {
  const { default: scalar } = await import("@scalar/fastify-api-reference");
  const server = fastify();
  server.register(scalar, { routePrefix: "/docs", configuration: CONFIGURATION });
  const html = await server.inject("/docs/");
  const javaScript = await server.inject("/docs/js/scalar.js");
  await server.close();
  const page = html.body.replace("<html>", '<html lang="en">');
  const script = NO_MADE_FUNCTIONS + javaScript.body;
  const scriptCompressed = await promisify(gzip)(script);
  return { page, policy: policyFor(page), script, scriptCompressed, scriptTag: `"${sha256(script)}"` };
}

/**
 * What the page may do: run its script and the one line that starts it, and talk to this server. Nothing else.
 * Styles are let in because Scalar writes them into its elements; without scripts they can do no harm.
 */
function policyFor(page: string): string {
  const inline = /<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(page)?.[1];
  if (inline === undefined) throw new Error("The page of the API reference has no script that starts it");
  return [
    "default-src 'none'",
    `script-src 'self' 'sha256-${sha256(inline)}'`,
    "style-src 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}
