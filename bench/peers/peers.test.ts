/**
 * A comparison is fair only if both servers do the same work. Every peer that can run here is started, publishes, and
 * answers with a page. A peer that follows the specification answers with the same fields as our server.
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { atEnd } from "../../testing/at-end.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";
import { askOnce, bodyOf } from "../load/ask-once.ts";
import { MESSAGE } from "../load/requests.ts";
import { CASES, type CaseName, type Example, MESSAGES_ON_A_PAGE, type Peer } from "./peer.ts";
import { PEERS } from "./peers.ts";
import { plainchat } from "./seed-speakers.ts";

async function answerOf(t: TestContext, peer: Peer, caseName: CaseName, example?: Example): Promise<Example> {
  const folder = await temporaryFolder(t);
  const running = await peer.start(caseName, folder, example ?? { requests: [], replyBody: "" });
  atEnd(t, () => running.stop());
  const requests = running.requests ?? assert.fail("it has no requests");
  return { requests, replyBody: await askOnce(running.port ?? 0, requests[1] ?? "") };
}

/** The names and types of all fields, in order. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value !== "object" || value === null) return typeof value;
  return Object.entries(value).map(([name, each]) => [name, shape(each)]);
}

const speaksOtherwise = (peer: Peer) => peer.id === "json-server" || peer.id === "redis";
const shapeOf = ({ replyBody }: Example) => shape(JSON.parse(bodyOf(replyBody)));

const startsAServer = (peer: Peer) => !peer.id.startsWith("disk");

for (const caseName of CASES) {
  test(`${caseName}: every peer gives the right answer`, async (t) => {
    const ours = await answerOf(t, plainchat, caseName);
    const example = { ...ours, replyBody: bodyOf(ours.replyBody) };
    for (const peer of PEERS.filter((each) => each.cases.includes(caseName) && startsAServer(each))) {
      await t.test(peer.id, { skip: peer.whyMissing() ?? false }, async (t) => {
        const theirs = await answerOf(t, peer, caseName, example);
        if (speaksOtherwise(peer)) {
          const texts = theirs.replyBody.split(MESSAGE).length - 1;
          // Redis answers a publish with the new id only.
          const expected = peer.id === "redis" ? 0 : 1;
          assert.equal(texts, caseName === "page" ? MESSAGES_ON_A_PAGE : expected);
        } else {
          assert.deepEqual(shapeOf(theirs), shapeOf(ours));
        }
      });
    }
  });
}

for (const peer of PEERS.filter((each) => !startsAServer(each))) {
  test(`${peer.id} measures writes per second and processor time`, async (t) => {
    const running = await peer.start("publish", await temporaryFolder(t), { requests: [], replyBody: "" });
    const measured = await running.measure({ connections: 1, seconds: 0.1 });
    assert.ok(measured.requestsPerSecond > 0);
    assert.ok((measured.microsecondsPerRequest ?? 0) > 0);
  });
}
