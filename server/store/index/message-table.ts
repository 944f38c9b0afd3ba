/**
 * The table of all messages: where the newest line of each one is, who sent it, and who received it. A message is a row
 * (its "slot") in typed arrays, 28 bytes, in the order of message ids; its text stays in the file. Rows come in blocks,
 * so growing copies nothing, and a block is freed when all its messages are gone.
 */
import { firstAtLeast } from "../binary-search.ts";

/** Rows in a block: 112 KiB. */
const BLOCK_ROWS = 4096;

interface Block {
  messageId: Float64Array;
  file: Uint32Array;
  offset: Uint32Array;
  length: Uint32Array;
  fromId: Uint32Array;
  /** 0 means that the message is gone: no user has the id 0. */
  toId: Uint32Array;
  alive: number;
}

export interface Row {
  messageId: number;
  file: number;
  offset: number;
  length: number;
  fromId: number;
  toId: number;
}

export class MessageTable {
  /** How many messages are there. */
  count = 0;
  #rows = 0;
  #blocks: (Block | undefined)[] = [];
  /** The id in the first row of each block, for the binary search. */
  #firstIds: number[] = [];

  /** Adds a message with a greater id than all before it. @returns its slot. */
  add(row: Row): number {
    const slot = this.#rows;
    const place = slot % BLOCK_ROWS;
    if (place === 0) {
      this.#blocks.push(newBlock());
      this.#firstIds.push(row.messageId);
    }
    const block = this.#blocks.at(-1) ?? newBlock();
    block.messageId[place] = row.messageId;
    block.file[place] = row.file;
    block.offset[place] = row.offset;
    block.length[place] = row.length;
    block.fromId[place] = row.fromId;
    block.toId[place] = row.toId;
    block.alive++;
    this.#rows++;
    this.count++;
    return slot;
  }

  /** Copies the rows of messages that are there, in the order of their ids. @param file only those in this file. */
  *rows(file?: number): Generator<Row> {
    for (const [number, block] of this.#blocks.entries()) {
      for (let place = 0; block !== undefined && place < BLOCK_ROWS; place++) {
        if (file !== undefined && block.file[place] !== file) continue;
        const row = this.row(number * BLOCK_ROWS + place);
        if (row !== undefined) yield row;
      }
    }
  }

  /** Copies the rows of messages that are there, from a slot on. */
  *rowsFrom(slot: number): Generator<Row> {
    for (let next = slot; next < this.#rows; next++) {
      const row = this.row(next);
      if (row !== undefined) yield row;
    }
  }

  /** Copies the row of a message that is there. */
  row(slot: number): Row | undefined {
    const block = this.#blocks[Math.floor(slot / BLOCK_ROWS)];
    const place = slot % BLOCK_ROWS;
    const toId = block?.toId[place] ?? 0;
    if (block === undefined || toId === 0) return undefined;
    return {
      messageId: block.messageId[place] ?? 0,
      file: block.file[place] ?? 0,
      offset: block.offset[place] ?? 0,
      length: block.length[place] ?? 0,
      fromId: block.fromId[place] ?? 0,
      toId,
    };
  }

  /** Notes that the newest line of a message is in another place now. */
  move(slot: number, file: number, offset: number, length: number): void {
    const block = this.#blocks[Math.floor(slot / BLOCK_ROWS)];
    if (block === undefined) return;
    const place = slot % BLOCK_ROWS;
    block.file[place] = file;
    block.offset[place] = offset;
    block.length[place] = length;
  }

  remove(slot: number): void {
    const number = Math.floor(slot / BLOCK_ROWS);
    const block = this.#blocks[number];
    if (block === undefined || block.toId[slot % BLOCK_ROWS] === 0) return;
    block.toId[slot % BLOCK_ROWS] = 0;
    block.alive--;
    this.count--;
    if (block.alive === 0 && number < this.#blocks.length - 1) this.#blocks[number] = undefined;
  }

  /** The slot of a message that is there, or undefined. */
  slotOf(messageId: number): number | undefined {
    const slot = this.firstSlotFrom(messageId);
    return this.row(slot)?.messageId === messageId ? slot : undefined;
  }

  /** The first slot whose message has at least this id: the place to begin reading. */
  firstSlotFrom(messageId: number): number {
    const number = firstAtLeast(this.#firstIds, messageId + 1, 0, this.#firstIds.length) - 1;
    if (number === -1) return 0;
    const block = this.#blocks[number];
    const start = number * BLOCK_ROWS;
    const rows = Math.min(BLOCK_ROWS, this.#rows - start);
    // A freed block has no messages left: begin after it.
    if (block === undefined) return this.#firstIds[number] === messageId ? start : start + rows;
    return start + firstAtLeast(block.messageId, messageId, 0, rows);
  }
}

function newBlock(): Block {
  return {
    messageId: new Float64Array(BLOCK_ROWS),
    file: new Uint32Array(BLOCK_ROWS),
    offset: new Uint32Array(BLOCK_ROWS),
    length: new Uint32Array(BLOCK_ROWS),
    fromId: new Uint32Array(BLOCK_ROWS),
    toId: new Uint32Array(BLOCK_ROWS),
    alive: 0,
  };
}
