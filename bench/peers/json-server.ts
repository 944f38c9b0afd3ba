/**
 * json-server, with which many learners meet HTTP: a whole API from one JSON file. Publishing is a POST to a collection,
 * a page is a GET with a filter; nobody is asked who they are. Not durable: it writes its whole file anew after each
 * change and syncs nothing, so a crash in the middle of that can take everything.
 *
 *     node bench/peers/json-server.ts FILE
 */
import type { Server } from "node:http";
import { createRequire } from "node:module";

/** The little that is needed of a package that brings no types. */
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
