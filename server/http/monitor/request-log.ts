/**
 * Writes a line in the log for each request. A busy server would write too many, so only the level "debug" does it.
 * The line must never contain the query string, the headers or the body: they may hold secrets.
 */
import type { Logger } from "pino";

interface LoggedRequest {
  id: string;
  method: string;
  url: string;
}

export function logRequest(log: Logger, { id, method, url }: LoggedRequest, status: number, elapsed: number): void {
  const path = url.split("?", 1)[0];
  const milliseconds = Math.round(elapsed * 10) / 10;
  log.debug({ requestId: id, method, path, status, milliseconds }, "request");
}
