/**
 * The pages of a conversation, read from a real server while the other one gives their handle away between two requests.
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import { startApp } from "../../testing/start-app.ts";
import { pagesWith } from "./conversation-pages.ts";
import { People } from "./people.ts";

/** A client behind whose back something happens right after its first page with somebody. */
class InterruptedClient extends PlainchatClient {
  meanwhile: (() => Promise<unknown>) | undefined;

  override async fetchQueue(...request: Parameters<PlainchatClient["fetchQueue"]>) {
    const page = await super.fetchQueue(...request);
    const { meanwhile } = this;
    this.meanwhile = undefined;
    await meanwhile?.();
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

test("an empty page of somebody whose handle is free a moment later is an empty page", async (t) => {
  const { ada, grace, readNewest } = await openConversation(t);
  ada.meanwhile = () => grace.changeUser({ userHandle: "hopper" });
  assert.deepEqual(await readNewest(), []);
});

test("a page of somebody else, who has taken the handle, is not taken for theirs", async (t) => {
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
