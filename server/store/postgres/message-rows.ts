/**
 * A row of the table `messages`, as JSON for those who read it: the names and the order of the fields are those of
 * docs/spec.md.
 */
export interface MessageRow {
  message_id: number;
  from_id: number;
  from_handle: string;
  to_id: number;
  to_handle: string;
  message: string;
  sent_at: string;
  edited_at: string | null;
  is_teacher: boolean;
  is_to_all: boolean;
}

/** The columns of a message that its reader gets. The others would have to be read, sent and understood for nothing. */
export const MESSAGE_COLUMNS = [
  "message_id",
  "from_id",
  "from_handle",
  "to_id",
  "to_handle",
  "message",
  "sent_at",
  "edited_at",
  "is_teacher",
  "is_to_all",
] as const satisfies (keyof MessageRow)[];

export function messageJson(row: MessageRow): string {
  return JSON.stringify({
    messageId: row.message_id,
    fromId: row.from_id,
    fromHandle: row.from_handle,
    toId: row.to_id,
    toHandle: row.to_handle,
    message: row.message,
    sentAt: row.sent_at,
    isTeacher: row.is_teacher || undefined,
    isToAll: row.is_to_all || undefined,
    editedAt: row.edited_at ?? undefined,
  });
}
