/**
 * Shows what plainchat itself does with a request that another server answered wrongly: `plainchat check --explain`
 * starts our own server in a temporary folder, runs the failed case against it, and shows the steps of the same
 * request. The server under test never sees any of this.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Exchange, Reply, SentRequest } from "../../check/exchange/exchange.ts";
import { freePort } from "../../check/node/free-port.ts";
import { httpExchange } from "../../check/node/http-exchange.ts";
import { ServerUnderTest } from "../../check/node/server-under-test.ts";
import { runCase, type Surroundings } from "../../check/run-case.ts";
import type { CaseResult } from "../../check/run-check.ts";
import * as shapes from "../../client/reply-shapes.ts";
import { readJson } from "../../client/request.ts";
import type { Trace } from "../../client/trace.ts";
import { showTrace } from "../show-trace.ts";
import { line, shown, style } from "../styled.ts";

const MAIN = join(import.meta.dirname, "..", "..", "server", "main.ts");
const PATIENCE_MILLISECONDS = 5000;
const MAX_SHOWN_CHARACTERS = 300;

interface Comparison {
  request: { method: string; path: string };
  status: number;
  reply: string;
  trace: Trace;
}

/**
 * @returns what plainchat did with the request of each failure, by the id of the case. Nothing for failures without a
 * request, and for requests that plainchat does not explain.
 */
export async function compareWithPlainchat(
  failed: readonly CaseResult[],
  { secret, profile }: Pick<Surroundings, "secret" | "profile">,
): Promise<Map<string, { lines: string[]; json: Comparison }>> {
  const comparisons = new Map<string, { lines: string[]; json: Comparison }>();
  const folder = await mkdtemp(join(tmpdir(), "plainchat-explain-"));
  const url = `http://127.0.0.1:${await freePort()}`;
  const command = `"${process.execPath}" "${MAIN}" --root "${folder}" --port ${new URL(url).port}`;
  const server = new ServerUnderTest(command, url);
  try {
    await mkdir(join(folder, "users"), { recursive: true });
    await writeFile(join(folder, "users", "secret.dat"), secret, { mode: 0o600 });
    await server.start();
    for (const { case: each, failure } of failed) {
      if (failure?.place === undefined || failure.place < 0) continue;
      const exchange = new Recorder();
      const restart = (whileStopped?: () => Promise<void>) => server.restart(whileStopped);
      const patienceMilliseconds = PATIENCE_MILLISECONDS;
      const { files } = server;
      await runCase(each, { url, secret, profile, patienceMilliseconds, exchange, restart, files, explain: true });
      const comparison = await exchange.comparisonAt(failure.place, url);
      if (comparison !== undefined) {
        comparisons.set(each.id, { lines: linesOf(comparison), json: comparison });
      }
    }
  } finally {
    await server.kill();
    await rm(folder, { recursive: true, force: true });
  }
  return comparisons;
}

/** Lines for the report. */
function linesOf({ request, status, reply, trace }: Comparison): string[] {
  const title = style("bold", "What plainchat does with the same request, from users of its own:");
  const body = reply === "" ? "(no body)" : reply.slice(0, MAX_SHOWN_CHARACTERS);
  const parts = [
    title,
    line`${request.method} ${request.path}`,
    showTrace(trace),
    line`It answers: status ${status} ${body}`,
  ];
  return parts.flatMap((part) => shown(part).split("\n"));
}

/** Sends requests, and keeps their replies in the order in which they were sent. */
class Recorder implements Exchange {
  readonly #replies: { request: SentRequest; reply?: Reply }[] = [];

  async send(request: SentRequest, patienceMilliseconds: number) {
    const entry: { request: SentRequest; reply?: Reply } = { request };
    this.#replies.push(entry);
    entry.reply = await httpExchange.send(request, patienceMilliseconds);
    return entry.reply;
  }

  async open(request: SentRequest, patienceMilliseconds: number) {
    const entry: { request: SentRequest; reply?: Reply } = { request };
    this.#replies.push(entry);
    const opened = await httpExchange.open(request, patienceMilliseconds);
    const { status, headers } = opened;
    entry.reply = { status, headers, text: status === 200 ? "(a stream, which continues)" : "", milliseconds: 0 };
    return opened;
  }

  /** @returns undefined if the request was not sent, or has no trace. */
  async comparisonAt(place: number, url: string): Promise<Comparison | undefined> {
    const { request, reply } = this.#replies[place] ?? {};
    const [, path] = /<(\/api\/v1\/explain\/[\w-]+)>/.exec(reply?.headers.link ?? "") ?? [];
    if (request === undefined || reply === undefined || path === undefined) return undefined;
    const explained = await httpExchange.send(
      { url: url + path, method: "GET", headers: {}, body: undefined },
      PATIENCE_MILLISECONDS,
    );
    if (explained.status !== 200) return undefined;
    const { pathname, search } = new URL(request.url);
    return {
      request: { method: request.method, path: pathname + search },
      status: reply.status,
      reply: reply.text.trim(),
      trace: readJson(explained.text, shapes.trace, { url }),
    };
  }
}
