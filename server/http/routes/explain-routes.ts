/**
 * The routes for explain. `GET /api/v1/explain/{id}` shows what the server did with one request. In class mode,
 * `GET /api/v1/explain` streams the same for every request as it happens.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { type Explain, MAX_ASKED_FOR, MAX_OTHERS } from "../../explain/explain.ts";
import { Refusal } from "../../steps/refusal.ts";
import { beginEventStream } from "../reply/stream.ts";

/** @param addressOf what counts as one address: of an IPv6 network, only the first half. */
export function addExplainRoutes(
  app: FastifyInstance,
  explain: Explain,
  addressOf: (request: FastifyRequest) => string,
): void {
  app.get<{ Params: { id: string } }>("/api/v1/explain/:id", (request, reply) => {
    const trace = explain.trace(request.params.id);
    if (trace === undefined) {
      throw new Refusal(
        404,
        `There is no such trace, or no longer. The server keeps ${MAX_ASKED_FOR} traces of requests that asked for one, ` +
          `and ${MAX_OTHERS} others, until it stops.`,
      );
    }
    reply.type("application/json; charset=utf-8").send(`${trace}\n`);
  });
  app.get("/api/v1/explain", (request, reply) => {
    const { feed } = explain;
    if (feed === undefined) {
      throw new Refusal(
        404,
        "You can see other people's requests only in class mode. To start it: npm start -- --class",
      );
    }
    const address = addressOf(request);
    feed.mustHaveRoom(address);
    const outlet = beginEventStream(request, reply);
    if (outlet !== undefined) feed.add(outlet, address);
  });
  app.addHook("preClose", (done) => {
    explain.feed?.close();
    done();
  });
}
