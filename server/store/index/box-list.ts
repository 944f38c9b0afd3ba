/**
 * One box of a user: the messages received, or the messages sent. You can also ask a box for the messages with one
 * other user. A long box keeps a list for each of them; these lists are made at the first such question.
 */
import { SlotList } from "./slot-list.ts";

/** A shorter box is searched message by message: that costs less than the lists would. */
const LONG_BOX = 4096;

export class BoxList {
  readonly all = new SlotList();
  #byPartner: Map<number, SlotList> | undefined;

  add(slot: number, partnerId: number): void {
    this.all.add(slot);
    if (this.#byPartner !== undefined) listOf(this.#byPartner, partnerId).add(slot);
  }

  remove(slot: number, partnerId: number): void {
    this.all.remove(slot);
    this.#byPartner?.get(partnerId)?.remove(slot);
  }

  /**
   * The slots from `from` on and below `to`, ascending: the first `limit` of them, or the last.
   * @param partnerOf the other user of the message in a slot.
   */
  slots(
    range: { from: number; to: number; limit: number; newest: boolean },
    partnerId: number | undefined,
    partnerOf: (slot: number) => number,
  ): number[] {
    if (partnerId === undefined) return slotsOf(this.all, range);
    if (this.#byPartner === undefined && this.all.length > LONG_BOX) this.#divide(partnerOf);
    if (this.#byPartner !== undefined) return slotsOf(listOf(this.#byPartner, partnerId), range);
    const theirs = this.all.first(range.from, range.to, LONG_BOX).filter((slot) => partnerOf(slot) === partnerId);
    return range.newest ? theirs.slice(-range.limit) : theirs.slice(0, range.limit);
  }

  #divide(partnerOf: (slot: number) => number): void {
    this.#byPartner = new Map();
    for (const slot of this.all.first(0, Number.POSITIVE_INFINITY, this.all.length)) {
      listOf(this.#byPartner, partnerOf(slot)).add(slot);
    }
  }
}

function slotsOf(list: SlotList, range: { from: number; to: number; limit: number; newest: boolean }): number[] {
  if (!range.newest) return list.first(range.from, range.to, range.limit);
  return list.last(range.to, range.limit).filter((slot) => slot >= range.from);
}

function listOf(lists: Map<number, SlotList>, partnerId: number): SlotList {
  let list = lists.get(partnerId);
  if (list === undefined) {
    list = new SlotList();
    lists.set(partnerId, list);
  }
  return list;
}
