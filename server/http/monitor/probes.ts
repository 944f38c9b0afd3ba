/**
 * What is asked by machines that look after the server: /healthz (is it alive), /readyz (does it do its work, and is
 * everything in order with its data), and /metrics for Prometheus.
 */
import type { FastifyInstance } from "fastify";
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { Live } from "../../live/live.ts";
import { problemOfSecret } from "../../steps/checks.ts";
import type { Store } from "../../store/open-store.ts";
import type { RequestFigures } from "./request-figures.ts";

export interface ProbedParts {
  store: Pick<Store, "figures" | "filesAside" | "secret">;
  live: Live;
  figures: RequestFigures;
}

export function addProbes(app: FastifyInstance, parts: ProbedParts): void {
  app.get("/healthz", () => ({ status: "ok" }));
  app.get("/readyz", (_request, reply) => {
    const { status, ...body } = readiness(parts);
    reply.code(status).send(body);
  });
  const registry = createRegistry(parts);
  app.get("/metrics", async (_request, reply) => {
    reply.type(registry.contentType);
    return registry.metrics();
  });
}

/** Damaged files are no reason to turn anybody away: what is readable is served. But they must be seen. */
function readiness({ store }: ProbedParts): { status: number; ready: boolean; filesAside: number; problems: string[] } {
  const problems: string[] = [];
  const secret = store.secret.open()?.text;
  const secretIsReadable = secret !== undefined;
  const problem = problemOfSecret(secret);
  if (problem !== undefined) problems.push(problem);
  if (store.filesAside > 0) {
    problems.push("Damaged files are set aside in messages/aside or users/aside. Look at them, then move them away.");
  }
  return { status: secretIsReadable ? 200 : 503, ready: secretIsReadable, filesAside: store.filesAside, problems };
}

function createRegistry({ store, live, figures }: ProbedParts): Registry {
  const registry = new Registry();
  // Milliseconds. The usual 10 would wake up the process a hundred times a second, also at night.
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
  const gauges: [name: string, help: string, read: () => number][] = [
    ["plainchat_users", "Users", () => store.figures().users],
    ["plainchat_messages", "Messages", () => store.figures().messages],
    ["plainchat_journal_files", "Files of the journal", () => store.figures().journalFiles],
    ["plainchat_journal_bytes", "Bytes of the journal", () => store.figures().journalBytes],
    ["plainchat_journal_events", "Events written since the start", () => store.figures().events],
    ["plainchat_journal_syncs", "Calls of fdatasync since the start", () => store.figures().syncs],
    ["plainchat_files_aside", "Damaged files set aside", () => store.filesAside],
    ["plainchat_waiting_fetches", "Fetches that wait for a message", () => live.arrivals.waiting],
    ["plainchat_streams", "Streams that are open", () => live.listeners.count],
    ["plainchat_streams_let_go", "Streams ended because their client did not read", () => live.listeners.letGo],
  ];
  for (const [name, help, read] of gauges) {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  }
  return registry;
}
