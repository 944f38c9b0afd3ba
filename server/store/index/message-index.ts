/**
 * What is known of the journal without reading it: which messages there are, where the newest line of each lies, whose
 * boxes they are in, and which ids were ever in use. It changes in one way only: an event is applied, in the order of
 * the journal, when it is durable, or when the journal is replayed at the start. It holds no text.
 */

import type { PageQuery } from "../contract.ts";
import { seqAfterGap } from "../journal/event-gap.ts";
import type { Place } from "../journal/journal-file.ts";
import type { JournalRecord, MessageRecord } from "../journal/record.ts";
import { BoxList } from "./box-list.ts";
import { KeyIndex } from "./key-index.ts";
import { MessageTable, type Row } from "./message-table.ts";
import { type RecentEvent, RecentEvents } from "./recent-events.ts";

/** Says that the line in a place is of no use any more, or of use only until compaction ("tombstone"). */
export type Waste = (place: Place, kind: "dead" | "tombstone") => void;

export class MessageIndex {
  /** The greatest id that was ever given to a message, whether it is there or gone. */
  lastMessageId = 0;
  /** The greatest id among those that the table may hold: what comes behind it in the journal is greater. */
  lastIdInOrder = 0;
  lastUserId = 0;
  lastSeq = 0;
  /** What streams are told of. */
  readonly recent: RecentEvents;
  readonly #waste: Waste;
  #table = new MessageTable();
  readonly #received = new Map<number, BoxList>();
  readonly #sent = new Map<number, BoxList>();
  readonly #keys = new KeyIndex((slot) => this.#table.row(slot) !== undefined);
  /** Only during replay. */
  #replay: Replay | undefined = { editSeqs: new Map(), strays: new Map() };

  constructor(waste: Waste, recentEvents: number) {
    this.recent = new RecentEvents(recentEvents);
    this.#waste = waste;
  }

  get messageCount(): number {
    return this.#table.count;
  }

  apply(record: JournalRecord, place: Place): void {
    if (record.seq > this.lastSeq) this.lastSeq = record.seq;
    if (record.op === "post") this.#post(record, place);
    else if (record.op === "edit") this.#edit(record, place);
    else if (record.op === "delete") this.#delete(record, place);
    else if (record.op === "leave") this.#leave(record, place);
    else if (record.op === "user") {
      this.lastUserId = Math.max(this.lastUserId, record.userId);
    } else if (record.op === "start") {
      this.lastIdInOrder = Math.max(this.lastIdInOrder, record.lastMessageId);
      this.lastMessageId = Math.max(this.lastMessageId, record.lastMessageId, record.usedMessageId ?? 0);
      this.lastUserId = Math.max(this.lastUserId, record.lastUserId);
    }
  }

  /** Where a message is now, or undefined when it is gone. */
  find(messageId: number): { slot: number; row: Row } | undefined {
    const slot = this.#table.slotOf(messageId);
    const row = slot === undefined ? undefined : this.#table.row(slot);
    return slot === undefined || row === undefined ? undefined : { slot, row };
  }

  row(slot: number): Row | undefined {
    return this.#table.row(slot);
  }

  /** Notes that compaction has copied the newest line of a message to another place. */
  move(slot: number, place: Place): void {
    this.#table.move(slot, place.file, place.offset, place.length);
  }

