/**
 * Writes a line in the log for each request. A busy server would write too many, so only the level "debug" does it.
 * The line must never contain anything that a client wrote: not the query string, the headers or the body, and not the
 * path either. All of them may hold secrets. So it has the address of the route, such as `/api/v1/explain/:id`.
 */
import type { Logger } from "pino";

interface LoggedRequest {
  id: string;
  method: string;
  /** Undefined if there is none, because the address or the method is wrong. */
  route: string | undefined;
}

export function logRequest(log: Logger, { id, method, route }: LoggedRequest, status: number, elapsed: number): void {
  const path = route ?? "(no such address or method)";
  const milliseconds = Math.round(elapsed * 10) / 10;
  log.debug({ requestId: id, method, path, status, milliseconds }, "request");
}
