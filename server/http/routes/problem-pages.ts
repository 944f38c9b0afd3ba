/**
 * The pages that the `type` of a problem reply points to. They say what happened and what to do about it.
 */
import type { FastifyInstance } from "fastify";
import { Refusal } from "../../steps/refusal.ts";
import { PROBLEM_TYPES, type ProblemType } from "../reply/problem-types.ts";

export function addProblemPages(app: FastifyInstance): void {
  app.get<{ Params: { slug: string } }>("/problems/:slug", (request, reply) => {
    const type = PROBLEM_TYPES.find(({ slug }) => slug === request.params.slug);
    if (type === undefined) throw new Refusal(404, "There is no such kind of problem.");
    reply.type("text/html; charset=utf-8").send(page(type));
  });
}

function page({ status, title, meaning }: ProblemType): string {
  const text = meaning.replace(/`([^`]+)`/g, "<code>$1</code>");
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${status} ${title}</title>
<h1>${status} ${title}</h1>
<p>${text}</p>
<p><a href="/docs">All calls of this server</a></p>
</html>
`;
}
