/**
 * Fills the index from the journal at the start. Lines come in the order of the files, which is not quite the order of
 * the events: compaction puts the newest line of a message where the message was first written, so an edit can come
 * before events that are older. This file knows how to read that order; after `end` nothing of it is left in memory.
 */
import { seqAfterGap } from "../journal/event-gap.ts";
import type { Place } from "../journal/journal-file.ts";
import type { JournalRecord, MessageRecord } from "../journal/record.ts";
import type { MessageIndex } from "./message-index.ts";
import type { RecentEvent } from "./recent-events.ts";

export class Replay {
  /**
   * The greatest message id so far, of those that come in order. A message after it in the journal has a greater id.
   */
  lastIdInOrder = 0;
  /** The files in which somebody has put lines in another order. */
  readonly filesOutOfOrder = new Set<number>();
  readonly #index: MessageIndex;
  /** The number of the newest edit of each edited message. */
  readonly #editSeqs = new Map<number, number>();
  /** Edits of messages that are not there: see `#edit`. */
  readonly #strays = new Map<number, { record: MessageRecord; place: Place }>();

  /** Messages and users that a line says are gone, and the number of that event. An older line of theirs is dead. */
  readonly #deleted = new Map<number, number>();
  readonly #left = new Map<number, number>();

  constructor(index: MessageIndex) {
    this.#index = index;
  }

  /** Applies a line. */
  apply(record: JournalRecord, place: Place): void {
    if (record.op === "post") this.#post(record, place);
    else if (record.op === "edit") this.#edit(record, place);
    else {
      this.#index.apply(record, place);
      if (record.op === "start") this.#start(record);
      else if (record.op === "delete") {
        this.#deleted.set(record.messageId, record.seq);
        this.#dropStray(record.messageId);
      } else if (record.op === "leave") {
        this.#left.set(record.userId, record.seq);
        this.#dropStraysTo(record.userId);
      }
    }
  }

  /** Ends the replay: from here on every event is a new one. */
  end(): void {
    const strays = [...this.#strays.values()];
    if (strays.length > 0) {
      this.#index.messages.insert(
        strays.map(({ record: { messageId, fromId, toId, key }, place }) => {
          return { row: { ...place, messageId, fromId, toId }, key };
        }),
      );
    }
    this.#index.recent.complete(this.#edits(), this.#index.lastSeq);
  }

  /**
   * After damage it is not known which events there were. The next event gets a number so far ahead that everything
   * before it counts as forgotten, after every later start too.
   * @param lost how many events may be lost after the last known one: their numbers are not given out again.
   */
  forgetEvents(lost: number): void {
    const index = this.#index;
    index.lastSeq = seqAfterGap(index.lastSeq, lost);
    index.recent.forget(index.lastSeq);
  }

  /** Goes on after numbers that were given out, though the journal does not have them. @returns whether any was missing. */
  goOnAfter({ messageId, userId, eventId }: { messageId: number; userId: number; eventId: number }): boolean {
    const index = this.#index;
    const isShort = eventId > index.lastSeq;
    if (isShort) this.forgetEvents(eventId - index.lastSeq);
    index.lastMessageId = Math.max(index.lastMessageId, messageId);
    index.lastUserId = Math.max(index.lastUserId, userId);
    return isShort;
  }

  /** Skips ids that may be lost after the last known ones, so that none is given out twice. @param lost how many. */
  skipIds(lost: number): void {
    this.#index.lastMessageId += lost;
    this.#index.lastUserId += lost;
  }

  #start(record: Extract<JournalRecord, { op: "start" }>): void {
    const index = this.#index;
    this.lastIdInOrder = Math.max(this.lastIdInOrder, record.lastMessageId);
    index.lastMessageId = Math.max(index.lastMessageId, record.lastMessageId, record.usedMessageId ?? 0);
    index.lastUserId = Math.max(index.lastUserId, record.lastUserId);
  }

  #post(record: MessageRecord, place: Place): void {
    this.#see(record.seq);
    if (this.#isGone(record)) this.#index.waste(place, "dead");
    else if (record.messageId <= this.lastIdInOrder) this.#outOfOrder(record, place);
    else this.#add(record, place, record.seq);
  }

  #isGone({ messageId, toId, seq }: MessageRecord): boolean {
    return (this.#deleted.get(messageId) ?? 0) > seq || (this.#left.get(toId) ?? 0) > seq;
  }

  /** The line is there twice, or somebody has put the lines in another order. */
  #outOfOrder(record: MessageRecord, place: Place): void {
    const { messageId } = record;
    const isKnown = this.#index.messages.find(messageId) !== undefined || this.#strays.has(messageId);
    if (isKnown) this.#index.waste(place, "dead");
    else {
      this.#strays.set(messageId, { record, place });
      this.filesOutOfOrder.add(place.file);
    }
  }

  #edit(record: MessageRecord, place: Place): void {
    const { messageId, seq } = record;
    this.#see(seq);
    // Compaction may have copied a newer edit to a place before this one.
    if (seq <= (this.#editSeqs.get(messageId) ?? 0)) {
      this.#index.waste(place, "dead");
      return;
    }
    const found = this.#index.messages.find(messageId);
    if (found !== undefined) this.#index.replaceLine(found, place);
    else if (messageId > this.lastIdInOrder) this.#add(record, place, record.postSeq ?? seq);
    else {
      // Either the message's first line is lost, or the message was deleted: a later line tells which.
      this.#dropStray(messageId);
      this.#strays.set(messageId, { record, place });
    }
    // Edits do not come in order, so the recent events get them at the end.
    this.#editSeqs.set(messageId, seq);
  }

  #add(record: MessageRecord, place: Place, seq: number): void {
    this.lastIdInOrder = record.messageId;
    this.#index.add(record, place, seq);
  }

  #dropStray(messageId: number): void {
    const stray = this.#strays.get(messageId);
    if (stray === undefined) return;
    this.#index.waste(stray.place, "dead");
    this.#strays.delete(messageId);
  }

  #dropStraysTo(userId: number): void {
    for (const [messageId, { record }] of this.#strays) if (record.toId === userId) this.#dropStray(messageId);
  }

  #see(seq: number): void {
    this.#index.lastSeq = Math.max(this.#index.lastSeq, seq);
  }

  /** The newest edits of messages that are there, as events. */
  #edits(): RecentEvent[] {
    const edits: RecentEvent[] = [];
    for (const [messageId, seq] of this.#editSeqs) {
      const found = seq > this.#index.recent.knownAfter ? this.#index.messages.find(messageId) : undefined;
      if (found === undefined) continue;
      edits.push({ seq, type: "edit", messageId, fromId: found.row.fromId, toId: found.row.toId });
    }
    return edits;
  }
}
