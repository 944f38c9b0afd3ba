/**
 * Every request that this page sent, for the glass to show. The client uses it instead of `fetch`, so no request can
 * get past it. It also asks the server to explain the requests that the glass will show.
 */
import type { Fetch } from "../../client/request.ts";
import type { Trace } from "../../client/trace.ts";
import type { SeenRequest } from "./seen-request.ts";

/** If there are more, the oldest is dropped. */
const MAX_REQUESTS = 200;

export class RequestLog {
  /** Oldest first. */
  readonly requests: SeenRequest[] = [];
  /** Whether to explain the requests that the page sends by itself, too, such as asking who is here. */
  explainsEverything = false;
  #count = 0;
  readonly #readTrace: (traceId: string) => Promise<Trace>;
  readonly #onChange: () => void;

  /** @param readTrace reads the trace of a request, past this log. @param onChange is called after every change. */
  constructor(readTrace: (traceId: string) => Promise<Trace>, onChange: () => void) {
    this.#readTrace = readTrace;
    this.#onChange = onChange;
  }

  /** A `fetch` for the client. @param isBackground true for requests that the page sends by itself. */
  sender({ isBackground }: { isBackground: boolean }): Fetch {
    return async (url, init) => {
      const isExplained = !isBackground || this.explainsEverything;
      const seen = this.#begin(url, init, isBackground);
      // Requests that the page sends by itself are marked, so that the projector can leave them out.
      const words = [...(isExplained ? ["1"] : []), ...(isBackground ? ["background"] : [])];
      const headers = { ...init.headers, explain: words.join(", ") };
      try {
        const reply = await fetch(url, { ...init, headers });
        seen.status = reply.status;
        seen.traceId = /explain\/([\w-]+)/.exec(reply.headers.get("link") ?? "")?.[1];
        return reply;
      } catch (error) {
        seen.status = 0;
        throw error;
      } finally {
        seen.milliseconds = performance.now() - seen.begunAt;
        this.#onChange();
        if (this.explainsEverything) void this.explain(seen);
      }
    };
  }

  /** Fetches the trace of a request, if the server was asked for one and it was not fetched before. */
  async explain(seen: SeenRequest): Promise<void> {
    if (seen.traceId === undefined || seen.isTraceRead) return;
    seen.isTraceRead = true;
    try {
      seen.trace = await this.#readTrace(seen.traceId);
    } catch {
      // The server keeps the traces of a few hundred requests, from all users together.
      seen.isTraceGone = true;
    }
    this.#onChange();
  }

  /** For when someone else logs in. */
  forget(): void {
    this.requests.length = 0;
  }

  #begin(url: string, { method = "GET", body, headers }: RequestInit, isBackground: boolean): SeenRequest {
    const { pathname, search } = new URL(url);
    this.#count++;
    const seen: SeenRequest = {
      key: `own-${this.#count}`,
      method,
      path: pathname,
      query: search,
      body: typeof body === "string" ? body : undefined,
      hasCredentials: headers !== undefined && "authorization" in headers,
      isBackground,
      begunAt: performance.now(),
    };
    this.requests.push(seen);
    if (this.requests.length > MAX_REQUESTS) this.requests.shift();
    this.#onChange();
    return seen;
  }
}
