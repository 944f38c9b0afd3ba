/**
 * The OpenAPI document: every call of this server, for people (on /docs) and for programs (as /openapi.json).
 * It says in a machine's words what the operations say in TypeScript; docs/spec.md says it in plain ones.
 * It is made from the limits and the sentences of the code, and nothing is ever checked against it at run time.
 */
import packageFile from "../../../../package.json" with { type: "json" };
import { readClass, readClassSecret } from "./class.ts";
import { explainable, readTrace, watchRequests } from "./explain.ts";
import { editMessage, fetchQueue, publishMessage, removeMessage } from "./messages.ts";
import { BESIDE_STEPS, headers, jsonReply, REPLIES_BESIDE_STEPS } from "./replies.ts";
import { described, HEADERS, type Operation, type Reply, SCHEMAS } from "./schemas.ts";
import { streamQueue } from "./stream.ts";
import { changeUser, listUsers, lookUpUser, registerUser, removeUser } from "./users.ts";

export interface OpenApiDocument {
  openapi: string;
  info: { title: string; version: string; summary: string; description: string; license: object };
  servers: { url: string; description: string }[];
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: Record<string, Record<string, unknown>>;
}

/** Makes the document. It is the same every time. */
export function openApiDocument(): OpenApiDocument {
  return {
    openapi: "3.1.1",
    info: {
      title: packageFile.name,
      version: packageFile.version,
      summary: packageFile.description,
      description: INTRODUCTION,
      license: { name: packageFile.license, identifier: packageFile.license },
    },
    servers: [{ url: "/", description: "The server that sent you this document" }],
    tags: [
      { name: "Users", description: "Who is here, and under which name." },
      { name: "Messages", description: "From one user to another." },
      { name: "Explain", description: "What the server does with a request, step by step." },
      { name: "Class", description: "For a lesson, in class mode only: `npm start -- --class`." },
      { name: "Health", description: "For the person, or the machine, that looks after the server." },
    ],
    paths: {
      "/api/v1/register": {
        post: explainable(registerUser()),
        get: explainable(lookUpUser()),
        patch: explainable(changeUser()),
        delete: explainable(removeUser()),
      },
      "/api/v1/users": { get: explainable(listUsers()) },
      "/api/v1/chat": {
        post: explainable(publishMessage()),
        get: explainable(fetchQueue()),
        patch: explainable(editMessage()),
        delete: explainable(removeMessage()),
      },
      "/api/v1/chat/stream": { get: explainable(streamQueue()) },
      "/api/v1/explain/{id}": { get: readTrace() },
      "/api/v1/explain": { get: watchRequests() },
      "/api/v1/class": { get: readClass() },
      "/api/v1/class/secret": { get: readClassSecret() },
      "/healthz": { get: checkHealth() },
      "/readyz": { get: checkReadiness() },
      "/metrics": { get: readMetrics() },
    },
    components: {
      securitySchemes: {
        basic: {
          type: "http",
          scheme: "basic",
          description: "`myId` as user, `myAuth` as password. Or send both in the body.",
        },
        projectorKey: {
          type: "http",
          scheme: "bearer",
          description: "The key at the end of the projector's address, which the server prints when it starts.",
        },
      },
      schemas: SCHEMAS,
      headers: HEADERS,
      responses: REPLIES_BESIDE_STEPS,
    },
  };
}

const INTRODUCTION = `
Users register with the class secret, and send each other messages. Everything is JSON over plain HTTP.

## First steps

Register. The person who runs the server has the secret:

\`\`\`sh
curl http://localhost:8080/api/v1/register \\
  -d '{"secret": "river-candle-orbit-maple",
       "userHandle": "ada"}'
\`\`\`

Keep the \`userId\` and the \`authToken\` of the reply: in every other call they are \`myId\` and \`myAuth\`. Send a message:

\`\`\`sh
curl http://localhost:8080/api/v1/chat \\
  -u "$MY_ID:$MY_AUTH" \\
  -d '{"userHandle": "grace",
       "message": "Hello, Grace!"}'
\`\`\`

And see what has come for you:

\`\`\`sh
curl http://localhost:8080/api/v1/chat \\
  -u "$MY_ID:$MY_AUTH"
\`\`\`

## Where inputs go

- \`myId\` and \`myAuth\`: as user and password of HTTP Basic, as \`curl -u\` sends them, or as fields of the JSON body.
  Never in an address: addresses end up in logs and histories.
- All other inputs: as fields of the JSON body. \`GET\` takes them from the query string too, because browsers send no body
  with it.
- The method \`QUERY\` does what \`GET\` does, with a body and its \`Content-Type\`.
- The same input in two places is fine when both say the same. Otherwise the reply is 400.

## When the server says no

The body is a problem: \`detail\` says what is wrong and what to do about it, \`step\` which step of the specification said
so, \`field\` which input is to blame. Only a 404 for a handle that nobody has comes with an empty body. A misspelt field
is named: \`mesage\` gets the answer "did you mean \`message\`?".

## To see what the server does

Send \`Explain: 1\` with any call. The reply stays the same, and its header \`Link\` leads to every step that the server
took: which it passed, where it stopped, and the files that it read and wrote.
`.trim();

function checkHealth(): Operation {
  const schema = { type: "object", required: ["status"], properties: { status: { type: "string", const: "ok" } } };
  return health("checkHealth", "Is the server alive?", "Says that it answers, and nothing about its data.", {
    200: jsonReply("It is.", schema, { status: "ok" }),
  });
}

function checkReadiness(): Operation {
  const properties = {
    ready: described("Whether it can do all of its work.", { type: "boolean" }),
    filesAside: described("How many damaged files it has set aside.", { type: "integer", minimum: 0 }),
    problems: described("What somebody should look at.", { type: "array", items: { type: "string" } }),
  };
  const schema = { type: "object", required: Object.keys(properties), properties };
  const problems = ["The class secret cannot be read, so nobody can register."];
  return health("checkReadiness", "Is the server ready?", "Says whether it can do its work, and what is wrong.", {
    200: jsonReply("It is.", schema, { ready: true, filesAside: 0, problems: [] }),
    503: jsonReply("It is not.", schema, { ready: false, filesAside: 0, problems }),
  });
}

function readMetrics(): Operation {
  return health("readMetrics", "Read the metrics", "Returns counters and timings, as Prometheus collects them.", {
    200: {
      description: "The metrics, one a line.",
      headers: headers("RequestId"),
      content: { "text/plain": { schema: { type: "string" } } },
    },
  });
}

function health(
  operationId: string,
  summary: string,
  description: string,
  responses: Record<number, Reply>,
): Operation {
  const { 405: otherMethod, 431: tooManyHeaders } = BESIDE_STEPS;
  return {
    operationId,
    summary,
    description,
    tags: ["Health"],
    security: [],
    responses: { 405: otherMethod, 431: tooManyHeaders, ...responses },
  };
}
