/**
 * Which users are told about which events. The same rule holds for events that happen now and for those that are told
 * later, when a stream resumes.
 */
import type { Box, ChatEvent } from "./contract.ts";

/** Whether an event belongs in a stream. That a user left is told to everybody who may have sent them something. */
export function concerns(
  { type, fromId, toId }: Pick<ChatEvent, "type" | "fromId" | "toId">,
  { userId, box }: { userId: number; box: Box },
): boolean {
  if (type === "leave") return box !== "received";
  return (box !== "sent" && toId === userId) || (box !== "received" && fromId === userId);
}
