/**
 * The last messages that each pupil has sent, as far as this page was open: so the teacher can read what somebody
 * complains about, and remove it. They come from the traces of requests, which the server shows the teacher whole.
 */
import { type Gone, rowIn, type Trace } from "../../client/trace.ts";

export interface HeardMessage {
  messageId: number;
  fromId: number;
  toId: number;
  toHandle: string;
  message: string;
  /** ISO 8601, in UTC. */
  sentAt: string;
}

const KEPT_FOR_EACH = 10;
/** A class has fewer. */
const MAX_PUPILS = 500;

export class HeardMessages {
  /** By the sender, newest first. */
  readonly #messages = new Map<number, HeardMessage[]>();

  hear(trace: Trace): void {
    for (const message of messagesIn(trace)) {
      const { fromId, messageId } = message;
      const earlier = (this.#messages.get(fromId) ?? []).filter((each) => each.messageId !== messageId);
      const kept = [message, ...earlier].sort((a, b) => b.messageId - a.messageId).slice(0, KEPT_FOR_EACH);
      this.#messages.delete(fromId);
      this.#messages.set(fromId, kept);
      if (this.#messages.size > MAX_PUPILS) this.#messages.delete(this.#messages.keys().next().value ?? 0);
    }
  }

  /** Newest first. */
  of(userId: number): readonly HeardMessage[] {
    return this.#messages.get(userId) ?? [];
  }

  /** A message is gone, or everything to a user who has left. */
  remove(gone: Pick<Gone, "messageId" | "toId">): void {
    for (const [userId, messages] of this.#messages) {
      const left = messages.filter(({ messageId, toId }) => messageId !== gone.messageId && toId !== gone.toId);
      this.#messages.set(userId, left);
    }
  }
}

/** What a request has written into the journal or the table `messages`. A message to all is from the teacher, who knows it. */
function messagesIn({ steps }: Trace): HeardMessage[] {
  return steps
    .flatMap(({ files }) => files)
    .flatMap(({ did, path, after }) => {
      const isInJournal = did === "appended to" && path.startsWith("messages/");
      const isWrittenRow = (did === "created" || did === "changed") && rowIn(path)?.table === "messages";
      if (isWrittenRow) return messageInRow(after?.text ?? "");
      return isInJournal ? (after?.text ?? "").split("\n").flatMap(messageOf) : [];
    });
}

function messageOf(line: string): HeardMessage[] {
  try {
    const { op, messageId, fromId, toId, toHandle, message, sentAt, isToAll } = JSON.parse(line);
    if ((op !== "post" && op !== "edit") || isToAll === true || typeof message !== "string") return [];
    return [{ messageId, fromId, toId, toHandle, message, sentAt }];
  } catch {
    // An excerpt may begin in the middle of a line.
    return [];
  }
}

function messageInRow(text: string): HeardMessage[] {
  try {
    const row = JSON.parse(text);
    const { message_id: messageId, from_id: fromId, to_id: toId, to_handle: toHandle, sent_at: sentAt, message } = row;
    return row.is_to_all === true ? [] : [{ messageId, fromId, toId, toHandle, message, sentAt }];
  } catch {
    // A long row is cut.
    return [];
  }
}
