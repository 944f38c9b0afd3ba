/**
 * A line in the log for each request. That is much for a busy server, so it must be asked for (level "debug"). Never in
 * it: query, headers, body.
 */
import type { Logger } from "pino";

export interface LoggedRequest {
  id: string;
  method: string;
  url: string;
}

export function logRequest(log: Logger, { id, method, url }: LoggedRequest, status: number, elapsed: number): void {
  const path = url.split("?", 1)[0];
  const milliseconds = Math.round(elapsed * 10) / 10;
  log.debug({ requestId: id, method, path, status, milliseconds }, "request");
}
