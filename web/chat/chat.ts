/**
 * Everything that a user sees of the chat and can do in it. It keeps the people, the inbox and the open conversation in
 * step with the server. It draws nothing: it calls `onChange` when there is something new to draw.
 */
import { ChatError } from "../../client/chat-error.ts";
import type { Gone } from "../../client/trace.ts";
import type { ChatEvent, Message } from "../../client/types.ts";
import type { Clients } from "../app/clients.ts";
import { type Identity, scopeOf } from "../app/session.ts";
import { sentenceFor } from "../words/sentence-for.ts";
import { LiveConnection } from "./connection/live-connection.ts";
import { pagesWith } from "./conversation/conversation-pages.ts";
import { OpenConversation } from "./conversation/open-conversation.ts";
import { Inbox } from "./inbox.ts";
import { type Draft, Outbox } from "./outbox.ts";
import { askForPeople } from "./people/news-of-people.ts";
import { type Peer, peersOf } from "./people/peers.ts";
import { People } from "./people/people.ts";
import { PupilInClass } from "./people/pupil-in-class.ts";
import { ReadMarks } from "./read-marks.ts";
import { Unsent } from "./unsent.ts";

/** If another tab has changed the token, this tab notices within this time. */
const OTHER_TAB_MILLISECONDS = 2_000;
const POLL_MESSAGES = 200;

interface ChatParts {
  clients: Clients;
  /** Whether the server is in class mode. */
  isClass: boolean;
  me: Identity;
  onChange: () => void;
  /** A message is gone, or everything to a user. */
  onGone: (gone: Gone) => void;
  /** The server no longer knows this user, or no longer accepts this token. */
  onEnd: (sentence: string) => void;
}

export class Chat {
  me: Identity;
  readonly people: People;
  readonly outbox: Outbox;
  readonly unsent: Unsent;
  readonly connection: LiveConnection;
  readonly opened: OpenConversation;
  readonly inClass: PupilInClass;
  readonly #parts: ChatParts;
  readonly #marks: ReadMarks;
  readonly #inbox: Inbox;
  readonly #stopping = new AbortController();

  constructor(parts: ChatParts) {
    const { me, onChange } = parts;
    const { asked: client, background, onceOnly } = parts.clients;
    this.#parts = parts;
    this.me = me;
    this.people = new People(background);
    const pagesOf = (userId: number) => pagesWith(userId, { client, people: this.people, myId: me.myId });
    this.opened = new OpenConversation(pagesOf, onChange);
    const isTeacher = () => this.people.isTeacher(this.me.myId);
    this.inClass = new PupilInClass({ client, background, isTeacher, onChange });
    this.#marks = new ReadMarks(scopeOf(me), onChange, this.#stopping.signal);
    this.unsent = new Unsent(scopeOf(me));
    this.#inbox = new Inbox(me.myId, this.#marks);
    const sent = (message: Message) => this.#put(message);
    this.outbox = new Outbox({ client, background }, () => this.me, { sent, change: onChange });
    this.connection = new LiveConnection({
      client: background,
      onState: () => {
        if (this.connection.state === "lost") parts.clients.doubt();
        onChange();
      },
      onBegin: () => this.#loadEverything(),
      onEvent: (event) => this.#hear(event),
      probe: async (signal) => void (await onceOnly.fetchQueue({ limit: 1 }, { signal })),
      fetchNew: async (wait, signal) => {
        // A hidden tab has no stream that would tell of a new start.
        if (wait === 0) parts.clients.doubt();
        const page = { box: "both", after: this.#inbox.lastId, limit: POLL_MESSAGES, wait } as const;
        for (const message of (await onceOnly.fetchQueue(page, { signal })).messages) this.#arrive(message);
      },
      refresh: () => this.#refresh(),
      onRefused: (error) => void this.#isRefused(error),
    });
  }

  /** @param openId the conversation to open as soon as the people are known. */
  start(openId: number | undefined): void {
    this.opened.withId = openId;
    this.connection.start();
    const stopAsking = askForPeople((whom) => {
      const isConnected = this.connection.state === "open" || this.connection.state === "waiting";
      if (document.visibilityState !== "visible" || !isConnected) return;
      void this.#loadPeople(() => (whom === "all" ? this.people.load() : this.people.loadNew()));
      if (this.connection.state === "waiting" && this.#parts.isClass) void unlessRefused(() => this.inClass.ask());
    });
    this.#stopping.signal.addEventListener("abort", stopAsking);
  }

  stop(): void {
    this.#stopping.abort();
    this.connection.stop();
  }

  /** For when the user has logged out: whoever comes next must not find what was not sent. */
  forget(): void {
    this.unsent.forget();
    this.outbox.forget();
  }

  /** Continues with a new handle or token, from this tab or another one. */
  changeIdentity(me: Identity): void {
    const isNewToken = me.myAuth !== this.me.myAuth;
    this.me = me;
    if (isNewToken) this.connection.restart();
    this.#parts.onChange();
  }

  peers(): Peer[] {
    return peersOf(this.me.myId, this.#inbox, this.people);
  }

  get openPeer(): Peer | undefined {
    const userId = this.opened.withId;
    if (userId === undefined) return undefined;
    const found = this.peers().find((peer) => peer.userId === userId);
    return found ?? { userId, userHandle: `#${userId}`, hasLeft: true, overview: undefined };
  }

  /** Messages for the open conversation that are being sent, or could not be sent. */
  get drafts(): Draft[] {
    const { withId, messages } = this.opened;
    return withId === undefined ? [] : this.outbox.draftsTo(withId, messages);
  }

  get unread(): number {
    return this.#inbox.overviews().reduce((sum, { unread }) => sum + unread, 0);
  }

  /** Sends a message to the other person in the open conversation. */
  send(message: string): void {
    const peer = this.openPeer;
    if (peer === undefined) return;
    const after = this.opened.messages.at(-1)?.messageId ?? 0;
    this.outbox.send({ toId: peer.userId, message, after });
  }

  tryAgain(draft: Draft): void {
    this.outbox.tryAgain(draft);
  }

  /** @throws {ChatError} when the server refuses. */
  async edit(message: Message, text: string): Promise<void> {
    const { messageId } = message;
    const { editedAt } = await this.#parts.clients.asked.editMessage({ messageId, message: text });
    // It may have been removed in the meantime: then it must not come back.
    const isThere = this.#inbox.has(messageId) || this.opened.messages.some((each) => each.messageId === messageId);
    if (isThere) this.#put({ ...message, message: text, editedAt });
  }

  /**
   * Removes a message that the user received, or takes back one that they sent.
   * @throws {ChatError} when the server refuses.
   */
  async remove({ messageId }: Message): Promise<void> {
    await this.#parts.clients.asked.removeMessage({ messageId });
    this.#remove((each) => each.messageId === messageId);
  }

  /** The user has seen the open conversation to its end. */
  markRead(): void {
    const { withId, lastSeen } = this.opened;
    if (withId !== undefined && lastSeen !== undefined) this.#marks.markRead(withId, lastSeen.messageId);
  }

  /** It is no problem if this fails: the page soon tries again. */
  async #loadPeople(load = () => this.people.load()): Promise<void> {
    await unlessRefused(load);
    this.#parts.onChange();
  }

  async #loadEverything(): Promise<void> {
    await unlessRefused(() => this.people.load());
    await this.#loadInbox();
    const { opened } = this;
    const { withId } = opened;
    if (withId !== undefined && opened.conversation === undefined) {
      await unlessRefused(() => this.people.meet(withId));
      if (withId === opened.withId) return opened.open(withId);
    }
    await opened.load((conversation) => conversation.loadNewest());
  }

  /** Reads again what is on the screen. It does not move, but what was edited or removed changes. */
  async #refresh(): Promise<void> {
    await this.#loadInbox();
    await this.opened.load((conversation) => conversation.refresh());
  }

