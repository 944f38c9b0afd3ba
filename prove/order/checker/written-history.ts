/**
 * Writes histories in short form for the checker's tests. Each operation begins with the moments of its call and its
 * reply. Without a reply the second moment is NEVER, and there is no outcome.
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
/** Messages that were seen: `1:a`, or `1:a*` if edited. */
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
