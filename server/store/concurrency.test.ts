/**
 * Six workers publish, edit and delete while compaction runs and new files begin. Then the store is opened again. It
 * must hold exactly what the workers were told.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { addUser, openTestStore, publish, readBox, type TestStore } from "../../testing/open-test-store.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";
import type { User } from "./contract.ts";

const ROUNDS = 6;
const LIVES = 3;
const WORKERS = 6;
const STEPS_OF_A_WORKER = 40;

class World {
  readonly messages = new Map<number, { to: User; text: string }>();
  readonly gone = new Set<number>();
}

const chance = (part: number) => Math.random() < part;
const anyText = () => "x".repeat(Math.random() * 200) + Math.random();

async function work(store: TestStore, users: User[], world: World, worker: number): Promise<void> {
  for (let step = 0; step < STEPS_OF_A_WORKER; step++) {
    // Each worker changes only its own messages, so it knows what they should be.
    const mine = [...world.messages.keys()].filter((messageId) => messageId % WORKERS === worker);
    const picked = mine[Math.floor(Math.random() * mine.length)];
    if (picked !== undefined && chance(0.3)) {
      const text = anyText();
      assert.ok(await store.messages.edit(picked, text));
      world.messages.set(picked, { to: world.messages.get(picked)?.to ?? assert.fail(), text });
    } else if (picked !== undefined && chance(0.35)) {
      assert.equal(await store.messages.remove(picked), true);
      world.messages.delete(picked);
      world.gone.add(picked);
    } else {
      const to = users[Math.floor(Math.random() * users.length)] ?? assert.fail();
      const text = anyText();
      const messageId = await publish(store, users[worker % users.length] ?? to, to, text);
      assert.ok(!world.messages.has(messageId) && !world.gone.has(messageId), "an id was given out twice");
      world.messages.set(messageId, { to, text });
    }
  }
}

async function compareWith(store: TestStore, users: User[], world: World): Promise<void> {
  for (const user of users) {
    const seen = (await readBox(store, user)).map(({ messageId, message }) => [messageId, message]);
    const wanted = [...world.messages].filter(([, { to }]) => to.userId === user.userId);
    assert.deepEqual(
      seen,
      wanted.sort(([a], [b]) => a - b).map(([messageId, { text }]) => [messageId, text]),
    );
  }
}

test("after many changes at once and a restart, the store holds everything that it confirmed", async (t) => {
  const folder = await temporaryFolder(t);
  for (let round = 0; round < ROUNDS; round++) {
    const root = join(folder, String(round));
    const options = { maxFileBytes: 1500 + Math.floor(Math.random() * 6000) };
    let store = await openTestStore(t, root, options);
    const users = await Promise.all(["ada", "grace", "alan", "edsger"].map((handle) => addUser(store, handle)));
    const world = new World();
    for (let life = 0; life < LIVES; life++) {
      let busy = true;
      const compacting = (async () => {
        while (busy) {
          await store.compaction.run(chance(0.5) ? "everything" : "what is worth it");
          await setTimeout(Math.random() * 3);
        }
      })();
      await Promise.all(Array.from({ length: WORKERS }, (_, worker) => work(store, users, world, worker)));
      busy = false;
      await compacting;
      await store.close();
      store = await openTestStore(t, root, options);
      assert.deepEqual(store.reports, []);
      await compareWith(store, users, world);
    }
    await store.close();
  }
});
