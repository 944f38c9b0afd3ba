/**
 * The journal's events as a stream gets them: the event that has just become durable, and those that a stream missed
 * while it was away. Memory holds the list of events (recent-events.ts); the texts are read from the files.
 */
import { concerns } from "./concerns.ts";
import type { ChatEvent, EventQuery } from "./contract.ts";
import type { MessageIndex } from "./index/message-index.ts";
import type { RecentEvent } from "./index/recent-events.ts";
import type { MessagePlace } from "./journal/pages.ts";
import { decodeRecord, type JournalRecord, type MessageRecord } from "./journal/record.ts";

/** The event in a record of the journal, or undefined when streams are not told about it. */
export function eventOf(record: JournalRecord): ChatEvent | undefined {
  if (record.op === "post" || record.op === "edit")
    return new MessageEvent(record, { seq: record.seq, type: record.op === "post" ? "message" : "edit" });
  if (record.op === "delete") return removal(record);
  if (record.op === "leave") return departure(record.seq, record.userId);
  return undefined;
}

/** Reads what has happened in a user's boxes. @param readLines reads the lines in these places. */
export async function readEvents(
  { userId, box, after, limit }: EventQuery,
  index: MessageIndex,
  readLines: (places: MessagePlace[]) => Promise<Buffer[]>,
): Promise<{ events: ChatEvent[]; upTo: number } | "forgotten"> {
  if (after < index.recent.knownAfter || after > index.lastSeq) return "forgotten";
  let upTo = index.lastSeq;
  const wanted: RecentEvent[] = [];
  const places: MessagePlace[] = [];
  for (const event of index.recent.after(after)) {
    if (!concerns(event, { userId, box })) continue;
    if (event.type === "message" || event.type === "edit") {
      const row = index.messages.find(event.messageId)?.row;
      // The message is gone, and a later event says so.
      if (row === undefined) continue;
      places.push(row);
    }
    wanted.push(event);
    if (wanted.length === limit) {
      upTo = event.seq;
      break;
    }
  }
  const lines = places.length === 0 ? [] : await readLines(places);
  let line = 0;
  const events: ChatEvent[] = [];
  for (const event of wanted) {
    if (event.type === "delete") events.push(removal(event));
    else if (event.type === "leave") events.push(departure(event.seq, event.toId));
    else {
      const record = messageIn(lines[line++], event.messageId);
      // The text of an edit is gone if there was another edit after it. That one follows.
      const isOverwritten = event.type === "edit" && record.seq !== event.seq;
      if (!isOverwritten) events.push(new MessageEvent(record, { seq: event.seq, type: event.type }));
    }
  }
  return { events, upTo };
}

/** An event about a message. Its JSON is made only when somebody asks for it. */
class MessageEvent implements ChatEvent {
  readonly eventId: number;
  readonly type: "message" | "edit";
  readonly fromId: number;
  readonly toId: number;
  readonly #record: MessageRecord;

  constructor(record: MessageRecord, { seq, type }: { seq: number; type: "message" | "edit" }) {
    this.eventId = seq;
    this.type = type;
    this.fromId = record.fromId;
    this.toId = record.toId;
    this.#record = record;
  }

  get json(): string {
    const { op: _op, seq: _seq, postSeq: _postSeq, key: _key, digest: _digest, ...message } = this.#record;
    return JSON.stringify(message);
  }
}

function removal({ seq, messageId, fromId, toId }: Omit<RecentEvent, "type">): ChatEvent {
  return { eventId: seq, type: "delete", fromId, toId, json: JSON.stringify({ messageId, fromId, toId }) };
}

function departure(seq: number, userId: number): ChatEvent {
  return { eventId: seq, type: "leave", fromId: 0, toId: userId, json: JSON.stringify({ userId }) };
}

function messageIn(line: Buffer | undefined, messageId: number): MessageRecord {
  const record = line === undefined ? undefined : decodeRecord(line);
  if (record?.op === "post" || record?.op === "edit") return record;
  throw new Error(`The line of message ${messageId} belongs to something else`);
}
