/**
 * Messages that the server has not confirmed yet. The page never claims more than it knows: a message is "sending"
 * until the server has it on its disk, "refused" if the server said no, and "no answer" if nobody knows. Each has its
 * own `Idempotency-Key`, so several tries still make only one message. Each conversation sends one at a time, so that
 * they arrive in the order in which they were written.
 */
import { ChatError, leavesInDoubt } from "../../client/chat-error.ts";
import type { PlainchatClient } from "../../client/plainchat-client.ts";
import { randomKey } from "../../client/random-key.ts";
import { sendToUser } from "../../client/send-to-user.ts";
import type { Message } from "../../client/types.ts";
import { type Identity, scopeOf } from "../app/session.ts";
import { forThisTab } from "../browser/browser-storage.ts";
import { sentenceFor } from "../words/sentence-for.ts";

export interface Draft {
  key: string;
  toId: number;
  message: string;
  /** The id of the newest message when this one was written. */
  after: number;
  /** "held": the one before it got no answer, and would arrive after this one. */
  state: "sending" | "refused" | "no answer" | "held";
  /** Why it was not sent. */
  reason?: string;
  /** Whether the same message can never succeed. */
  isHopeless?: boolean;
}

export class Outbox {
  /** In the order in which they were written. */
  drafts: Draft[];
  readonly #name: string;
  readonly #client: PlainchatClient;
  /** Asks for handles. */
  readonly #finder: PlainchatClient;
  readonly #me: () => Identity;
  readonly #onSent: (message: Message) => void;
  readonly #onChange: () => void;
  /** The recipients to whom a message is on its way. */
  readonly #busy = new Set<number>();

  constructor(
    { client, background }: { client: PlainchatClient; background: PlainchatClient },
    me: () => Identity,
    on: { sent: (message: Message) => void; change: () => void },
  ) {
    this.#client = client;
    this.#finder = background;
    this.#me = me;
    this.#onSent = on.sent;
    this.#onChange = on.change;
    this.#name = `outbox.${scopeOf(me())}`;
    const saved = forThisTab.read<Draft[]>(this.#name) ?? [];
    // The page was reloaded while the message was being sent, so the reply was lost.
    this.drafts = saved.map((draft) => (draft.state === "sending" ? { ...draft, state: "no answer" } : draft));
  }

  /** Returns at once. The page shows the state of the message next to it. */
  send({ toId, message, after }: Pick<Draft, "toId" | "message" | "after">): void {
    const draft: Draft = { key: randomKey(), toId, message, after, state: "sending" };
    this.drafts.push(draft);
    void this.#sendAll(toId);
  }

  /** Tries again. It is the same message, so it cannot arrive twice. */
  tryAgain(draft: Draft): void {
    draft.state = "sending";
    this.#releaseAfter(draft);
    void this.#sendAll(draft.toId);
  }

  /** Sends it with another text. It was refused, so it is a new message. */
  sendInstead(draft: Draft, message: string): void {
    draft.message = message;
    draft.key = randomKey();
    this.tryAgain(draft);
  }

  discard(draft: Draft): void {
    this.#releaseAfter(draft);
    this.drafts = this.drafts.filter((each) => each !== draft);
    void this.#sendAll(draft.toId);
  }

  /** For when the user has logged out. */
  forget(): void {
    this.drafts = [];
    forThisTab.remove(this.#name);
  }

  /**
   * The drafts to one person, to be shown below `messages`. The stream may be faster than the reply: a draft that has
   * already arrived that way is left out, because it is one of the messages.
   */
  draftsTo(toId: number, messages: readonly Message[]): Draft[] {
    const arrived = messages.filter(({ fromId }) => fromId === this.#me().myId);
    return this.drafts.filter((draft) => {
      if (draft.toId !== toId) return false;
      const { message, after } = draft;
      const place = arrived.findLastIndex((each) => each.messageId > after && each.message === message);
      if (draft.state !== "sending" || place === -1) return true;
      arrived.splice(place, 1);
      return false;
    });
  }

  /** Sends what is to be sent to this user, one after the other, the oldest first. */
  async #sendAll(toId: number): Promise<void> {
    this.#changed();
    if (this.#busy.has(toId)) return;
    this.#busy.add(toId);
    for (;;) {
      const next = this.drafts.find((draft) => draft.toId === toId && draft.state === "sending");
      if (next === undefined) break;
      await this.#try(next);
    }
    this.#busy.delete(toId);
  }

  #after(draft: Draft): Draft[] {
    return this.drafts.slice(this.drafts.indexOf(draft) + 1).filter(({ toId }) => toId === draft.toId);
  }

  #releaseAfter(draft: Draft): void {
    for (const held of this.#after(draft)) {
      if (held.state === "no answer") return;
      if (held.state !== "held") continue;
      held.state = "sending";
    }
  }

  async #try(draft: Draft): Promise<void> {
    const { toId, message, key } = draft;
    try {
      const letter = { userId: toId, message, idempotencyKey: key };
      const {
        messageId,
        sentAt,
        userHandle: toHandle,
      } = await sendToUser(this.#client, letter, { finder: this.#finder });
      this.drafts = this.drafts.filter((each) => each !== draft);
      const { myId: fromId, userHandle: fromHandle } = this.#me();
      this.#onSent({ messageId, fromId, fromHandle, toId, toHandle, message, sentAt });
    } catch (error) {
      const isRefused = error instanceof ChatError && saysNothingWasStored(error);
      draft.state = isRefused ? "refused" : "no answer";
      draft.reason = sentenceFor(error);
      draft.isHopeless = isRefused && isAboutMessage(error);
      if (isRefused) return this.#changed();
      for (const next of this.#after(draft)) if (next.state === "sending") next.state = "held";
    }
    this.#changed();
  }

  #changed(): void {
    forThisTab.write(this.#name, this.drafts);
    this.#onChange();
  }
}

/** The text is wrong, or nobody can get it any more: the same request would be refused again. */
function isAboutMessage({ status, field, reason }: ChatError): boolean {
  return (status === 400 && field === "message") || status === 413 || reason === "has left";
}

/** After any other error, nobody knows. */
function saysNothingWasStored(error: ChatError): boolean {
  const { status } = error;
  return (status >= 400 && status < 500) || status === 507 || (status === 503 && !leavesInDoubt(error));
}
