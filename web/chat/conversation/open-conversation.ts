/**
 * The conversation that is open on the page: with whom, its messages, why they cannot be shown, and what a screen reader
 * reads out. chat.ts tells it what has happened. It never asks for anything by itself.
 */
import type { Message } from "../../../client/types.ts";
import { sentenceFor } from "../../words/sentence-for.ts";
import { Conversation, type ReadPage } from "./conversation.ts";

/** How many new messages are kept for a screen reader to read out. */
const MAX_ARRIVALS = 5;

export class OpenConversation {
  /** The userId of the other person. */
  withId: number | undefined;
  /** Undefined until the people are known. */
  conversation: Conversation | undefined;
  /** Why it cannot be shown. */
  loadError: string | undefined;
  /** Messages that just arrived from the other person, newest last. */
  arrivals: readonly Message[] = [];
  readonly #pagesWith: (userId: number) => ReadPage;
  readonly #onChange: () => void;

  /** @param pagesWith reads the messages exchanged with a user. @param onChange is called when there is something new. */
  constructor(pagesWith: (userId: number) => ReadPage, onChange: () => void) {
    this.#pagesWith = pagesWith;
    this.#onChange = onChange;
  }

  get messages(): readonly Message[] {
    return this.conversation?.messages ?? [];
  }

  /** @param userId the other person, or undefined to close the conversation. */
  async open(userId: number | undefined): Promise<void> {
    if (this.withId === userId && (this.conversation !== undefined || userId === undefined)) return;
    this.withId = userId;
    this.arrivals = [];
    this.conversation = userId === undefined ? undefined : new Conversation(this.#pagesWith(userId));
    this.#onChange();
    await this.load((conversation) => conversation.loadNewest());
  }

  /** Loads a part of it, and shows an error if that fails. */
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

  /** The last message that has been seen, if the window reaches to the end. */
  get lastSeen(): Message | undefined {
    return this.conversation?.hasNewer ? undefined : this.messages.at(-1);
  }

  announce(message: Message): void {
    this.arrivals = [...this.arrivals, message].slice(-MAX_ARRIVALS);
  }

  /** Adds a message, or shows what it says now. */
  put(message: Message): void {
    this.conversation?.put(message);
    this.arrivals = this.arrivals.map((each) => (each.messageId === message.messageId ? message : each));
  }

  /** What is gone must not be read out, either. */
  remove(isGone: (message: Message) => boolean): void {
    this.conversation?.remove(isGone);
    this.arrivals = this.arrivals.filter((message) => !isGone(message));
  }
}
