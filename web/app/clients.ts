/**
 * The clients with which the page sends its requests as the user who is logged in.
 */
import { PlainchatClient } from "../../client/plainchat-client.ts";
import type { Fetch } from "../../client/request.ts";
import type { Credentials } from "../../client/types.ts";
import type { RequestLog } from "../glass/request-log.ts";

export class Clients {
  /** For requests that the user asked for with a click or a key. */
  readonly asked: PlainchatClient;
  /** For requests that the page sends by itself. */
  readonly background: PlainchatClient;
  /** The same, but it tries each of them only once. */
  readonly onceOnly: PlainchatClient;

  /** @param answered is called when a reply has come: the server can be reached. */
  constructor(log: RequestLog, answered: () => void) {
    const asked = noting(log.sender({ isBackground: false }), answered);
    const background = noting(log.sender({ isBackground: true }), answered);
    this.asked = new PlainchatClient(location.origin, { fetch: asked });
    this.background = new PlainchatClient(location.origin, { fetch: background });
    this.onceOnly = new PlainchatClient(location.origin, { fetch: background, attempts: 1 });
  }

  actAs(credentials: Credentials | undefined): void {
    for (const client of [this.asked, this.background, this.onceOnly]) client.credentials = credentials;
  }
}

/** A `fetch` that notes replies. A proxy answers 502 and 504 in the place of a server that cannot be reached. */
function noting(fetch: Fetch, answered: () => void): Fetch {
  return async (url, request) => {
    const reply = await fetch(url, request);
    if (reply.status < 500 && !url.includes("/chat/stream")) answered();
    return reply;
  };
}
