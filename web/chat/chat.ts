/**
 * Everything that a user sees of the chat and can do in it. It keeps the people, the inbox and the open conversation in
 * step with the server. It draws nothing: it calls `onChange` when there is something new to draw.
 */
import { ChatError } from "../../client/chat-error.ts";
import type { PlainchatClient } from "../../client/plainchat-client.ts";
import type { Gone } from "../../client/trace.ts";
import type { ChatEvent, Message } from "../../client/types.ts";
import type { Clients } from "../clients.ts";
import type { Phrase } from "../language.ts";
import { sentenceFor } from "../sentence-for.ts";
import type { Identity } from "../session.ts";
import { Conversation } from "./conversation.ts";
import { pagesWith } from "./conversation-pages.ts";
import { Inbox } from "./inbox.ts";
import { LiveConnection } from "./live-connection.ts";
import { askForPeople } from "./news-of-people.ts";
import { type Draft, Outbox } from "./outbox.ts";
import { type Peer, peersOf } from "./peers.ts";
import { People } from "./people.ts";
import { type PupilState, stateAfter, whyNoWriting } from "./pupil-state.ts";
import { ReadMarks } from "./read-marks.ts";
import { Unsent } from "./unsent.ts";

/** If another tab has changed the token, this tab notices within this time. */
const OTHER_TAB_MILLISECONDS = 2_000;
const POLL_MESSAGES = 200;
/** How many new messages are kept for a screen reader to read out. */
const MAX_ARRIVALS = 5;

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
  /** The userId of the other person in the open conversation. */
  openId: number | undefined;
  conversation: Conversation | undefined;
  /** Why the open conversation cannot be shown. */
  loadError: string | undefined;
  /** Messages that just arrived in the open conversation from the other person, newest last. */
  readonly arrivals: Message[] = [];
  /** In class mode: what the teacher has decided. */
  pupil: PupilState = {};
  readonly #isClass: boolean;
  readonly #client: PlainchatClient;
  readonly #background: PlainchatClient;
  readonly #marks: ReadMarks;
  readonly #inbox: Inbox;
  readonly #onChange: () => void;
  readonly #onGone: (gone: Gone) => void;
  readonly #onEnd: (sentence: string) => void;
  readonly #stopping = new AbortController();

  constructor({ clients, isClass, me, onChange, onGone, onEnd }: ChatParts) {
    const { asked: client, background, onceOnly } = clients;
    this.me = me;
    this.#isClass = isClass;
    this.#client = client;
    this.#background = background;
    this.#onChange = onChange;
    this.#onGone = onGone;
    this.#onEnd = onEnd;
    this.people = new People(background);
    this.#marks = new ReadMarks(me.myId, onChange, this.#stopping.signal);
    this.unsent = new Unsent(me.myId);
    this.#inbox = new Inbox(me.myId, this.#marks);
    const sent = (message: Message) => this.#put(message);
    this.outbox = new Outbox({ client, background }, () => this.me, { sent, change: onChange });
    this.connection = new LiveConnection({
      client: background,
      onState: onChange,
      onBegin: () => this.#loadEverything(),
      onEvent: (event) => this.#hear(event),
      probe: async (signal) => void (await onceOnly.fetchQueue({ limit: 1 }, { signal })),
      fetchNew: async (wait, signal) => {
        const page = { box: "both", after: this.#inbox.lastId, limit: POLL_MESSAGES, wait } as const;
        for (const message of (await onceOnly.fetchQueue(page, { signal })).messages) this.#arrive(message);
      },
      refresh: () => this.#refresh(),
      onRefused: (error) => void this.#isRefused(error),
    });
  }

  /** @param openId the conversation to open as soon as the people are known. */
  start(openId: number | undefined): void {
    this.openId = openId;
    this.connection.start();
    const stopAsking = askForPeople((whom) => {
      const isConnected = this.connection.state === "open" || this.connection.state === "waiting";
      if (document.visibilityState !== "visible" || !isConnected) return;
      void this.#loadPeople(() => (whom === "all" ? this.people.load() : this.people.loadNew()));
      if (this.connection.state === "waiting" && this.#isClass) void unlessRefused(() => this.#loadClass());
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
    this.#onChange();
  }

  get isTeacher(): boolean {
    return this.people.isTeacher(this.me.myId);
  }

  /** Why the server would refuse a message now. */
  get whyNoWriting(): Phrase | undefined {
    return whyNoWriting(this.pupil, this.isTeacher);
  }

  /** @throws {ChatError} when the server refuses. */
  async raiseHand(isUp: boolean): Promise<void> {
    await this.#client.raiseHand({ isUp });
    this.pupil = { ...this.pupil, isHandUp: isUp };
    this.#onChange();
  }

  peers(): Peer[] {
    return peersOf(this.me.myId, this.#inbox, this.people);
  }

  get openPeer(): Peer | undefined {
    const userId = this.openId;
    if (userId === undefined) return undefined;
    const found = this.peers().find((peer) => peer.userId === userId);
    return found ?? { userId, userHandle: `#${userId}`, hasLeft: true, overview: undefined };
  }

  /** Messages for the open conversation that are being sent, or could not be sent. */
  get drafts(): Draft[] {
    if (this.openId === undefined) return [];
    return this.outbox.draftsTo(this.openId, this.conversation?.messages ?? []);
  }

  get unread(): number {
    return this.#inbox.overviews().reduce((sum, { unread }) => sum + unread, 0);
  }

  async open(userId: number | undefined): Promise<void> {
    if (this.openId === userId && (this.conversation !== undefined || userId === undefined)) return;
    this.openId = userId;
    this.arrivals.length = 0;
    const parts = { client: this.#client, people: this.people, myId: this.me.myId };
    this.conversation = userId === undefined ? undefined : new Conversation(pagesWith(userId, parts));
    this.#onChange();
    await this.load((conversation) => conversation.loadNewest());
  }

  /** Loads a part of the open conversation, and shows an error if that fails. */
  async load(work: (conversation: Conversation) => Promise<void>): Promise<void> {
    const { conversation } = this;
    if (conversation === undefined) return;
    let loadError: string | undefined;
    try {
      await work(conversation);
    } catch (error) {
      loadError = sentenceFor(error);
    }
    if (conversation !== this.conversation) return;
    this.loadError = loadError;
    this.#onChange();
  }

  /** Sends a message to the other person in the open conversation. */
  send(message: string): void {
    const peer = this.openPeer;
    if (peer === undefined) return;
    const after = this.conversation?.messages.at(-1)?.messageId ?? 0;
    this.outbox.send({ toId: peer.userId, message, after });
  }

  tryAgain(draft: Draft): void {
    this.outbox.tryAgain(draft);
  }

  /** @throws {ChatError} when the server refuses. */
  async edit(message: Message, text: string): Promise<void> {
    const { messageId } = message;
    const { editedAt } = await this.#client.editMessage({ messageId, message: text });
    // It may have been removed in the meantime: then it must not come back.
    const isThere =
      this.#inbox.has(messageId) || this.conversation?.messages.some((each) => each.messageId === messageId);
    if (isThere) this.#put({ ...message, message: text, editedAt });
  }

  /**
   * Removes a message that the user received, or takes back one that they sent.
   * @throws {ChatError} when the server refuses.
   */
  async remove({ messageId }: Message): Promise<void> {
    await this.#client.removeMessage({ messageId });
    this.#remove((each) => each.messageId === messageId);
  }

  /** The user has seen the open conversation to its end. */
  markRead(): void {
    const last = this.conversation?.hasNewer ? undefined : this.conversation?.messages.at(-1);
    if (this.openId !== undefined && last !== undefined) this.#marks.markRead(this.openId, last.messageId);
  }

  /** Without a stream, the page has to ask what holds for the class. Only a stream says who is muted. */
  async #loadClass(): Promise<void> {
    const { isPaused = false, showsTexts = false } = await this.#background.readClass();
    this.pupil = { ...this.pupil, isPaused, showsTexts };
    this.#onChange();
  }

  /** It is no problem if this fails: the page soon tries again. */
  async #loadPeople(load = () => this.people.load()): Promise<void> {
    await unlessRefused(load);
    this.#onChange();
  }

  async #loadEverything(): Promise<void> {
    await unlessRefused(() => this.people.load());
    await this.#loadInbox();
    if (this.openId !== undefined && this.conversation === undefined) {
      const { openId } = this;
      await unlessRefused(() => this.people.meet(openId));
      if (openId === this.openId) return this.open(openId);
    }
    await this.load((conversation) => conversation.loadNewest());
  }

  /** Reads again what is on the screen. It does not move, but what was edited or removed changes. */
  async #refresh(): Promise<void> {
    await this.#loadInbox();
    await this.load((conversation) => conversation.refresh());
  }

  async #loadInbox(): Promise<void> {
    await unlessRefused(() => this.#inbox.load((before, limit) => this.#readAll({ before, limit })));
    this.#onChange();
  }

  async #readAll(page: { after?: number; before?: number; limit: number }): Promise<Message[]> {
    return (await this.#background.fetchQueue({ box: "both", ...page })).messages;
  }

  #hear(event: ChatEvent): void {
    if (event.type === "message" || event.type === "edit") {
      if (event.type === "message") this.#arrive(event.message);
      else this.#put(event.message);
    } else if (event.type === "delete") {
      this.#remove(({ messageId }) => messageId === event.messageId);
      this.#onGone({ messageId: event.messageId });
    } else if (event.type === "leave") {
      this.#remove(({ toId }) => toId === event.userId);
      this.#onGone({ toId: event.userId });
      void this.#loadPeople();
    } else if (event.type === "class") {
      this.pupil = stateAfter(this.pupil, event);
      this.#onChange();
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
    if (message.fromId === this.me.myId || otherId !== this.openId) return;
    this.arrivals.push(message);
    if (this.arrivals.length > MAX_ARRIVALS) this.arrivals.shift();
  }

  #put(message: Message): void {
    this.#inbox.put(message);
    if (this.#inbox.otherIn(message) === this.openId) this.conversation?.put(message);
    this.#onChange();
  }

  #remove(isGone: (message: Message) => boolean): void {
    this.#inbox.remove(isGone);
    this.conversation?.remove(isGone);
    this.#onChange();
  }

  /** The server said no. Logs out, unless this tab or another one has a new token by now. */
  async #isRefused(error: unknown): Promise<void> {
    const { myAuth } = this.me;
    await new Promise((resolve) => setTimeout(resolve, OTHER_TAB_MILLISECONDS));
    if (!this.#stopping.signal.aborted && this.me.myAuth === myAuth) this.#onEnd(sentenceFor(error));
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
