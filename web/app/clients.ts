/**
 * The clients with which the page sends its requests as the user who is logged in.
 */
import { PlainchatClient } from "../../client/plainchat-client.ts";
import type { Fetch } from "../../client/request.ts";
import type { Credentials } from "../../client/types.ts";
import type { RequestLog } from "../glass/request-log.ts";
import type { FolderGate } from "./folder-gate.ts";

interface Heard {
  /** A reply has come: the server can be reached. */
  answered: () => void;
  /** The server has accepted the token. */
  accepted: () => void;
}

export class Clients {
  /** For requests that the user asked for with a click or a key. */
  readonly asked: PlainchatClient;
  /** For requests that the page sends by itself. */
  readonly background: PlainchatClient;
  /** The same, but it tries each of them only once. */
  readonly onceOnly: PlainchatClient;

  readonly #gate: FolderGate;

  /** @param gate lets a request go, or not. */
  constructor(log: RequestLog, gate: FolderGate, on: Heard) {
    this.#gate = gate;
    const asked = guarded(noting(log.sender({ isBackground: false }), on), gate);
    const background = guarded(noting(log.sender({ isBackground: true }), on), gate);
    this.asked = new PlainchatClient(location.origin, { fetch: asked });
    this.background = new PlainchatClient(location.origin, { fetch: background });
    this.onceOnly = new PlainchatClient(location.origin, { fetch: background, attempts: 1 });
  }

  /** The server may have been started again, perhaps with another class. */
  doubt(): void {
    this.#gate.doubt();
  }

  actAs(credentials: Credentials | undefined): void {
    for (const client of [this.asked, this.background, this.onceOnly]) client.credentials = credentials;
  }
}

/** A `fetch` that notes replies. A proxy answers 502 and 504 in the place of a server that cannot be reached. */
function noting(fetch: Fetch, { answered, accepted }: Heard): Fetch {
  return async (url, request) => {
    const reply = await fetch(url, request);
    if (reply.status < 500 && !url.includes("/chat/stream")) answered();
    // The state of the class is for everybody, so it proves nothing.
    if (reply.ok && !url.endsWith("/api/v1/class")) accepted();
    return reply;
  };
}

/** A `fetch` that asks first which class the server has, if that may have changed. */
function guarded(fetch: Fetch, gate: FolderGate): Fetch {
  return async (url, request) => {
    await gate.pass();
    try {
      return await fetch(url, request);
    } catch (error) {
      gate.doubt();
      throw error;
    }
  };
}
