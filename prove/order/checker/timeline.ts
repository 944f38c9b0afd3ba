/**
 * Draws a history for people to read: one line for each operation, in the order of their calls. A drawing beside them
 * shows which ones overlap.
 */
import type { Operation } from "./history.ts";

/** @param marked the operation that cannot be explained. */
export function timeline(operations: Operation[], marked?: Operation): string {
  const inOrder = operations.toSorted((one, other) => one.called - other.called);
  return inOrder.map((operation) => `${operation === marked ? "→" : " "} ${line(operation)}`).join("\n");
}

function line(operation: Operation): string {
  const { client, called, replied } = operation;
  const from = String(called).padStart(5);
  const to = replied === Number.POSITIVE_INFINITY ? "  …  " : String(replied).padEnd(5);
  return `${from} – ${to} client ${client}: ${describe(operation)}`;
}

/** The request and its reply. */
export function describe(operation: Operation): string {
  switch (operation.kind) {
    case "publish": {
      const { text, key, messageId } = operation;
      return `publish ${text}${key === undefined ? "" : ` with key ${key}`} → ${messageId ?? "no reply"}`;
    }
    case "edit":
      return `edit ${operation.messageId} to ${operation.text} → ${found(operation.isFound)}`;
    case "remove":
      return `remove ${operation.messageId} → ${found(operation.isFound)}`;
    case "fetch": {
      const { after, limit, messages } = operation;
      const seen = messages?.map(({ messageId, text, isEdited }) => `${messageId}:${text}${isEdited ? "*" : ""}`);
      return `fetch ${limit} after ${after} → ${seen === undefined ? "no reply" : `[${seen.join(" ")}]`}`;
    }
  }
}

function found(isFound: boolean | undefined): string {
  if (isFound === undefined) return "no reply";
  return isFound ? "done" : "404";
}