  /** The messages which may have been sent with an Idempotency-Key. */
  sentWithKey(userId: number, key: string): Row[] {
    return this.#keys
      .candidates(userId, key)
      .map((slot) => this.#table.row(slot))
      .filter((row) => row !== undefined);
  }

  /** The rows of a page, oldest message first. */
  page(query: PageQuery): Row[] {
    const range = {
      from: query.after === undefined ? 0 : this.#table.firstSlotFrom(query.after + 1),
      to: query.before === undefined ? Number.POSITIVE_INFINITY : this.#table.firstSlotFrom(query.before),
      limit: query.limit,
      newest: query.after === undefined && query.before !== undefined,
    };
    const received =
      query.box === "sent"
        ? []
        : this.#received.get(query.userId)?.slots(range, query.otherId, (slot) => this.#table.row(slot)?.fromId ?? 0);
    const sent =
      query.box === "received"
        ? []
        : this.#sent.get(query.userId)?.slots(range, query.otherId, (slot) => this.#table.row(slot)?.toId ?? 0);
    const slots = merge(received ?? [], sent ?? []);
    const wanted = range.newest ? slots.slice(-query.limit) : slots.slice(0, query.limit);
    return wanted.map((slot) => this.#table.row(slot)).filter((row) => row !== undefined);
  }

  /** How many messages are in a user's queue. */
  received(userId: number): number {
    return this.#received.get(userId)?.all.length ?? 0;
  }

  /** Ends the replay: from here on every event is a new one. */
  endReplay(): void {
    const strays = [...(this.#replay?.strays.values() ?? [])];
    const editSeqs = this.#replay?.editSeqs ?? new Map<number, number>();
    this.#replay = undefined;
    if (strays.length > 0) this.#rebuild(strays);
    this.recent.complete(this.#editsOf(editSeqs), this.lastSeq);
  }

  /**
   * Something was damaged, so it is not known any more what has happened since when. The next event gets a number so far
   * behind that after each start, too, everything before it counts as forgotten.
   * @param lost how many events may be lost behind the last one that is known: their numbers are not given out again.
   */
  forgetEvents(lost: number): void {
    this.lastSeq = seqAfterGap(this.lastSeq, lost);
    this.recent.forget(this.lastSeq);
  }

  /** Ids may be lost behind the last ones that are known: they are not given out again. @param lost how many. */
  skipIds(lost: number): void {
    this.lastMessageId += lost;
    this.lastUserId += lost;
  }

  /** The newest edits of messages that are there, as events. */
  #editsOf(editSeqs: Map<number, number>): RecentEvent[] {
    const edits: RecentEvent[] = [];
    for (const [messageId, seq] of editSeqs) {
      const found = seq > this.recent.knownAfter ? this.find(messageId) : undefined;
      if (found === undefined) continue;
      edits.push({ seq, type: "edit", messageId, fromId: found.row.fromId, toId: found.row.toId });
    }
    return edits;
  }

  #post(record: MessageRecord, place: Place): void {
    if (record.messageId <= this.lastIdInOrder) {
      this.#waste(place, "dead");
      return;
    }
    this.#note(record.seq, "message", record);
    this.#add(record, place);
  }

  #note(
    seq: number,
    type: RecentEvent["type"],
    { messageId, fromId, toId }: Pick<RecentEvent, "messageId" | "fromId" | "toId">,
  ): void {
    this.recent.add({ seq, type, messageId, fromId, toId });
  }

  #add(record: MessageRecord, place: Place): void {
    this.lastIdInOrder = record.messageId;
    this.lastMessageId = Math.max(this.lastMessageId, record.messageId);
    const slot = this.#table.add({ ...place, messageId: record.messageId, fromId: record.fromId, toId: record.toId });
    boxOf(this.#received, record.toId).add(slot, record.fromId);
    boxOf(this.#sent, record.fromId).add(slot, record.toId);
    if (record.key !== undefined) this.#keys.add(record.fromId, record.key, slot);
  }

  #edit(record: MessageRecord, place: Place): void {
    const seqBefore = this.#replay?.editSeqs.get(record.messageId) ?? 0;
    // Compaction copies the newest line of a message into the file where it was first written, so replay can meet an
    // older edit behind a newer one.
    const found = this.find(record.messageId);
    if (record.seq <= seqBefore) {
      this.#waste(place, "dead");
      return;
    }
    if (found !== undefined) {
      this.#waste(found.row, "dead");
      this.move(found.slot, place);
    } else if (record.messageId > this.lastIdInOrder) {
      this.#note(record.postSeq ?? record.seq, "message", record);
      this.#add(record, place);
    } else if (this.#replay !== undefined) {
      // The line at home is lost, or the message was deleted later: what follows will tell.
      const stray = this.#replay.strays.get(record.messageId);
      if (stray !== undefined) this.#waste(stray.place, "dead");
      this.#replay.strays.set(record.messageId, { record, place });
    } else {
      this.#waste(place, "dead");
    }
    // During replay edits come out of order, so they are noted at its end.
    if (this.#replay === undefined) this.#note(record.seq, "edit", record);
    else this.#replay.editSeqs.set(record.messageId, record.seq);
  }

  #delete(record: Extract<JournalRecord, { op: "delete" }>, place: Place): void {
    const { messageId } = record;
    this.#note(record.seq, "delete", record);
    this.#waste(place, "tombstone");
    this.lastMessageId = Math.max(this.lastMessageId, messageId);
    const found = this.find(messageId);
    if (found !== undefined) this.#remove(found.slot, found.row);
    const stray = this.#replay?.strays.get(messageId);
    if (stray !== undefined) {
      this.#waste(stray.place, "dead");
      this.#replay?.strays.delete(messageId);
    }
  }

  #leave({ seq, userId }: Extract<JournalRecord, { op: "leave" }>, place: Place): void {
    this.#note(seq, "leave", { messageId: 0, fromId: 0, toId: userId });
    this.#waste(place, "tombstone");
    const queue = this.#received.get(userId)?.all;
    for (const slot of queue?.first(0, Number.POSITIVE_INFINITY, queue.length) ?? []) {
      const row = this.#table.row(slot);
      if (row !== undefined) this.#remove(slot, row);
    }
    this.#received.delete(userId);
    // What the user sent stays with its recipients; nobody can ask for it as "sent" any more.
    this.#sent.delete(userId);
    for (const [messageId, stray] of this.#replay?.strays ?? []) {
      if (stray.record.toId === userId) {
        this.#waste(stray.place, "dead");
        this.#replay?.strays.delete(messageId);
      }
    }
  }

  #remove(slot: number, row: Row): void {
    this.#waste(row, "dead");
    this.#table.remove(slot);
    this.#received.get(row.toId)?.remove(slot, row.fromId);
    this.#sent.get(row.fromId)?.remove(slot, row.toId);
  }

