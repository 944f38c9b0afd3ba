/**
 * The routes for explain. `GET /api/v1/explain/{id}` shows what the server did with one request. In class mode,
 * `GET /api/v1/explain` streams the same for every request as it happens; with `wait` it is a short reply instead. The
 * teacher, who sends the teacher's key, sees more in both.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { collectEvents } from "../../explain/collected-events.ts";
import { type Explain, MAX_ASKED_FOR, MAX_OTHERS } from "../../explain/explain.ts";
import { wrongTeacherKey } from "../../operations/refusals.ts";
import { Refusal } from "../../steps/refusal.ts";
import type { Awaitable, Confidential } from "../../store/contract.ts";
import { beginEventStream } from "../reply/stream.ts";

/** The most seconds for which one reply collects events. */
const MAX_WAIT_SECONDS = 10;

interface Parts {
  /** Whether the data have other servers, which keep traces of their own. */
  isShared: boolean;
  /** What counts as one address: of an IPv6 network, only the first half. */
  addressOf: (request: FastifyRequest) => string;
  /** The teacher's key. Undefined if the server is not in class mode. */
  openTeacherKey: (() => Awaitable<Confidential>) | undefined;
  /** Makes a client wait that guesses keys. */
  countWrongKey: (request: FastifyRequest) => Promise<void>;
}

export function addExplainRoutes(
  app: FastifyInstance,
  explain: Explain,
  { isShared, addressOf, openTeacherKey, countWrongKey }: Parts,
): void {
  app.get<{ Params: { id: string } }>("/api/v1/explain/:id", async (request, reply) => {
    const key = bearerOf(request);
    const isTeacher = key !== undefined && (await openTeacherKey?.())?.matches(key) === true;
    const trace = await explain.trace(request.params.id, isTeacher);
    if (trace === undefined) {
      throw new Refusal(
        404,
        `There is no such trace, or no longer. The server keeps ${MAX_ASKED_FOR} traces of requests that asked for one, ` +
          `and ${MAX_OTHERS} others, until it stops.` +
          (isShared ? " Each server has its own traces: ask the one that answered the request." : ""),
      );
    }
    return reply.type("application/json; charset=utf-8").send(`${trace}\n`);
  });
  app.get("/api/v1/explain", async (request, reply) => {
    const { feed } = explain;
    if (feed === undefined) {
      throw new Refusal(
        404,
        "You can see other people's requests only in class mode. To start it: npm start -- --class",
      );
    }
    const key = bearerOf(request);
    const isTeacher = key === undefined ? undefined : async () => (await openTeacherKey?.())?.matches(key) === true;
    if ((await isTeacher?.()) === false) {
      await countWrongKey(request);
      throw wrongTeacherKey();
    }
    const address = addressOf(request);
    const seconds = waitOf(request);
    feed.mustHaveRoom(address);
    if (seconds !== undefined && request.method !== "HEAD") {
      const gone = new AbortController();
      reply.raw.once("close", () => gone.abort());
      const begin = (outlet: Parameters<typeof feed.add>[0]) => feed.add(outlet, address, isTeacher);
      const events = await collectEvents(seconds, begin, gone.signal);
      return events === undefined ? reply.hijack() : reply.type("text/plain; charset=utf-8").send(events);
    }
    const outlet = beginEventStream(request, reply);
    if (outlet !== undefined) feed.add(outlet, address, isTeacher);
    return reply;
  });
  app.addHook("preClose", (done) => {
    explain.feed?.close();
    done();
  });
}

/** Undefined for a stream. @throws {Refusal} 400 */
function waitOf({ query }: FastifyRequest): number | undefined {
  const { wait } = query as { wait?: unknown };
  if (wait === undefined) return undefined;
  const seconds = typeof wait === "string" && /^\d{1,2}$/.test(wait) ? Number(wait) : 0;
  if (seconds >= 1 && seconds <= MAX_WAIT_SECONDS) return seconds;
  throw new Refusal(400, `\`wait\` must be a whole number of seconds from 1 to ${MAX_WAIT_SECONDS}.`, "wait");
}

function bearerOf({ headers }: FastifyRequest): string | undefined {
  return /^bearer +([\x21-\x7e]+)$/i.exec(headers.authorization ?? "")?.[1];
}
