/**
 * The check of the pupil's own server: begins it, asks how it goes, and keeps what came of it for the view.
 * learn-page.ts has one.
 */
import { CheckClient, type CheckState } from "../../client/check-client.ts";
import type { Fetch } from "../../client/request.ts";
import type { Credentials } from "../../client/types.ts";
import { forThisTab } from "../browser/browser-storage.ts";
import { sentenceFor } from "../words/sentence-for.ts";

/** Others may be first. */
const ATTEMPTS = 20;
const LOOK_MILLISECONDS = 600;
const PORT = "learn-port";
const SECRET = "learn-secret";
const RUNS = "learn-check-runs";
const USUAL_PORT = 8000;
const USUAL_SECRET = "river-candle-orbit-maple";

interface On {
  change: () => void;
  /** The check has ended: the progress may be another. */
  end: () => void;
}

export class ServerCheck {
  state: CheckState | undefined;
  /** The class server has not begun yet: perhaps others are first. */
  isAsking = false;
  error: string | undefined;
  port = forThisTab.read<number>(PORT) ?? USUAL_PORT;
  secret = forThisTab.read<string>(SECRET) ?? USUAL_SECRET;
  readonly #on: On;
  readonly #fetch: Fetch;

  /** @param fetch marks what nobody typed. */
  constructor(fetch: Fetch, on: On) {
    this.#fetch = fetch;
    this.#on = on;
  }

  get isRunning(): boolean {
    return this.isAsking || this.state?.isRunning === true;
  }

  /** After a reload, a check may still run. */
  async resume(credentials: Credentials): Promise<void> {
    if (forThisTab.read<boolean>(RUNS) === true) await this.#follow(credentials);
  }

  async begin(credentials: Credentials, lesson: number): Promise<void> {
    const { port, secret } = this;
    forThisTab.write(PORT, port);
    forThisTab.write(SECRET, secret);
    this.isAsking = true;
    this.error = undefined;
    this.state = undefined;
    this.#on.change();
    try {
      this.state = await this.#client(credentials).begin({ port, lesson, secret });
      forThisTab.write(RUNS, true);
    } catch (error) {
      this.error = sentenceFor(error);
    }
    this.isAsking = false;
    this.#on.change();
    if (this.error === undefined) await this.#follow(credentials);
  }

  async #follow(credentials: Credentials): Promise<void> {
    try {
      do {
        await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
        this.state = await this.#client(credentials).find();
        this.#on.change();
      } while (this.state.isRunning);
    } catch (error) {
      this.state = undefined;
      this.error = sentenceFor(error);
    }
    forThisTab.remove(RUNS);
    this.#on.change();
    this.#on.end();
  }

  #client(credentials: Credentials): CheckClient {
    return new CheckClient(location.origin, { credentials, attempts: ATTEMPTS, fetch: this.#fetch });
  }
}
