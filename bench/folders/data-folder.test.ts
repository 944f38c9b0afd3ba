/** A folder that is written directly is one that the server could have left: nothing in it is damaged, all is there. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import { startServer } from "../../testing/start-server.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";
import { writeDataFolder } from "./data-folder.ts";
import type { OpenedFolder } from "./open-folder.ts";
import { runScript } from "./run-script.ts";

test("a server finds everything in the folder in order, and goes on with it", async (t) => {
  const root = await temporaryFolder(t);
  const owners = writeDataFolder(root, { users: 10, messages: 300, queues: 5 });
  assert.deepEqual(
    owners.map(({ myId }) => myId),
    [1, 3, 5, 7, 9],
  );
  const server = await startServer(t, root);
  const readiness = await (await fetch(`${server.origin}/readyz`)).json();
  assert.deepEqual(readiness, { ready: true, filesAside: 0, problems: [] });
  for (const { myId, myAuth } of owners) {
    const client = new PlainchatClient(server.origin, { credentials: { myId, myAuth } });
    assert.equal((await client.fetchQueue({ limit: 200 })).messages.length, 60);
  }
  const [owner] = owners;
  const client = new PlainchatClient(server.origin, { credentials: owner ?? assert.fail() });
  assert.equal((await client.publishMessage({ userHandle: "user-2", message: "hello" })).messageId, 301);
});

test("half of a folder can be deleted, and compaction takes it out", async (t) => {
  const root = await temporaryFolder(t);
  writeDataFolder(root, { users: 2, messages: 100, queues: 2, halfDeleted: true });
  const opened: OpenedFolder = JSON.parse(await runScript("open-folder.ts", [root, "compact"], ["--expose-gc"]));
  assert.equal(opened.messages, 50);
  assert.ok((opened.compactionSeconds ?? 0) > 0);
});
