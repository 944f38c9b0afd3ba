/**
 * Every request that this page has sent, as the glass shows them. It stands where `fetch` would stand, so that nothing
 * can be sent past it, and asks the server to explain what it is going to be shown.
 */
import type { Fetch } from "../../client/request.ts";
import type { Trace } from "../../client/trace.ts";
import type { SeenRequest } from "./seen-request.ts";

/** The oldest makes room. */
const MAX_REQUESTS = 200;

export class RequestLog {
  /** The oldest first. */
  readonly requests: SeenRequest[] = [];
  /** Whether also what the page does by itself is explained, such as looking who is here. */
  explainsEverything = false;
  #count = 0;
  readonly #readTrace: (traceId: string) => Promise<Trace>;
  readonly #onChange: () => void;

  /** @param readTrace reads what the server tells of a request, past this log. @param onChange is told of everything new. */
  constructor(readTrace: (traceId: string) => Promise<Trace>, onChange: () => void) {
    this.#readTrace = readTrace;
    this.#onChange = onChange;
  }

  /** A `fetch` for the client. @param isBackground for what nobody has asked for by a click or a key. */
  sender({ isBackground }: { isBackground: boolean }): Fetch {
    return async (url, init) => {
      const isExplained = !isBackground || this.explainsEverything;
      const seen = this.#begin(url, init, isBackground);
      // What the page does by itself is marked, so that it need not be shown among what people in the class do.
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

  /** Fetches what the server did with a request, if it was asked to remember that, and it was not fetched before. */
  async explain(seen: SeenRequest): Promise<void> {
    if (seen.traceId === undefined || seen.isTraceRead) return;
    seen.isTraceRead = true;
    try {
      seen.trace = await this.#readTrace(seen.traceId);
    } catch {
      // Two hundred requests are kept by the server, of everybody's together.
      seen.isTraceGone = true;
    }
    this.#onChange();
  }

  /** Somebody else sits here now. */
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
