/**
 * Serves the page: `/` to chat, `/projector` for the class, and the files that they load, each under the name that it
 * has in the repository.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Refusal } from "../../../steps/refusal.ts";
import { PageFiles } from "./page-files.ts";

/** What a page may do: load its own files, and ask this server. Text never becomes markup, except what lit-html wrote. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types lit-html",
].join("; ");

const PAGES: Record<string, string> = {
  "/": "/web/index.html",
  "/projector": "/web/projector.html",
  "/favicon.ico": "/web/favicon.svg",
};
/** Whether a client takes gzip; with `q=0` it says that it does not. */
const TAKES_GZIP = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i;
const FOLDERS = ["/web/*", "/client/*", "/lit-html/*", "/uqr/*"];

export function addPage(app: FastifyInstance, { isClass }: { isClass: boolean }): void {
  const files = new PageFiles({ isClass });
  for (const [path, address] of Object.entries(PAGES)) {
    app.get(path, (request, reply) => send(files, address, request, reply));
  }
  for (const path of FOLDERS) {
    app.get(path, (request, reply) => send(files, request.url.split("?", 1)[0] ?? "", request, reply));
  }
}

/** Sends a file: compressed where the browser can read that, and not again where it has it already. */
async function send(
  files: PageFiles,
  address: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const file = await files.get(address);
  if (file === undefined) throw new Refusal(404, "The page has no such file.");
  const { type, text, compressed, tag } = file;
  reply.headers({ etag: tag, "cache-control": "no-cache", vary: "accept-encoding" });
  if (type.startsWith("text/html")) reply.header("content-security-policy", POLICY);
  if (request.headers["if-none-match"] === tag) return reply.code(304).send();
  reply.type(type);
  if (!TAKES_GZIP.test(request.headers["accept-encoding"] ?? "")) return reply.send(text);
  return reply.header("content-encoding", "gzip").send(Buffer.from(compressed));
}
