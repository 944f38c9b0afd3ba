/**
 * Routes for programs that monitor the server: /healthz (is it alive?), /readyz (does it work, and is its data in
 * order?), and /metrics for Prometheus. All three answer while the database is away: that is when somebody looks.
 */
import type { FastifyInstance } from "fastify";
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { Live } from "../../live/live.ts";
import { problemOfSecret } from "../../steps/class-secret-problem.ts";
import type { Store, StoreFigures } from "../../store/store.ts";
import { DatabaseAwayError } from "../../store/store-errors.ts";
import type { RequestFigures } from "./request-figures.ts";

interface ProbedParts {
  store: Pick<Store, "figures" | "troubles" | "secret" | "folderTag">;
  live: Live;
  figures: RequestFigures;
  connections: { count: number; letGo: number };
  held: { total: number };
  watch: { letGo: number };
}

export function addProbes(app: FastifyInstance, parts: ProbedParts): void {
  app.get("/healthz", () => ({ status: "ok" }));
  app.get("/readyz", async (_request, reply) => {
    const { status, ...body } = await readiness(parts);
    if (parts.store.folderTag !== undefined) reply.header("data-folder", parts.store.folderTag);
    return reply.code(status).send(body);
  });
  const stored: Stored = { figures: {}, filesAside: undefined, isAway: false };
  const registry = createRegistry(parts, stored);
  app.get("/metrics", async (_request, reply) => {
    Object.assign(stored, await readStored(parts));
    reply.type(registry.contentType);
    return registry.metrics();
  });
}

/** What the store has said for this reply of /metrics. */
interface Stored {
  figures: Partial<StoreFigures>;
  filesAside: number | undefined;
  isAway: boolean;
}

/** Asks the store once for all figures. Without the database there are none: a zero would be a lie. */
async function readStored({ store }: ProbedParts): Promise<Stored> {
  try {
    const { filesAside } = await store.troubles();
    return { figures: await store.figures(), filesAside, isAway: false };
  } catch (error) {
    if (!(error instanceof DatabaseAwayError)) throw error;
    return { figures: {}, filesAside: undefined, isAway: true };
  }
}

/** With damaged files the server is still ready, because it serves everything readable. But somebody must see them. */
async function readiness({ store }: ProbedParts): Promise<Readiness> {
  const secret = await readSecret(store);
  // The log has the details. They may say where the database is, and anybody may ask here.
  if (secret === "away") {
    const problems = ["The server cannot use its database at the moment. Its log says why."];
    return { status: 503, ready: false, filesAside: 0, problems };
  }
  const secretIsReadable = "text" in secret;
  const problem = problemOfSecret(secret);
  const { filesAside, problems } = await store.troubles();
  if (problem !== undefined) problems.unshift(`${problem.what} ${problem.advice}`);
  return { status: secretIsReadable ? 200 : 503, ready: secretIsReadable, filesAside, problems };
}

async function readSecret({ secret }: ProbedParts["store"]) {
  try {
    return await secret.read();
  } catch (error) {
    if (error instanceof DatabaseAwayError) return "away";
    throw error;
  }
}

interface Readiness {
  status: number;
  ready: boolean;
  filesAside: number;
  problems: string[];
}

function createRegistry({ live, figures, connections, held, watch }: ProbedParts, stored: Stored): Registry {
  const registry = new Registry();
  // In milliseconds. The default of 10 would wake the process a hundred times a second, even when nobody uses it.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
  const registers = [registry];
  new Counter({
    name: "plainchat_requests_total",
    help: "Requests answered, by operation and status",
    labelNames: ["operation", "status"],
    registers,
    collect() {
      this.reset();
      for (const [operation, byStatus] of figures.counts) {
        for (const [status, count] of byStatus) this.inc({ operation, status }, count);
      }
    },
  });
  new Counter({
    name: "plainchat_request_seconds_total",
    help: "Time from the request's headers to its reply, by operation, in seconds",
    labelNames: ["operation"],
    registers,
    collect() {
      this.reset();
      for (const [operation, milliseconds] of figures.milliseconds) this.inc({ operation }, milliseconds / 1000);
    },
  });
  const gauges: [name: string, help: string, read: () => number | undefined][] = [
    ["plainchat_users", "Users", () => stored.figures.users],
    ["plainchat_messages", "Messages", () => stored.figures.messages],
    ["plainchat_journal_files", "Files in the journal", () => stored.figures.journalFiles],
    ["plainchat_journal_bytes", "Bytes in the journal", () => stored.figures.journalBytes],
    ["plainchat_journal_events", "Events written since the start", () => stored.figures.events],
    ["plainchat_journal_syncs", "Calls of fdatasync since the start", () => stored.figures.syncs],
    ["plainchat_files_aside", "Damaged files that were moved aside", () => stored.filesAside],
    ["plainchat_database_away", "1 while the server cannot use its database", () => Number(stored.isAway)],
    [
      "plainchat_not_durable",
      "1 if --not-durable allows settings of the database that can lose what was acknowledged",
      () => (stored.isAway ? undefined : Number(stored.figures.mayLose === true)),
    ],
    ["plainchat_waiting_fetches", "Fetches that wait for a message", () => live.arrivals.waiting],
    ["plainchat_streams", "Open streams", () => live.listeners.count],
    ["plainchat_streams_let_go", "Streams closed because their client did not read", () => live.listeners.letGo],
    ["plainchat_connections", "Open connections", () => connections.count],
    ["plainchat_connections_let_go", "Connections closed because there were too many", () => connections.letGo],
    ["plainchat_held_bytes", "Bytes held for unfinished requests and untaken replies", () => held.total],
    ["plainchat_replies_let_go", "Connections closed because nobody took the reply", () => watch.letGo],
  ];
  for (const [name, help, read] of gauges) {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        const value = read();
        if (value === undefined) this.remove();
        else this.set(value);
      },
    });
  }
  return registry;
}
