/**
 * A row of the table `messages`, as JSON for those who read it: the names and the order of the fields are those of
 * docs/spec.md.
 */
export interface MessageRow {
  message_id: number;
  seq: number;
  from_id: number;
  from_handle: string;
  to_id: number;
  to_handle: string;
  message: string;
  sent_at: Date;
  edited_at: Date | null;
  is_teacher: boolean;
  is_to_all: boolean;
}

export function messageJson(row: MessageRow): string {
  return JSON.stringify({
    messageId: row.message_id,
    fromId: row.from_id,
    fromHandle: row.from_handle,
    toId: row.to_id,
    toHandle: row.to_handle,
    message: row.message,
    sentAt: row.sent_at.toISOString(),
    isTeacher: row.is_teacher || undefined,
    isToAll: row.is_to_all || undefined,
    editedAt: row.edited_at?.toISOString(),
  });
}
