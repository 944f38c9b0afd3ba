/**
 * What the server knows of the journal without reading it: the messages that are there, the greatest ids ever used, and
 * the last events. It changes in one way only: an event is applied when it is durable, in the order of the journal. At
 * the start, replay.ts fills it from the files; nothing in this file is about the start. It holds no text.
 */
import type { Place } from "../journal/journal-file.ts";
import type { JournalRecord, MessageRecord } from "../journal/record.ts";
import { IndexedMessages } from "./indexed-messages.ts";
import type { Row } from "./message-table.ts";
import { type RecentEvent, RecentEvents } from "./recent-events.ts";

/** Told that the line in a place is no longer needed, or only until compaction ("tombstone"). */
type Waste = (place: Place, kind: "dead" | "tombstone") => void;

export class MessageIndex {
  /** The greatest id that was ever given to a message, whether it is there or gone. */
  lastMessageId = 0;
  lastUserId = 0;
  lastSeq = 0;
  readonly messages = new IndexedMessages();
  /** What streams are told about. */
  readonly recent: RecentEvents;
  readonly waste: Waste;

  constructor(waste: Waste, recentEvents: number) {
    this.recent = new RecentEvents(recentEvents);
    this.waste = waste;
  }

  apply(record: JournalRecord, place: Place): void {
    if (record.seq > this.lastSeq) this.lastSeq = record.seq;
    if (record.op === "post") this.add(record, place, record.seq);
    else if (record.op === "edit") this.#edit(record, place);
    else if (record.op === "delete") this.#delete(record, place);
    else if (record.op === "leave") this.#leave(record, place);
    else if (record.op === "user") this.lastUserId = Math.max(this.lastUserId, record.userId);
  }

  /** Adds a message with a greater id than all before it. @param seq the event with which it was sent. */
  add(record: MessageRecord, place: Place, seq: number): void {
    const { messageId, fromId, toId } = record;
    this.#note(seq, "message", record);
    this.lastMessageId = Math.max(this.lastMessageId, messageId);
    this.messages.add({ ...place, messageId, fromId, toId }, record.key);
  }

  /** Notes that a message has a newer line. */
  replaceLine({ slot, row }: { slot: number; row: Row }, place: Place): void {
    this.waste(row, "dead");
    this.messages.move(slot, place);
  }

  #edit(record: MessageRecord, place: Place): void {
    const found = this.messages.find(record.messageId);
    // The recipient may have left while the edit was on its way.
    if (found === undefined) this.waste(place, "dead");
    else this.replaceLine(found, place);
    this.#note(record.seq, "edit", record);
  }

  #delete(record: Extract<JournalRecord, { op: "delete" }>, place: Place): void {
    this.#note(record.seq, "delete", record);
    this.waste(place, "tombstone");
    this.lastMessageId = Math.max(this.lastMessageId, record.messageId);
    const found = this.messages.find(record.messageId);
    if (found !== undefined) this.#remove(found.slot, found.row);
  }

  #leave({ seq, userId }: Extract<JournalRecord, { op: "leave" }>, place: Place): void {
    this.#note(seq, "leave", { messageId: 0, fromId: 0, toId: userId });
    this.waste(place, "tombstone");
    for (const slot of this.messages.queueOf(userId)) {
      const row = this.messages.row(slot);
      if (row !== undefined) this.#remove(slot, row);
    }
    this.messages.dropBoxes(userId);
  }

  #remove(slot: number, row: Row): void {
    this.waste(row, "dead");
    this.messages.remove(slot, row);
  }

  #note(
    seq: number,
    type: RecentEvent["type"],
    { messageId, fromId, toId }: Pick<RecentEvent, "messageId" | "fromId" | "toId">,
  ): void {
    this.recent.add({ seq, type, messageId, fromId, toId });
  }
}
