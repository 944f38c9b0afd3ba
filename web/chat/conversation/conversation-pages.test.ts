/**
 * Reads pages of a conversation from a real server while the other person gives up their handle between two requests.
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { PlainchatClient } from "../../../client/plainchat-client.ts";
import { startApp } from "../../../testing/start-app.ts";
import { People } from "../people/people.ts";
import { pagesWith } from "./conversation-pages.ts";

/** A client that lets something else happen right after its first page. */
class InterruptedClient extends PlainchatClient {
  afterFirstPage: (() => Promise<unknown>) | undefined;

  override async fetchQueue(...request: Parameters<PlainchatClient["fetchQueue"]>) {
    const page = await super.fetchQueue(...request);
    const { afterFirstPage } = this;
    this.afterFirstPage = undefined;
    await afterFirstPage?.();
    return page;
  }
}

async function openConversation(t: TestContext) {
  const app = await startApp(t);
  const [ada, grace] = [new InterruptedClient(app.origin), new PlainchatClient(app.origin)];
  const { userId: myId } = await ada.registerUser({ secret: app.secret, userHandle: "ada" });
  const { userId } = await grace.registerUser({ secret: app.secret, userHandle: "grace" });
  const people = new People(ada);
  await people.load();
  const readPage = pagesWith(userId, { client: ada, people, myId });
  return { app, ada, grace, readNewest: () => readPage({ before: Number.MAX_SAFE_INTEGER, limit: 50 }) };
}

test("a page stays empty when the other person gives up their handle right after it", async (t) => {
  const { ada, grace, readNewest } = await openConversation(t);
  ada.afterFirstPage = () => grace.changeUser({ userHandle: "hopper" });
  assert.deepEqual(await readNewest(), []);
});

test("a page of messages with a new owner of the handle is not shown", async (t) => {
  const { app, grace, readNewest } = await openConversation(t);
  await grace.publishMessage({ userHandle: "ada", message: "from the first grace" });
  await grace.changeUser({ userHandle: "hopper" });
  const eve = new PlainchatClient(app.origin);
  await eve.registerUser({ secret: app.secret, userHandle: "grace" });
  await eve.publishMessage({ userHandle: "ada", message: "from the second" });
  assert.deepEqual(
    (await readNewest()).map(({ message }) => message),
    ["from the first grace"],
  );
});
