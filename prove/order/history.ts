/**
 * What clients did to queues, and what they were told: a history. Moments are numbers that only grow, so that it is known
 * which operation had ended before another began. An operation without a reply may have happened at any moment after it was
 * called, or never.
 */

/** A message as a fetch has shown it. */
export interface SeenMessage {
  messageId: number;
  text: string;
  isEdited: boolean;
}

interface Called {
  client: number;
  queue: number;
  called: number;
  /** When the reply was there; Infinity when there never was one. */
  replied: number;
}

export interface Publish extends Called {
  kind: "publish";
  /** No two messages have the same text, except tries under one key. */
  text: string;
  key: string | undefined;
  /** Undefined without a reply. */
  messageId: number | undefined;
}

export interface Edit extends Called {
  kind: "edit";
  messageId: number;
  /** No other operation has the same text. */
  text: string;
  /** False when the reply was 404; undefined without a reply. */
  isFound: boolean | undefined;
}

export interface Remove extends Called {
  kind: "remove";
  messageId: number;
  isFound: boolean | undefined;
}

/** One page: the first `limit` messages behind `after`. */
export interface Fetch extends Called {
  kind: "fetch";
  after: number;
  limit: number;
  /** Undefined without a reply. */
  messages: SeenMessage[] | undefined;
}

export type Operation = Publish | Edit | Remove | Fetch;

/** Whether a page says anything of a message: that it was there, or that it was not. */
export function covers({ after, limit, messages = [] }: Fetch, messageId: number): boolean {
  const last = messages.length < limit ? Number.POSITIVE_INFINITY : (messages.at(-1)?.messageId ?? 0);
  return messageId > after && messageId <= last;
}
