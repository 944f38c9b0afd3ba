/**
 * Messages that the server has not confirmed yet. The page never claims more than it knows: a message is "sending"
 * until the server has it on its disk, "refused" if the server said no, and "no answer" if nobody knows. Each has its
 * own `Idempotency-Key`, so several tries still make only one message.
 */
import { ChatError } from "../../client/chat-error.ts";
import type { PlainchatClient } from "../../client/plainchat-client.ts";
import { randomKey } from "../../client/random-key.ts";
import type { Message } from "../../client/types.ts";
import { forThisTab } from "../browser-storage.ts";
import { say } from "../language.ts";
import { sentenceFor } from "../sentence-for.ts";
import type { Identity } from "../session.ts";

export interface Draft {
  key: string;
  toId: number;
  toHandle: string;
  message: string;
  /** The id of the newest message when this one was written. */
  after: number;
  state: "sending" | "refused" | "no answer";
  /** Why it was not sent. */
  reason?: string;
}

export class Outbox {
  /** In the order in which they were written. */
  drafts: Draft[];
  readonly #name: string;
  readonly #client: PlainchatClient;
  readonly #lookUp: PlainchatClient["lookUpUser"];
  readonly #me: () => Identity;
  readonly #onSent: (message: Message) => void;
  readonly #onChange: () => void;

  constructor(
    { client, background }: { client: PlainchatClient; background: PlainchatClient },
    me: () => Identity,
    on: { sent: (message: Message) => void; change: () => void },
  ) {
    this.#client = client;
    this.#lookUp = (inputs) => background.lookUpUser(inputs);
    this.#me = me;
    this.#onSent = on.sent;
    this.#onChange = on.change;
    this.#name = `outbox.${me().myId}`;
    const saved = forThisTab.read<Draft[]>(this.#name) ?? [];
    // The page was reloaded while the message was being sent, so the reply was lost.
    this.drafts = saved.map((draft) => (draft.state === "sending" ? { ...draft, state: "no answer" } : draft));
  }

  /** Returns at once. The page shows the state of the message next to it. */
  send({ toId, toHandle, message, after }: Pick<Draft, "toId" | "toHandle" | "message" | "after">): void {
    const draft: Draft = { key: randomKey(), toId, toHandle, message, after, state: "sending" };
    this.drafts.push(draft);
    void this.#try(draft);
  }

  /** Tries again. It is the same message, so it cannot arrive twice. @param toHandle the recipient's handle now. */
  tryAgain(draft: Draft, toHandle: string): void {
    // The server stored nothing of a refused message. Otherwise it may have, and the request must be exactly the same.
    if (draft.state === "refused") draft.toHandle = toHandle;
    draft.state = "sending";
    void this.#try(draft);
  }

  discard(draft: Draft): void {
    this.drafts = this.drafts.filter((each) => each !== draft);
    this.#changed();
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

  async #try(draft: Draft): Promise<void> {
    this.#changed();
    const { toHandle, message, key } = draft;
    try {
      // Someone else may have taken the handle, and they must never get a message that was meant for the earlier owner.
      const { userId: ownerId } = await this.#lookUp({ userHandle: toHandle });
      if (ownerId !== draft.toId) {
        throw new ChatError(say("error.otherOwner", { handle: toHandle }), { reason: "refused", status: 404 });
      }
      const sent = await this.#client.publishMessage({ userHandle: toHandle, message, idempotencyKey: key });
      this.drafts = this.drafts.filter((each) => each !== draft);
      const { messageId, sentAt, userId } = sent;
      const { myId: fromId, userHandle: fromHandle } = this.#me();
      this.#onSent({ messageId, fromId, fromHandle, toId: userId, toHandle, message, sentAt });
    } catch (error) {
      // With these statuses the server says that it stored nothing. After any other error, nobody knows.
      const isRefused =
        error instanceof ChatError && (isMistake(error.status) || error.status === 503 || error.status === 507);
      draft.state = isRefused ? "refused" : "no answer";
      draft.reason = sentenceFor(error);
    }
    this.#changed();
  }

  #changed(): void {
    forThisTab.write(this.#name, this.drafts);
    this.#onChange();
  }
}

function isMistake(status: number): boolean {
  return status >= 400 && status < 500;
}
