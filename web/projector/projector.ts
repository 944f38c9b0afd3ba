/**
 * The state of the page for the classroom wall: where to join, who has joined, what the server does with everybody's
 * requests, and the journal as it grows. web/projector.ts starts it.
 */
import { render, type TemplateResult } from "lit-html";
import { ChatError } from "../../client/chat-error.ts";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import type { Trace } from "../../client/trace.ts";
import type { User } from "../../client/types.ts";
import { forThisTab } from "../browser-storage.ts";
import type { ConnectionState } from "../chat/live-connection.ts";
import { placeDot } from "../glass/dot.ts";
import { say } from "../language.ts";
import { sentenceFor } from "../sentence-for.ts";
import { classAddresses } from "./class-addresses.ts";
import { ClassFeed } from "./class-feed.ts";

/** The class is loaded this often: someone may have been removed by hand, without a request. */
const CLASS_MILLISECONDS = 15_000;
/** How many lines of the journal stay on the wall. */
const MAX_LINES = 12;
const KEY_NAME = "projector-key";

export class Projector {
  readonly isClass = document.documentElement.dataset.class === "on";
  readonly feed: ClassFeed;
  users: readonly User[] = [];
  /** The addresses where the class can reach the server, best first. */
  addresses: string[] = [];
  /** The address that is shown. Undefined if nobody else can reach the server. */
  address: string | undefined = classAddresses(location.origin, [])[0];
  /** The lines that were written to the journal, newest last. */
  readonly lines: { key: string; text: string }[] = [];
  /** The class secret, while it is shown. */
  secret: string | undefined;
  secretError: string | undefined;
  /** Whether the addresses and the users are known. */
  isLoaded = false;
  connection: ConnectionState = "connecting";
  asTable = false;
  readonly #place: HTMLElement;
  readonly #view: (projector: Projector) => TemplateResult;
  readonly #client = new PlainchatClient(location.origin);
  #projectorKey: string | undefined;
  #isToBeDrawn = false;

  /** @param place where to draw the page. @param view how it looks. */
  constructor(place: HTMLElement, view: (projector: Projector) => TemplateResult) {
    this.#place = place;
    this.#view = view;
    const handleOf = (id: number) => this.users.find(({ userId }) => userId === id)?.userHandle;
    this.feed = new ClassFeed(handleOf, () => this.draw());
  }

  start(): void {
    this.#keepKey();
    // The teacher may paste a new address into the same tab.
    addEventListener("hashchange", () => this.#keepKey());
    this.draw();
    if (!this.isClass) return;
    void this.#loadClass();
    setInterval(() => void this.#loadClass(), CLASS_MILLISECONDS);
    void this.#watch();
  }

  async showSecret(): Promise<void> {
    try {
      if (this.#projectorKey === undefined) throw new Error(say("projector.noKey"));
      const { secret } = await this.#client.readClassSecret({ projectorKey: this.#projectorKey });
      this.secret = secret ?? "?";
      this.secretError = undefined;
    } catch (error) {
      const isOldKey = error instanceof ChatError && error.status === 403;
      this.secretError = isOldKey ? say("projector.noKey") : sentenceFor(error);
    }
    this.draw();
  }

  hideSecret(): void {
    this.secret = undefined;
    this.draw();
  }

  draw(): void {
    if (this.#isToBeDrawn) return;
    this.#isToBeDrawn = true;
    queueMicrotask(() => {
      this.#isToBeDrawn = false;
      render(this.#view(this), this.#place);
      placeDot(document.querySelector<HTMLElement>(".steps"));
      for (const list of document.querySelectorAll(".journal ol")) list.scrollTop = list.scrollHeight;
      document.title = say("projector.title");
    });
  }

  /** The key is at the end of the address. The class can see that on the wall, so the key is removed at once. */
  #keepKey(): void {
    const given = location.hash.slice(1);
    if (given !== "") {
      forThisTab.write(KEY_NAME, given);
      history.replaceState(null, "", location.pathname);
    }
    this.#projectorKey = forThisTab.read<string>(KEY_NAME);
  }

  async #loadClass(): Promise<void> {
    try {
      const { addresses, users } = await this.#client.readClass();
      this.users = users;
      this.addresses = classAddresses(location.origin, addresses);
      if (this.address === undefined || !this.addresses.includes(this.address)) this.address = this.addresses[0];
      this.isLoaded = true;
    } catch (error) {
      // The feed loses its connection, too, and the page shows that.
      if (!(error instanceof ChatError)) throw error;
    }
    this.draw();
  }

  async #watch(): Promise<void> {
    const onConnection = (state: "open" | "lost") => {
      this.connection = state;
      if (state === "open") void this.#loadClass();
      this.draw();
    };
    try {
      for await (const event of this.#client.watchRequests({ onConnection })) {
        if (event.type === "missed") this.feed.leftOut += event.count;
        else await this.#hear(event.trace);
      }
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      // The server is no longer in class mode. It may be again later.
      this.connection = "lost";
      this.draw();
      setTimeout(() => void this.#watch(), CLASS_MILLISECONDS);
    }
  }

  async #hear(trace: Trace): Promise<void> {
    // After a registration, load the class first, so that the new handle is known.
    if (trace.operation.startsWith("register.") && trace.request.method !== "GET" && trace.status === 200) {
      await this.#loadClass();
    }
    this.feed.add(trace);
    const touches = trace.steps.flatMap(({ files }) => files);
    for (const { path, after } of touches.filter(({ did }) => did === "appended to")) {
      for (const text of (after?.text ?? "").split("\n").filter((line) => line !== "")) {
        this.lines.push({ key: `${path} ${trace.id} ${this.lines.length}`, text });
      }
    }
    this.lines.splice(0, this.lines.length - MAX_LINES);
    this.draw();
  }
}
