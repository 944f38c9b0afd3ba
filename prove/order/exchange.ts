/**
 * Sends one request and returns its reply, or breaks the connection. A connection that is to break is a socket of its
 * own. The request is written to it by hand, so that it can be destroyed at a chosen point.
 */
import type { Agent } from "node:http";
import { connect } from "node:net";
import { setTimeout } from "node:timers/promises";
import { type Reply, send } from "../../testing/request.ts";
import type { Break } from "./plan.ts";

/** Most replies take longer, some do not. So some connections break before the server uses the disk, and some after. */
const MAX_MILLISECONDS_OF_WAITING = 3;
/** No request here takes this long, however busy the machine is. */
const PATIENCE_MILLISECONDS = 60_000;

export interface ChatRequest {
  method: "POST" | "GET" | "PATCH" | "DELETE";
  /** With the query string. */
  path?: string;
  body?: Record<string, unknown>;
  headers?: Record<string, string>;
  user: string;
}

/**
 * @returns undefined if the connection broke before the reply.
 * @throws {Error} if no reply came although the connection held.
 */
export async function exchange(
  origin: string,
  { path = "/api/v1/chat", ...request }: ChatRequest,
  { agent, breaks }: { agent: Agent; breaks: Break | undefined },
): Promise<Reply | undefined> {
  if (breaks !== undefined) {
    await sendAndBreak(origin, asText({ path, ...request }), breaks);
    return undefined;
  }
  const sent = send(origin, { path, ...request, agent }).catch(() => undefined);
  const patience = new AbortController();
  const timeout = setTimeout(PATIENCE_MILLISECONDS, "too late" as const, { signal: patience.signal });
  // The timer is nearly always aborted, and then it rejects.
  timeout.catch(() => {});
  const reply = await Promise.race([sent, timeout]);
  patience.abort();
  if (reply === "too late") throw new Error(`No reply to ${request.method} ${path} within a minute`);
  return reply;
}

async function sendAndBreak(origin: string, text: string, where: Break): Promise<void> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  // If the server is killed, the connection breaks by itself. That is fine too.
  socket.on("error", () => {});
  socket.resume();
  const written = where === "in the request" ? text.slice(0, Math.floor(text.length / 2)) : text;
  await new Promise<void>((resolve) => {
    socket.once("close", () => resolve());
    socket.write(written, () => resolve());
  });
  if (where === "before the reply") await setTimeout(Math.random() * MAX_MILLISECONDS_OF_WAITING);
  socket.destroy();
}

function asText({ method, path, body, headers = {}, user }: ChatRequest): string {
  const json = body === undefined ? "" : JSON.stringify(body);
  const all = {
    host: "plainchat",
    authorization: `Basic ${Buffer.from(user).toString("base64")}`,
    ...(body !== undefined && { "content-length": String(Buffer.byteLength(json)) }),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${json}`;
}