  /**
   * Puts messages between others, which the table cannot do: makes everything anew. This happens only when a file was
   * damaged, and an edit further on has brought back a message whose first line is lost.
   */
  #rebuild(strays: { record: MessageRecord; place: Place }[]): void {
    const oldTable = this.#table;
    const rows = oldTable.rows();
    for (const { record, place } of strays) {
      rows.push({ ...place, messageId: record.messageId, fromId: record.fromId, toId: record.toId });
    }
    rows.sort((a, b) => a.messageId - b.messageId);
    this.#table = new MessageTable();
    this.#received.clear();
    this.#sent.clear();
    for (const row of rows) {
      const slot = this.#table.add(row);
      boxOf(this.#received, row.toId).add(slot, row.fromId);
      boxOf(this.#sent, row.fromId).add(slot, row.toId);
    }
    this.#keys.renumber((slot) => this.#table.slotOf(oldTable.row(slot)?.messageId ?? 0));
    for (const { record } of strays) {
      const slot = this.#table.slotOf(record.messageId);
      if (record.key !== undefined && slot !== undefined) this.#keys.add(record.fromId, record.key, slot);
    }
  }
}

interface Replay {
  /** The number of the newest edit of each edited message. */
  editSeqs: Map<number, number>;
  /** Edits of messages that are not there. */
  strays: Map<number, { record: MessageRecord; place: Place }>;
}

function boxOf(boxes: Map<number, BoxList>, userId: number): BoxList {
  let box = boxes.get(userId);
  if (box === undefined) {
    box = new BoxList();
    boxes.set(userId, box);
  }
  return box;
}

/** Two ascending lists as one, each number once: a message to oneself is in both boxes. */
function merge(one: number[], other: number[]): number[] {
  if (other.length === 0) return one;
  if (one.length === 0) return other;
  return [...new Set([...one, ...other])].sort((a, b) => a - b);
}
