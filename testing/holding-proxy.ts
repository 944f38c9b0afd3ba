/**
 * A proxy in front of the server that holds streams back, as some school networks, virus scanners and company proxies
 * do. It passes on everything else.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { atEnd, type Ending } from "./at-end.ts";

/** What the client gets of a stream: nothing, only its headers, its first piece, an error of the proxy, or all of it. */
export type Held = "all" | "body" | "rest" | "refused" | "nothing";

export interface HoldingProxy {
  origin: string;
  /** Streams that are open when this changes stay as they are. */
  holds: Held;
}

export async function startHoldingProxy(test: Ending, target: string, holds: Held): Promise<HoldingProxy> {
  const server = createServer((incoming, outgoing) => pass(incoming, outgoing, target, proxy));
  const proxy: HoldingProxy = { origin: "", holds };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  proxy.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  atEnd(test, async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return proxy;
}

function pass(incoming: IncomingMessage, outgoing: ServerResponse, target: string, proxy: HoldingProxy): void {
  const { method, url, headers } = incoming;
  const passed = request(`${target}${url}`, { method, headers }, (reply) => {
    const isStream = reply.headers["content-type"]?.startsWith("text/event-stream");
    const holds = isStream ? proxy.holds : "nothing";
    if (holds === "refused") {
      outgoing.writeHead(403, { "content-type": "text/html" }).end("<h1>Blocked</h1>");
      passed.destroy();
      return;
    }
    if (holds !== "all") {
      outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
      outgoing.flushHeaders();
    }
    if (holds === "nothing") reply.pipe(outgoing);
    else if (holds === "rest") reply.once("data", (piece) => outgoing.write(piece));
    reply.resume();
  });
  passed.on("error", () => outgoing.destroy());
  outgoing.on("close", () => passed.destroy());
  incoming.pipe(passed);
}
