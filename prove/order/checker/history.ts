/**
 * A history: what clients did to queues and what replies they got. Moments are numbers that only grow, so we know which
 * operation ended before another began. An operation without a reply may have happened at any moment after its call, or
 * never.
 */

/** A message as a fetch showed it. */
export interface SeenMessage {
  messageId: number;
  text: string;
  isEdited: boolean;
}

interface Called {
  client: number;
  queue: number;
  called: number;
  /** When the reply came. Infinity if none came. */
  replied: number;
}

interface Publish extends Called {
  kind: "publish";
  /** No two messages have the same text, except retries with one key. */
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
  /** False if the reply was 404, undefined without a reply. */
  isFound: boolean | undefined;
}

export interface Remove extends Called {
  kind: "remove";
  messageId: number;
  isFound: boolean | undefined;
}

/** One page: the first `limit` messages after `after`. */
export interface Fetch extends Called {
  kind: "fetch";
  after: number;
  limit: number;
  /** Undefined without a reply. */
  messages: SeenMessage[] | undefined;
}

export type Operation = Publish | Edit | Remove | Fetch;

/** Whether a page says anything about a message: that it was there, or that it was not. */
export function covers({ after, limit, messages = [] }: Fetch, messageId: number): boolean {
  const last = messages.length < limit ? Number.POSITIVE_INFINITY : (messages.at(-1)?.messageId ?? 0);
  return messageId > after && messageId <= last;
}
