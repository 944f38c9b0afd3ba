import assert from "node:assert/strict";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { addUser, openTestStore, publish } from "../../testing/open-test-store.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";
import { Live } from "../live/live.ts";
import { systemClock } from "../steps/random-and-clock.ts";
import { streamQueue } from "./stream-queue.ts";

test("streamQueue() sends nothing if the token changes after it was checked and before the first event", async (t) => {
  const store = await openTestStore(t, await temporaryFolder(t));
  const live = new Live();
  const ada = await addUser(store, "ada");
  await publish(store, ada, ada, "for the new token only");
  const inputs = { myId: ada.userId, myAuth: ada.authToken.text, after: 0 };
  const call = {
    step: "",
    readInputs: () => inputs,
    idempotencyKey: undefined,
    lastEventId: undefined,
    peer: { address: "192.0.2.7", serverPorts: [8080], isPassedOn: false },
    ended: new AbortController().signal,
  };
  const random = { authToken: () => "unused", rejoinCode: () => "unused" };
  const stream = await streamQueue(call, { ...store, checks: undefined, live, clock: systemClock, random });
  // This may happen while the reply waits for its turn.
  await store.users.change(ada.userId, ada.userHandle, "another-token-1234");
  const outlet = new PassThrough();
  const told = text(outlet);
  await stream.tell(outlet);
  if (!outlet.writableEnded) {
    live.close();
    await once(outlet, "finish");
  }
  assert.equal(await told, "");
  assert.equal(live.listeners.count, 0);
});
