/**
 * json-server makes a whole API from one JSON file, and many learners first meet HTTP with it. Publishing is a POST to
 * a collection, a page is a GET with a filter, and there are no credentials. Not durable: it rewrites its whole file
 * after each change and syncs nothing, so a crash during a write can lose everything.
 *
 *     node bench/peers/json-server.ts FILE
 */
import type { Server } from "node:http";
import { createRequire } from "node:module";

/** The few types that we need. The package has none. */
interface JsonServer {
  create(): { use(handler: unknown): void; listen(port: number, host: string, ready: () => void): Server };
  defaults(options: { logger: boolean }): unknown;
  router(file: string): unknown;
}

const jsonServer: JsonServer = createRequire(import.meta.url)("json-server");
const app = jsonServer.create();
app.use(jsonServer.defaults({ logger: false }));
app.use(jsonServer.router(process.argv[2] ?? ""));

const server = app.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object" && address !== null) console.log(`port ${address.port}`);
});