  async #loadInbox(): Promise<void> {
    await unlessRefused(() => this.#inbox.load((before, limit) => this.#readAll({ before, limit })));
    this.#parts.onChange();
  }

  async #readAll(page: { after?: number; before?: number; limit: number }): Promise<Message[]> {
    return (await this.#parts.clients.background.fetchQueue({ box: "both", ...page })).messages;
  }

  #hear(event: ChatEvent): void {
    if (event.type === "message" || event.type === "edit") {
      if (event.type === "message") this.#arrive(event.message);
      else this.#put(event.message);
    } else if (event.type === "delete") {
      this.#remove(({ messageId }) => messageId === event.messageId);
      this.#parts.onGone({ messageId: event.messageId });
    } else if (event.type === "leave") {
      this.#remove(({ toId }) => toId === event.userId);
      this.#parts.onGone({ toId: event.userId });
      void this.#loadPeople();
    } else if (event.type === "class") {
      this.inClass.hear(event);
    } else {
      void this.#loadEverything();
    }
  }

  #arrive(message: Message): void {
    if (!this.#inbox.has(message.messageId)) this.#announce(message);
    this.#put(message);
  }

  #announce(message: Message): void {
    const otherId = this.#inbox.otherIn(message);
    if (this.people.handleOf(otherId) === undefined) void this.#loadPeople();
    if (message.fromId === this.me.myId || otherId !== this.opened.withId) return;
    this.opened.announce(message);
  }

  #put(message: Message): void {
    this.#inbox.put(message);
    if (this.#inbox.otherIn(message) === this.opened.withId) this.opened.put(message);
    this.#parts.onChange();
  }

  #remove(isGone: (message: Message) => boolean): void {
    this.#inbox.remove(isGone);
    this.opened.remove(isGone);
    this.#parts.onChange();
  }

  /** The server said no. Logs out, unless this tab or another one has a new token by now. */
  async #isRefused(error: unknown): Promise<void> {
    const { myAuth } = this.me;
    await new Promise((resolve) => setTimeout(resolve, OTHER_TAB_MILLISECONDS));
    if (!this.#stopping.signal.aborted && this.me.myAuth === myAuth) this.#parts.onEnd(sentenceFor(error));
  }
}

/** The requests that the page sends by itself may fail: the stream notices it, and then everything is loaded again. */
async function unlessRefused(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
  }
}
