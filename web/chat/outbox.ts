/**
 * What one has written and the server has not confirmed yet. What is said of it is true: "sending" until the server has
 * it on its disk; "not sent" when the server said no; and "no answer" when nobody knows. Each has a key of its own
 * (`Idempotency-Key`), so that however often it is tried, there is one message.
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
  /** The newest message there was when it was written. */
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
    // The page was loaded anew while it was sent: nobody heard the answer.
    this.drafts = saved.map((draft) => (draft.state === "sending" ? { ...draft, state: "no answer" } : draft));
  }

  /** To whom, and what. Returns at once; what becomes of it is shown beside it. */
  send({ toId, toHandle, message, after }: Pick<Draft, "toId" | "toHandle" | "message" | "after">): void {
    const draft: Draft = { key: randomKey(), toId, toHandle, message, after, state: "sending" };
    this.drafts.push(draft);
    void this.#try(draft);
  }

  /** Tries once more. It is the same message, and will not be there twice. @param toHandle of the recipient, by now. */
  tryAgain(draft: Draft, toHandle: string): void {
    // Of what was refused the server has kept nothing. Of the rest it may have: then it must be the same to the letter.
    if (draft.state === "refused") draft.toHandle = toHandle;
    draft.state = "sending";
    void this.#try(draft);
  }

  discard(draft: Draft): void {
    this.drafts = this.drafts.filter((each) => each !== draft);
    this.#changed();
  }

  /**
   * The drafts to somebody, as they are to be shown under `messages`. The stream may be faster than the reply: one that
   * has come by way of it is among the messages already.
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
      // Somebody else may have taken the handle: a message for one must never go to another.
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
      // Of these the server says that it has stored nothing; of anything else that went wrong with it, nobody knows.
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
