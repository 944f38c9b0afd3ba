import assert from "node:assert/strict";
import { test } from "node:test";
import { PlainchatClient } from "../../../client/plainchat-client.ts";
import { type PupilState, stateAfter, whyNoWriting } from "./pupil-state.ts";

/** What a page knows after each `class` event of a stream. */
async function statesAfter(...frames: object[]): Promise<PupilState[]> {
  const stream = frames.map((data) => `event: class\ndata: ${JSON.stringify(data)}\n\n`).join("");
  const client = new PlainchatClient("http://server.test", {
    credentials: { myId: 7, myAuth: "x".repeat(32) },
    fetch: async () => new Response(stream, { headers: { "content-type": "text/event-stream" } }),
  });
  const states: PupilState[] = [];
  for await (const event of client.listen()) {
    if (event.type === "class") states.push(stateAfter(states.at(-1) ?? {}, event));
    if (states.length === frames.length) break;
  }
  return states;
}

test("the page follows what the teacher decides, also if an event says only what has changed", async () => {
  const all = { isPaused: true, showsTexts: false, lesson: 3, isMuted: false, isHandUp: true };
  const states = await statesAfter(all, { isPaused: false }, { isMuted: true, showsTexts: true });
  assert.deepEqual(states, [
    all,
    { ...all, isPaused: false },
    { ...all, isPaused: false, isMuted: true, showsTexts: true },
  ]);
  assert.deepEqual(
    states.map((state) => whyNoWriting(state, false)),
    ["class.paused", undefined, "class.muted"],
  );
});

test("who is muted is told so in a paused class, too, and the teacher can always write", () => {
  assert.equal(whyNoWriting({ isPaused: true, isMuted: true }, false), "class.muted");
  assert.equal(whyNoWriting({ isPaused: true, isMuted: true }, true), undefined);
  assert.equal(whyNoWriting({}, false), undefined);
});
