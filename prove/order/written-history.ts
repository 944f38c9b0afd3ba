/**
 * Histories in short, for the tests of the checker: each operation with the moments of its call and its reply first. One
 * without a reply has NEVER as the second moment, and no outcome.
 */
import type { Operation } from "./history.ts";

export const NEVER = Number.POSITIVE_INFINITY;
type When = [called: number, replied: number];

const common = ([called, replied]: When) => ({ client: 0, queue: 0, called, replied });
export const publish = (when: When, text: string, messageId?: number, key?: string): Operation => ({
  ...common(when),
  kind: "publish",
  text,
  messageId,
  key,
});
export const edit = (when: When, messageId: number, text: string, isFound?: boolean): Operation => ({
  ...common(when),
  kind: "edit",
  messageId,
  text,
  isFound,
});
export const remove = (when: When, messageId: number, isFound?: boolean): Operation => ({
  ...common(when),
  kind: "remove",
  messageId,
  isFound,
});
/** Seen messages as `1:a`, and `1:a*` when edited. */
export const fetch = (when: When, seen: string, { after = 0, limit = 200 } = {}): Operation => ({
  ...common(when),
  kind: "fetch",
  after,
  limit,
  messages: seen
    .split(" ")
    .filter((each) => each !== "")
    .map((each) => {
      const [id, text = ""] = each.split(":");
      return { messageId: Number(id), text: text.replace("*", ""), isEdited: text.endsWith("*") };
    }),
});
