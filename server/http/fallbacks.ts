/**
 * The replies to requests that no route answers (404 and 405), and to errors that a route throws. app.ts calls
 * collectMethods() before it adds the first route, and addFallbacks() after the last.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Explain } from "../explain/explain.ts";
import { Refusal } from "../steps/refusal.ts";
import { answerProblem, refuse } from "./answer.ts";
import { nearAddress } from "./near-address.ts";

/**
 * Collects the methods of each address as routes are added. Fastify can be asked for them, but it takes the address in
 * a request for a route pattern, and some texts are not valid patterns.
 */
export function collectMethods(app: FastifyInstance): ReadonlyMap<string, Set<string>> {
  const methodsByPath = new Map<string, Set<string>>();
  app.addHook("onRoute", ({ url, method }) => {
    const methods = methodsByPath.get(url) ?? new Set();
    methodsByPath.set(url, methods);
    for (const each of [method].flat()) methods.add(each);
  });
  return methodsByPath;
}

export function addFallbacks(
  app: FastifyInstance,
  methodsByPath: ReadonlyMap<string, Set<string>>,
  explain: Explain,
): void {
  const answerUnknown = (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const path = request.url.split("?", 1)[0] ?? "";
    const allowed = [...(methodsByPath.get(path) ?? [])].sort();
    if (allowed.length === 0) {
      const near = nearAddress(path, methodsByPath.keys());
      const hint = near === undefined ? "See /docs for all addresses." : `Did you mean \`${near}\`?`;
      return refuse(explain, request, reply, new Refusal(404, `There is nothing at this address. ${hint}`));
    }
    reply.header("allow", allowed.join(", "));
    return refuse(explain, request, reply, new Refusal(405, `This address accepts only ${allowed.join(", ")}.`));
  };
  app.addHook("preParsing", (request, reply, _payload, done) => {
    // This client waits with its body until the server asks for it.
    if (request.is404 && request.headers.expect !== undefined) void answerUnknown(request, reply);
    else done();
  });
  app.setNotFoundHandler(answerUnknown);
  app.setErrorHandler((error, request, reply) => {
    if (request.is404) void refuse(explain, request, reply, error);
    else answerProblem(reply, error);
  });
}
