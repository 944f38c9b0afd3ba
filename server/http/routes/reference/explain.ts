/**
 * Explain, as the OpenAPI document describes it: a header that every call takes, and two addresses to look at what came
 * of it. What it says is what explain/ does.
 */
import { MAX_TRACES } from "../../../explain/explain.ts";
import { Refusal } from "../../../steps/refusal.ts";
import { BESIDE_STEPS, headers, refusals, success } from "./replies.ts";
import { described, named, type Operation, type Parameter, type Schema } from "./schemas.ts";

const EXPLAIN_HEADER: Parameter = {
  name: "Explain",
  in: "header",
  description:
    "With `1` the reply stays the same, and says more about itself: `Server-Timing` has a row for each step that was " +
    "reached, and `Link` leads to the whole story. With `background` a program says that nobody has asked for this request, " +
    "so that it need not be shown among what people do.",
  schema: { type: "string", enum: ["1", "background", "1, background"] },
};

/** Adds the header to an operation. */
export function explainable(operation: Operation): Operation {
  return { ...operation, parameters: [...(operation.parameters ?? []), EXPLAIN_HEADER] };
}

export function readTrace(): Operation {
  const id: Parameter = {
    name: "id",
    in: "path",
    description: "As `Link` has it.",
    required: true,
    schema: { type: "string" },
  };
  return {
    operationId: "readTrace",
    summary: "See what the server did with a request",
    description:
      "Returns every step of the operation, whether it was passed, stopped at or not reached, and the files that it read " +
      `and wrote. The last ${MAX_TRACES} requests with \`Explain: 1\` are kept.`,
    tags: ["Explain"],
    security: [],
    parameters: [id],
    responses: {
      200: success("What the server did.", TRACE, EXAMPLE_TRACE),
      ...refusals({ "": new Refusal(404, "There is no such trace.") }, { 404: "It is not kept, or not any more." }),
      405: BESIDE_STEPS[405],
      431: BESIDE_STEPS[431],
    },
  };
}

export function watchRequests(): Operation {
  const event = `event: trace\ndata: ${JSON.stringify(EXAMPLE_TRACE)}\n\n`;
  return {
    operationId: "watchRequests",
    summary: "Watch what the server does with all requests",
    description:
      "Returns server-sent events, and does not end: `trace` for each request, as it happens, and `missed` with a `count` " +
      "when you do not read fast enough. In class mode only (`npm start -- --class`).",
    tags: ["Explain"],
    security: [],
    responses: {
      200: {
        description: "Traces, one after the other, for as long as you watch.",
        headers: headers("RequestId"),
        content: { "text/event-stream": { schema: { type: "string" }, examples: { reply: { value: event } } } },
      },
      ...refusals(
        { "": new Refusal(404, "You can see other people's requests only in class mode: npm start -- --class") },
        { 404: "Not in class mode." },
      ),
      405: BESIDE_STEPS[405],
      431: BESIDE_STEPS[431],
      503: BESIDE_STEPS[503],
    },
  };
}

const EXCERPT: Schema = {
  type: ["object", "null"],
  required: ["bytes", "from", "text"],
  properties: {
    bytes: described("How long the file was.", { type: "integer" }),
    from: described("Where in the file `text` begins.", { type: "integer" }),
    text: described("At most 4 KiB of it; null for a token or the class secret.", { type: ["string", "null"] }),
  },
};

const FILE: Schema = {
  type: "object",
  required: ["path", "did", "before", "after"],
  properties: {
    path: described("Below the data folder.", { type: "string" }),
    did: { type: "string", enum: ["looked for", "read", "created", "appended to", "changed", "removed"] },
    before: described("Null where there was no such file.", EXCERPT),
    after: described("Null where there is no such file any more.", EXCERPT),
  },
};

const STEP: Schema = {
  type: "object",
  required: ["id", "sentence", "source", "outcome", "milliseconds", "files"],
  properties: {
    id: described("As the specification has it.", { type: "string" }),
    sentence: described("As the specification has it.", { type: "string" }),
    source: described("Which lines of the server do it.", {
      type: "object",
      required: ["file", "line", "code"],
      properties: { file: { type: "string" }, line: { type: "integer" }, code: { type: "string" } },
    }),
    outcome: { type: "string", enum: ["pass", "stop", "not reached"] },
    milliseconds: described("Null where it was not reached, and where something secret was compared.", {
      type: ["number", "null"],
    }),
    compared: described("Where something secret was compared: lengths in characters.", {
      type: "object",
      required: ["given", "kept", "equal"],
      properties: { given: { type: "integer" }, kept: { type: "integer" }, equal: { type: "boolean" } },
    }),
    files: { type: "array", items: FILE },
  },
};

const TRACE: Record<string, Schema> = {
  id: { type: "string" },
  at: described("When the request came.", named("Time")),
  operation: described("What the ids of its steps begin with.", { type: "string" }),
  request: {
    type: "object",
    required: ["method", "path", "inputs"],
    properties: {
      method: { type: "string" },
      path: { type: "string" },
      inputs: {
        type: "array",
        items: {
          type: "object",
          required: ["name"],
          properties: {
            name: { type: "string" },
            value: described("Missing where the input is secret, or unknown to the server.", {}),
            characters: described("How long it is, in place of its value.", { type: "integer" }),
          },
        },
      },
      background: described("True where a program said that nobody has asked for this request.", { type: "boolean" }),
    },
  },
  status: described("The status of the reply.", { type: "integer" }),
  steps: described("All steps of the operation, in order.", { type: "array", items: STEP }),
};

const EXAMPLE_FILE = { bytes: 32, from: 0, text: null };
const EXAMPLE_TRACE = {
  id: "nUQuCwm5on395JaZcOI6cA",
  at: "2026-03-02T09:15:00.123Z",
  operation: "chat.get",
  request: {
    method: "GET",
    path: "/api/v1/chat",
    inputs: [
      { name: "myId", value: 1 },
      { name: "myAuth", characters: 32 },
    ],
  },
  status: 200,
  steps: [
    {
      id: "chat.get.2",
      sentence: "Open users/<myId>.dat.",
      source: {
        file: "server/operations/fetch-queue.ts",
        line: 57,
        code: "const tokenFile = users.openTokenFile(myId);",
      },
      outcome: "pass",
      milliseconds: 0.09,
      files: [{ path: "users/1.dat", did: "read", before: EXAMPLE_FILE, after: EXAMPLE_FILE }],
    },
  ],
};
