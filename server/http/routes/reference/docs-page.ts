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
import { type FastifyInstance, fastify } from "fastify";
import { type StaticFile, sendStaticFile, tagOf } from "../../reply/static-file.ts";
import { openApiDocument } from "./openapi.ts";

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
  /** Four megabytes long. */
  script: StaticFile;
}

/** Adds `GET /openapi.json` and `GET /docs`. */
export async function addDocsPage(app: FastifyInstance): Promise<void> {
  let document: string | undefined;
  app.get("/openapi.json", (_request, reply) => {
    document ??= JSON.stringify(openApiDocument());
    return reply.type("application/json; charset=utf-8").send(document);
  });

  let loading: Promise<Reference> | undefined;
  const load = () => {
    loading ??= loadReference();
    return loading;
  };
  app.get("/docs", async (_request, reply) => {
    const { page, policy } = await load();
    return reply.header("content-security-policy", policy).type("text/html; charset=utf-8").send(page);
  });
  app.get(SCRIPT_PATH, async (request, reply) => sendStaticFile(request, reply, (await load()).script));
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
  const text = NO_MADE_FUNCTIONS + javaScript.body;
  const type = "text/javascript; charset=utf-8";
  const script = { type, text, compressed: await promisify(gzip)(text), tag: tagOf(text) };
  return { page, policy: policyFor(page), script };
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
