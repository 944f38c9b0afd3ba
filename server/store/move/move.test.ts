import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Random } from "../../../prove/hostile/requests/random.ts";
import { noDatabase, openAt, theDatabase } from "../../../testing/open-test-database.ts";
import { openTestStore } from "../../../testing/open-test-store.ts";
import { changeAtRandom, viewOf } from "../../../testing/random-chat.ts";
import { temporaryFolder } from "../../../testing/temporary-folder.ts";
import { moveToDatabase } from "./move-to-database.ts";
import { moveToFolder } from "./move-to-folder.ts";

const nothing = () => {};
const create = async () => (await theDatabase()).create();

describe("a move between a folder and a database", { skip: noDatabase }, () => {
  for (const seed of [1, 2, 4]) {
    test(`keeps everything, there and back (seed ${seed})`, async (t) => {
      const random = new Random(seed);
      const [root, address, back] = [await temporaryFolder(t), await create(), await temporaryFolder(t)];
      const busy = await openTestStore(t, root, { maxFileBytes: 8 * 1024 });
      const known = await changeAtRandom(busy, random, 300);
      await busy.close();
      // A start may write a line of its own.
      const first = await openTestStore(t, root);
      const view = await viewOf(first, known);
      assert.ok(view.events.flat().length > 100 && view.boxes.length > 5, "there is something to move");
      await first.close();

      await moveToDatabase(root, address, nothing, nothing);
      const second = await openAt(t, address);
      assert.deepEqual(await viewOf(second, known), view);
      const more = await changeAtRandom(second, random, 150, known);
      const laterView = await viewOf(second, more);
      await second.close();

      await moveToFolder(address, back, nothing);
      const third = await openTestStore(t, back);
      assert.deepEqual(third.reports, [], "the start has nothing to repair");
      assert.deepEqual(await viewOf(third, more), laterView);
      // Numbers go on: no id comes twice.
      const last = third.messages.last();
      const later = await viewOf(third, await changeAtRandom(third, random, 50, more));
      assert.ok(later.last.eventId > last.eventId && later.last.messageId > last.messageId);
    });
  }
});
