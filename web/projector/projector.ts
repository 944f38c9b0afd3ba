/**
 * The state of the page for the classroom wall: where to join, who has joined, what the server does with everybody's
 * requests, and the journal as it grows. web/projector.ts starts it.
 */
import { render, type TemplateResult } from "lit-html";
import { ChatError } from "../../client/chat-error.ts";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import type { Trace } from "../../client/trace.ts";
import type { ClassState, ClassUser } from "../../client/types.ts";
import { forThisTab } from "../browser/browser-storage.ts";
import type { ConnectionState } from "../chat/connection/live-connection.ts";
import { placeDot } from "../glass/dot.ts";
import { say } from "../words/language.ts";
import { sentenceFor } from "../words/sentence-for.ts";
import { classAddresses } from "./class-addresses.ts";
import { ClassFeed } from "./class-feed.ts";
import { JournalLines } from "./journal-lines.ts";
import { WallCleaner } from "./wall-cleaner.ts";

/** The class is loaded this often: someone may have been removed by hand, without a request. */
const CLASS_MILLISECONDS = 15_000;
const KEY_NAME = "projector-key";

export class Projector {
  readonly isClass = document.documentElement.dataset.class === "on";
  readonly feed: ClassFeed;
  readonly journal = new JournalLines();
  /** Everybody but those whom the teacher has hidden. While the wall is paused, as they were then. */
  users: readonly ClassUser[] = [];
  /** There may be other servers with the same class, and their requests are not on this wall. */
  isOneOfSeveral = false;
  /** What the teacher has decided. */
  facts: ClassState = { isPaused: false, showsTexts: false };
  /** The addresses where the class can reach the server, best first. */
  addresses: string[] = [];
  /** The address that is shown. Undefined if nobody else can reach the server. */
  address: string | undefined = classAddresses(location.origin, [])[0];
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
  /** As the server says, also while the wall is paused. */
  #newestUsers: readonly ClassUser[] = [];
  /** The data folder of the class that is on the wall. */
  #folder: string | undefined;
  #loading: Promise<void> = Promise.resolve();
  readonly #cleaner: WallCleaner;

  /** @param place where to draw the page. @param view how it looks. */
  constructor(place: HTMLElement, view: (projector: Projector) => TemplateResult) {
    this.#place = place;
    this.#view = view;
    const handleOf = (id: number) => this.#newestUsers.find(({ userId }) => userId === id)?.userHandle;
    this.feed = new ClassFeed(handleOf, () => this.draw());
    this.#cleaner = new WallCleaner(this.feed, this.journal, (traceId) => this.#client.readTrace({ traceId }));
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

  /** Whether the teacher sent a request. */
  isTeacher({ request: { sender } }: Trace): boolean {
    const user = this.#newestUsers.find(({ userId }) => userId === sender?.userId);
    return sender?.proved === true && user?.isTeacher === true;
  }

  /** Stops everything that moves: the dot, the list, the journal and the people. */
  pauseOrGoOn(): void {
    this.feed.pauseOrGoOn();
    this.journal.isHeld = this.feed.isPaused;
    this.#showPeople();
  }

  /** Shows everything as it is now, also while the wall is paused. */
  skipToNewest(): void {
    this.feed.skipToNewest();
    this.journal.showAll();
    this.users = shownUsers(this.#newestUsers);
    this.draw();
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

  #loadClass(): Promise<void> {
    // One after the other, so that an old answer never replaces a newer one.
    this.#loading = this.#loading.then(async () => {
      try {
        const { addresses, users, folder, isOneOfSeveral = false, ...facts } = await this.#client.readClass();
        if (this.#folder !== undefined && this.#folder !== folder) this.#beginAgain();
        this.#folder = folder;
        this.isOneOfSeveral = isOneOfSeveral;
        this.#newestUsers = users;
        this.addresses = classAddresses(location.origin, addresses);
        if (this.address === undefined || !this.addresses.includes(this.address)) this.address = this.addresses[0];
        this.isLoaded = true;
        this.#take(facts);
        this.#cleaner.removeHidden(users.filter(({ isHidden }) => isHidden));
        this.#showPeople();
      } catch (error) {
        // The feed loses its connection, too, and the page shows that.
        if (!(error instanceof ChatError)) throw error;
      }
      this.draw();
    });
    return this.#loading;
  }

  /** The server runs with the folder of another class, which must see nothing of this one. */
  #beginAgain(): void {
    this.feed.clear();
    this.journal.clear();
    this.users = [];
    this.secret = undefined;
    this.facts = { isPaused: false, showsTexts: false };
  }

  #showPeople(): void {
    // Somebody who is hidden goes at once, paused or not.
    const newest = shownUsers(this.#newestUsers);
    const isStill = (user: ClassUser) =>
      !this.#newestUsers.some((each) => each.userId === user.userId && each.isHidden);
    this.users = this.feed.isPaused ? this.users.filter(isStill) : newest;
    this.draw();
  }

  #take(facts: ClassState): void {
    const showedTexts = this.facts.showsTexts;
    this.facts = facts;
    if (showedTexts === facts.showsTexts) return;
    if (!facts.showsTexts) this.#cleaner.coverTexts();
    void this.#cleaner.readAgain(() => this.facts.showsTexts);
  }

  async #watch(): Promise<void> {
    let isFirst = true;
    const onConnection = (state: ConnectionState) => {
      this.connection = state;
      if (state !== "lost") {
        void this.#loadClass();
        // Nobody has told the wall what was removed in the meantime.
        if (!isFirst) void this.#cleaner.readAgain(() => this.facts.showsTexts);
        isFirst = false;
      }
      this.draw();
    };
    try {
      for await (const event of this.#client.watchRequests({ onConnection })) {
        if (event.type === "missed") this.feed.leftOut += event.count;
        else if (event.type === "gone") this.#cleaner.removeGone(event);
        else if (event.type === "trace") await this.#hear(event.trace);
        else {
          const { isPaused, showsTexts, showsBoard, lesson } = event;
          this.#take({
            isPaused,
            showsTexts,
            ...(showsBoard && { showsBoard }),
            ...(lesson !== undefined && { lesson }),
          });
          void this.#loadClass();
        }
        this.draw();
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
    const isNewName = /^(register|teacher|pupils)\.(?!get)/.test(trace.operation) && trace.status === 200;
    const isOnBoard = this.facts.showsBoard === true && trace.operation === "progress.patch";
    if (isNewName || isOnBoard) await this.#loadClass();
    // After a restart it may be another class.
    else await this.#loading;
    this.feed.add(trace);
    this.journal.add(trace);
    this.draw();
  }
}

function shownUsers(users: readonly ClassUser[]): ClassUser[] {
  return users.filter(({ isHidden }) => isHidden !== true);
}
