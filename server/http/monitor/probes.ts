/**
 * Routes for programs that monitor the server: /healthz (is it alive?), /readyz (does it work, and is its data in
 * order?), and /metrics for Prometheus.
 */
import type { FastifyInstance } from "fastify";
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { Live } from "../../live/live.ts";
import { problemOfSecret } from "../../steps/class-secret-problem.ts";
import type { Awaitable } from "../../store/contract.ts";
import type { Store } from "../../store/store.ts";
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
  const registry = createRegistry(parts);
  app.get("/metrics", async (_request, reply) => {
    reply.type(registry.contentType);
    return registry.metrics();
  });
}

/** With damaged files the server is still ready, because it serves everything readable. But somebody must see them. */
async function readiness({ store }: ProbedParts): Promise<Readiness> {
  const secret = await store.secret.read();
  const secretIsReadable = "text" in secret;
  const problem = problemOfSecret(secret);
  const { filesAside, problems } = await store.troubles();
  if (problem !== undefined) problems.unshift(`${problem.what} ${problem.advice}`);
  return { status: secretIsReadable ? 200 : 503, ready: secretIsReadable, filesAside, problems };
}

interface Readiness {
  status: number;
  ready: boolean;
  filesAside: number;
  problems: string[];
}

function createRegistry({ store, live, figures, connections, held, watch }: ProbedParts): Registry {
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
  const gauges: [name: string, help: string, read: () => Awaitable<number | undefined>][] = [
    ["plainchat_users", "Users", async () => (await store.figures()).users],
    ["plainchat_messages", "Messages", async () => (await store.figures()).messages],
    ["plainchat_journal_files", "Files in the journal", async () => (await store.figures()).journalFiles],
    ["plainchat_journal_bytes", "Bytes in the journal", async () => (await store.figures()).journalBytes],
    ["plainchat_journal_events", "Events written since the start", async () => (await store.figures()).events],
    ["plainchat_journal_syncs", "Calls of fdatasync since the start", async () => (await store.figures()).syncs],
    ["plainchat_files_aside", "Damaged files that were moved aside", async () => (await store.troubles()).filesAside],
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
      async collect() {
        const value = await read();
        if (value !== undefined) this.set(value);
      },
    });
  }
  return registry;
}
