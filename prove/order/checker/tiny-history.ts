/**
 * Makes tiny histories for the checker's test. It takes the replies of a correct queue in some order, draws moments for
 * calls and replies around them, and then changes one reply in most of them. So there are many right and many wrong
 * ones, and the wrong ones are only slightly wrong.
 */
import fc from "fast-check";
import type { Operation, SeenMessage } from "./history.ts";

const MAX_OPERATIONS = 7;

const draft = fc.record({
  kind: fc.constantFrom("publish", "publish", "edit", "remove", "fetch", "fetch"),
  pick: fc.nat(5),
  key: fc.constantFrom(undefined, undefined, "k"),
  /** How long before the operation the call was, and how long after it the reply came. */
  early: fc.integer({ min: 0, max: 30 }),
  late: fc.integer({ min: 0, max: 30 }),
  fate: fc.constantFrom("reply", "reply", "reply", "happens without a reply", "never happens"),
  limit: fc.constantFrom(1, 2, 200),
});
type Draft = typeof draft extends fc.Arbitrary<infer Value> ? Value : never;

const wrong = fc.option(fc.record({ which: fc.nat(20), how: fc.nat(20) }), { freq: 3 });
type Wrong = typeof wrong extends fc.Arbitrary<infer Value> ? Value : never;

export const tinyHistory = fc
  .tuple(fc.array(draft, { minLength: 2, maxLength: MAX_OPERATIONS, size: "max" }), wrong)
  .map(([drafts, mistake]) => {
    const queue = new RightQueue();
    const history = drafts.map((each, index) => queue.answer(each, index));
    if (mistake !== null) putWrong(history, mistake);
    const publishes = drafts.filter(({ kind }) => kind === "publish").length;
    return { history, ids: Array.from({ length: publishes + 1 }, (_, index) => index + 1) };
  });

class RightQueue {
  #entries: (SeenMessage & { key: string | undefined })[] = [];
  #lastId = 0;

  answer({ kind, pick, key, early, late, fate, limit }: Draft, index: number): Operation {
    const moment = 10 * index;
    const hasReply = fate === "reply";
    const happens = fate !== "never happens";
    // No two moments are the same, so it is always clear which came first.
    const called = moment - early + index / 100;
    const replied = hasReply ? moment + late + 0.5 + index / 100 : Number.POSITIVE_INFINITY;
    const common = { client: index, queue: 0, called, replied };
    if (kind === "publish") {
      const text = key ?? `p${index}`;
      const messageId = happens ? this.#publish(text, key) : undefined;
      return { ...common, kind, text, key, messageId: hasReply ? messageId : undefined };
    }
    if (kind === "fetch") {
      const after = pick % 3;
      const page = this.#entries.filter((each) => each.messageId > after).slice(0, limit);
      return { ...common, kind, after, limit, messages: hasReply ? page.map((each) => ({ ...each })) : undefined };
    }
    const messageId = (pick % Math.max(this.#lastId, 1)) + 1;
    const entry = this.#entries.find((each) => each.messageId === messageId);
    const isFound = hasReply ? entry !== undefined : undefined;
    if (kind === "remove") {
      if (happens) this.#entries = this.#entries.filter((each) => each !== entry);
      return { ...common, kind, messageId, isFound };
    }
    const text = `e${index}`;
    if (happens && entry !== undefined) Object.assign(entry, { text, isEdited: true });
    return { ...common, kind: "edit", messageId, text, isFound };
  }

  #publish(text: string, key: string | undefined): number {
    const first = this.#entries.find((each) => key !== undefined && each.key === key);
    if (first !== undefined) return first.messageId;
    this.#lastId++;
    this.#entries.push({ messageId: this.#lastId, text, key, isEdited: false });
    return this.#lastId;
  }
}

function putWrong(history: Operation[], { which, how }: NonNullable<Wrong>): void {
  const operation = history[which % history.length];
  if (operation === undefined || operation.replied === Number.POSITIVE_INFINITY) return;
  if (operation.kind === "publish") operation.messageId = (how % 3) + 1;
  else if (operation.kind !== "fetch") operation.isFound = operation.isFound !== true;
  else {
    const messages = operation.messages ?? [];
    const place = how % Math.max(messages.length, 1);
    const removed = messages.splice(place, 1);
    // Put the text of another operation in its place, or nothing.
    const other = history[(which + how) % history.length];
    if (how % 2 === 0 && other !== undefined && "text" in other) {
      messages.splice(
        place,
        0,
        ...removed.map((each) => ({ ...each, text: other.text, isEdited: other.kind === "edit" })),
      );
    }
  }
}
