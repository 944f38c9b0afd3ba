/**
 * Who is told of what: the one rule for events that happen now, and for those that are told later.
 */
import type { Box, ChatEvent } from "./contract.ts";

/** Whether an event belongs into a stream. Of a user who has left, all those are told who may have sent them something. */
export function concerns(
  { type, fromId, toId }: Pick<ChatEvent, "type" | "fromId" | "toId">,
  { userId, box }: { userId: number; box: Box },
): boolean {
  if (type === "leave") return box !== "received";
  return (box !== "sent" && toId === userId) || (box !== "received" && fromId === userId);
}
