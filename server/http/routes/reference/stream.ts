/**
 * The stream, as the OpenAPI document describes it. What it says is what operations/stream-queue.ts does.
 */
import { mustBeEventId, mustBeOneOf } from "../../../steps/checks.ts";
import { MAX_ID } from "../../../steps/limits.ts";
import { BESIDE_STEPS, headers, refusalOf, refusals, refusalsOfCredentials } from "./replies.ts";
import { BASIC, EXAMPLE_MESSAGE, INPUTS_OF_GET, integer, type Operation, query } from "./schemas.ts";

export function streamQueue(): Operation {
  const id = integer(0, MAX_ID);
  const boxes = { type: "string", enum: ["received", "sent", "both"], default: "received" };
  const event = `id: 18\nevent: message\ndata: ${JSON.stringify(EXAMPLE_MESSAGE)}\n\n`;
  return {
    operationId: "streamQueue",
    summary: "Listen to your queue",
    description:
      "Returns server-sent events, and does not end: `message`, `edit` and `delete` as they happen, `leave` when a user " +
      "has gone to whom you may have written, and `reset` when the server does not know any more what you have missed. " +
      "Come back with the last `id` as `Last-Event-ID`, and you get everything that has happened since, once. " +
      INPUTS_OF_GET,
    tags: ["Messages"],
    security: BASIC,
    parameters: [
      query("box", "What happens to messages to you, from you, or both.", boxes),
      query("after", "Begin with the messages in your queue that have a greater id.", id),
      {
        name: "Last-Event-ID",
        in: "header",
        description: "Go on behind this `id`, the last one that you got.",
        schema: { type: "string", pattern: "^[0-9]+(-[0-9]+)?$" },
      },
    ],
    responses: {
      200: {
        description: "Events, one after the other, for as long as you listen.",
        headers: headers("RequestId"),
        content: { "text/event-stream": { schema: { type: "string" }, examples: { reply: { value: event } } } },
      },
      ...refusals({
        ...refusalsOfCredentials("stream.get"),
        "stream.get.1.6": refusalOf(() => mustBeOneOf({ box: "inbox" }, "box", boxes.enum, 400)),
        "stream.get.1.8": refusalOf(() => mustBeEventId("yesterday", 400)),
      }),
      ...BESIDE_STEPS,
    },
  };
}
