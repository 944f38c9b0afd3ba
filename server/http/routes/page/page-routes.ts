/**
 * Serves the pages: `/` to chat, `/projector` for the class, `/teacher` for who leads it, `/learn` for the course, and the files that they load.
 * Each file has the same name as in the repository.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { noClass } from "../../../operations/refusals.ts";
import { Refusal } from "../../../steps/refusal.ts";
import { sendStaticFile } from "../../reply/static-file.ts";
import { PageFiles } from "./page-files.ts";

/** The page may load its own files and send requests to this server. Only lit-html may turn text into markup. */
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
  "/": "/web/pages/index.html",
  "/projector": "/web/pages/projector.html",
  "/teacher": "/web/pages/teacher.html",
  "/favicon.ico": "/web/pages/favicon.svg",
};
/** Only in class mode. */
const COURSE = "/web/pages/learn.html";
const FOLDERS = ["/web/*", "/client/*", "/lit-html/*", "/uqr/*"];

export function addPage(app: FastifyInstance, { isClass }: { isClass: boolean }): void {
  const files = new PageFiles({ isClass });
  for (const [path, address] of Object.entries(PAGES)) {
    app.get(path, (request, reply) => send(files, address, request, reply));
  }
  app.get("/learn", (request, reply) => {
    if (!isClass) throw noClass();
    return send(files, COURSE, request, reply);
  });
  for (const path of FOLDERS) {
    app.get(path, (request, reply) => send(files, request.url.split("?", 1)[0] ?? "", request, reply));
  }
}

async function send(
  files: PageFiles,
  address: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const file = await files.get(address);
  if (file === undefined) throw new Refusal(404, "The page has no such file.");
  if (file.type.startsWith("text/html")) reply.header("content-security-policy", POLICY);
  return sendStaticFile(request, reply, file);
}
