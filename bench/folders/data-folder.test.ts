/** A folder that the bench writes directly is one that the server could have left: complete, and nothing is damaged. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import { startServer } from "../../testing/start-server.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";
import { writeDataFolder } from "./data-folder.ts";
import type { OpenedFolder } from "./open-folder.ts";
import { runScript } from "./run-script.ts";

test("a server opens the folder without a problem, has all its messages, and continues with the next id", async (t) => {
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

test("with halfDeleted, half of the messages are deleted, and compaction removes them", async (t) => {
  const root = await temporaryFolder(t);
  writeDataFolder(root, { users: 2, messages: 100, queues: 2, halfDeleted: true });
  const opened: OpenedFolder = JSON.parse(await runScript("open-folder.ts", [root, "compact"], ["--expose-gc"]));
  assert.equal(opened.messages, 50);
  assert.ok((opened.compactionSeconds ?? 0) > 0);
});
