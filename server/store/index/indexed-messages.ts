/**
 * The messages that the index knows: where the newest line of each lies, in which boxes it is, and with which
 * Idempotency-Key it was sent. It holds no text and reads nothing. Only the index and the replay may change it; what an
 * event means is decided there.
 */
import type { PageQuery } from "../contract.ts";
import type { Place } from "../journal/journal-file.ts";
import { BoxList } from "./box-list.ts";
import { KeyIndex } from "./key-index.ts";
import { MessageTable, type Row } from "./message-table.ts";

export class IndexedMessages {
  #table = new MessageTable();
  readonly #received = new Map<number, BoxList>();
  readonly #sent = new Map<number, BoxList>();
  readonly #keys = new KeyIndex((slot) => this.#table.row(slot) !== undefined);

  get count(): number {
    return this.#table.count;
  }

  /** Adds a message with a greater id than all before it. @param key its Idempotency-Key. */
  add(row: Row, key: string | undefined): void {
    const slot = this.#addToBoxes(row);
    if (key !== undefined) this.#keys.add(row.fromId, key, slot);
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

  /** The rows of all messages whose newest line is in a file. */
  rowsIn(file: number): Generator<Row> {
    return this.#table.rows(file);
  }

  /** Notes that the newest line of a message is in another place now. */
  move(slot: number, place: Place): void {
    this.#table.move(slot, place.file, place.offset, place.length);
  }

  remove(slot: number, row: Row): void {
    this.#table.remove(slot);
    this.#received.get(row.toId)?.remove(slot, row.fromId);
    this.#sent.get(row.fromId)?.remove(slot, row.toId);
  }

  /** The slots of all messages in a user's queue. */
  queueOf(userId: number): number[] {
    const queue = this.#received.get(userId)?.all;
    return queue?.first(0, Number.POSITIVE_INFINITY, queue.length) ?? [];
  }

  /** Forgets the boxes of a user. What the user sent stays with its recipients; nobody can ask for it as "sent". */
  dropBoxes(userId: number): void {
    this.#received.delete(userId);
    this.#sent.delete(userId);
  }

  /** The messages that may have been sent with an Idempotency-Key. */
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

  /** The rows of the messages of all users with a greater id, oldest first. */
  pageOfAll(after: number, limit: number): Row[] {
    return this.#table
      .rowsFrom(this.#table.firstSlotFrom(after + 1))
      .take(limit)
      .toArray();
  }

  /**
   * Puts messages between the others. The table can only grow at its end, so everything is built again: this is for
   * the start, and only after damage.
   */
  insert(messages: readonly { row: Row; key: string | undefined }[]): void {
    const oldTable = this.#table;
    const rows = [...oldTable.rows(), ...messages.map(({ row }) => row)].sort((a, b) => a.messageId - b.messageId);
    this.#table = new MessageTable();
    this.#received.clear();
    this.#sent.clear();
    for (const row of rows) this.#addToBoxes(row);
    this.#keys.renumber((slot) => this.#table.slotOf(oldTable.row(slot)?.messageId ?? 0));
    for (const { row, key } of messages) {
      const slot = this.#table.slotOf(row.messageId);
      if (key !== undefined && slot !== undefined) this.#keys.add(row.fromId, key, slot);
    }
  }

  #addToBoxes(row: Row): number {
    const slot = this.#table.add(row);
    boxOf(this.#received, row.toId).add(slot, row.fromId);
    boxOf(this.#sent, row.fromId).add(slot, row.toId);
    return slot;
  }
}

function boxOf(boxes: Map<number, BoxList>, userId: number): BoxList {
  let box = boxes.get(userId);
  if (box === undefined) {
    box = new BoxList();
    boxes.set(userId, box);
  }
  return box;
}

/** Two ascending lists as one, each number once: a message to yourself is in both boxes. */
function merge(one: number[], other: number[]): number[] {
  if (other.length === 0) return one;
  if (one.length === 0) return other;
  return [...new Set([...one, ...other])].sort((a, b) => a - b);
}
