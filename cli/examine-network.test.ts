/**
 * Tests what the doctor says about the name of the server on the local network, for networks that this computer may not
 * have.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LocalNetwork } from "../server/http/routes/network-addresses.ts";
import { startApp } from "../testing/start-app.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { examineLocalName } from "./examine-network.ts";

const NETWORK: LocalNetwork = { address: "10.0.0.5", prefix: 24, addresses: ["10.0.0.5"], key: "wifi" };

test("the doctor says whether the class finds the server by its name", async (t) => {
  const localName: { current: string | undefined } = { current: "physics-2.local" };
  const app = await startApp(t, { isClass: true, localName });
  const port = Number(new URL(app.origin).port);
  const asked: string[] = [];
  const say = async (answers: string[], networks = [NETWORK], root = app.root) => {
    const ask = async (name: string) => {
      asked.push(name);
      return answers;
    };
    return (await examineLocalName(port, root, networks, ask)).map(({ verdict, what }) => `${verdict}: ${what}`);
  };
  assert.deepEqual(await say(["10.0.0.5"]), [
    `good: The class can also reach the server at http://physics-2.local:${port}`,
  ]);
  assert.deepEqual(await say([]), ["note: The network does not answer when asked for physics-2.local"]);
  assert.deepEqual(asked.splice(0), ["physics-2.local", "physics-2.local"]);
  localName.current = undefined;
  assert.deepEqual(await say([]), ["note: The server has no name such as plainchat.local"]);
  assert.deepEqual(await say([], []), [], "without a network there is nothing to say");

  // Before the server of a folder is started.
  const elsewhere = await temporaryFolder(t);
  assert.deepEqual(await say([], [NETWORK], elsewhere), []);
  assert.deepEqual(await say(["10.0.0.5"], [NETWORK], elsewhere), []);
  assert.deepEqual(await say(["10.0.0.9"], [NETWORK], elsewhere), [
    "note: Another computer on the network (10.0.0.9) is called plainchat.local",
  ]);
});

test("a server that has no class mode has no name", async (t) => {
  const app = await startApp(t);
  const port = Number(new URL(app.origin).port);
  assert.deepEqual(await examineLocalName(port, app.root, [NETWORK], async () => ["10.0.0.5"]), []);
});
