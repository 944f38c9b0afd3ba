/**
 * `GET /api/v1/explain/{id}`: what the server did with one request. `GET /api/v1/explain`: the same of every request, as
 * it happens, in class mode.
 */
import type { FastifyInstance } from "fastify";
import type { Explain } from "../../explain/explain.ts";
import { MAX_TRACES } from "../../explain/explain.ts";
import { Refusal } from "../../steps/refusal.ts";
import { beginEventStream } from "../reply/stream.ts";

export function addExplainRoutes(app: FastifyInstance, explain: Explain): void {
  app.get<{ Params: { id: string } }>("/api/v1/explain/:id", (request, reply) => {
    const trace = explain.trace(request.params.id);
    if (trace === undefined) {
      throw new Refusal(404, `There is no such trace. Only the last ${MAX_TRACES} are kept, until the server stops.`);
    }
    reply.type("application/json; charset=utf-8").send(`${trace}\n`);
  });
  app.get("/api/v1/explain", (request, reply) => {
    const { feed } = explain;
    if (feed === undefined) {
      throw new Refusal(404, "What others do is shown in class mode only: npm start -- --class");
    }
    feed.mustHaveRoom();
    const outlet = beginEventStream(request, reply);
    if (outlet !== undefined) feed.add(outlet);
  });
  app.addHook("preClose", (done) => {
    explain.feed?.close();
    done();
  });
}
