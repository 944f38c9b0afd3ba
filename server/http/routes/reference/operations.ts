/**
 * Makes the OpenAPI description of a call from its section in docs/spec.md and its steps in the code. This file adds
 * what the document does not say in a table: GET takes its inputs from the query string and other methods from a body,
 * credentials and the teacher's key go into a header or the body, and every call accepts the header `Explain`.
 */
import type { Step } from "../../../explain/step-list.ts";
import { MAX_ID } from "../../../steps/limits.ts";
import {
  BESIDE_STEPS,
  type Content,
  DISK_FULL,
  EVERYWHERE,
  type Reference,
  type Reply,
  refusal,
  refusalsOf,
  reply,
} from "./replies.ts";
import { asSentence, describedSchemaOf, type Schema, schemaOfExamples } from "./schemas.ts";
import { type Field, irregular, type Specification, type SpecifiedCall } from "./specification.ts";

interface Parameter {
  name: string;
  in: string;
  description: string;
  required?: boolean;
  schema: Schema;
  example?: unknown;
}

export interface Operation {
  operationId: string;
  summary: string;
  description: string;
  tags: string[];
  /** Each entry is one way to log in. An empty entry means without `Authorization`. No entry: open to everyone. */
  security: Record<string, string[]>[];
  parameters: Parameter[];
  requestBody?: { required: boolean; content: Content };
  responses: Record<string, Reply | Reference>;
  "x-codeSamples"?: { lang: string; label: string; source: string }[];
}

/** These may also be in the header `Authorization`. */
const CREDENTIALS: readonly string[] = ["myId", "myAuth", "teacherKey"];

const EXPLAIN_HEADER: Parameter = {
  name: "Explain",
  in: "header",
  description:
    "`1`: the reply links to everything that the server did. `background`: a program sends this request by itself.",
  schema: { type: "string", enum: ["1", "background", "1, background"] },
};

const TRACE_ID: Parameter = {
  name: "id",
  in: "path",
  description: "The id from the header `Link` of the explained reply.",
  required: true,
  schema: { type: "string" },
};

/**
 * @param name Such as "POST /api/v1/chat".
 * @param steps Undefined if the address has none.
 * @throws {Error} if the specification says nothing about it.
 */
export function describeCall(
  name: string,
  { calls, fieldsOfReplies }: Specification,
  { operationId, tag, steps }: { operationId: string; tag: string; steps: readonly Step[] | undefined },
): Operation {
  const call = calls.get(name);
  if (call === undefined) throw irregular("the calls", `a section about \`${name}\``);
  const { title, purpose, notes, inputs, example } = call;
  const [method = "", path = ""] = name.split(" ");
  const isGet = method === "GET";
  const sent = example === "" ? {} : inputsOf(example);
  const header = headerFor(path, inputs);
  const parameters = inputs.filter(({ name, isHeader }) => isHeader || (isGet && !CREDENTIALS.includes(name)));
  return {
    operationId,
    summary: asSentence(title).slice(0, -1),
    description: `${purpose}\n\n${notes}`.trim(),
    tags: [tag],
    // OpenAPI allows no body for GET, so it cannot say that credentials may go there, too.
    security: header === undefined ? [] : isGet ? [{ [header]: [] }] : [{ [header]: [] }, {}],
    parameters: [
      ...(path.includes("{id}") ? [TRACE_ID] : []),
      ...parameters.map((input) => parameterOf(input, sent)),
      ...(steps ? [EXPLAIN_HEADER] : []),
    ],
    ...(!isGet && { requestBody: bodyOf(inputs, sent, header !== undefined && credentialsIn(calls, inputs)) }),
    responses: {
      ...responsesOf(call, fieldsOfReplies, steps),
      ...(steps && (method === "POST" || method === "PATCH") && DISK_FULL),
    },
    ...(example !== "" && { "x-codeSamples": [{ lang: "Shell", label: "curl", source: example }] }),
  };
}

/** What the header `Authorization` may have: the name of a security scheme. */
function headerFor(path: string, inputs: readonly Field[]): string | undefined {
  if (path.endsWith("/secret")) return "projectorKey";
  if (inputs.some(({ name }) => name === "teacherKey")) return "teacherKey";
  return inputs.some(({ name }) => name === "myAuth") ? "basic" : undefined;
}

/** The inputs that a command for curl sends, except credentials. */
function inputsOf(example: string): Record<string, unknown> {
  const body = /-d '(.+?)'/.exec(example)?.[1];
  if (body !== undefined) return JSON.parse(body);
  return Object.fromEntries(new URL(/http:[^" ]+/.exec(example)?.[0] ?? "").searchParams);
}

/** From the beginning, and up to the end: programs that make up a value would ask for a place where nothing is. */
const PLACES: Record<string, number> = { after: 0, before: MAX_ID };

/**
 * Any other optional parameter has no example: the page would fill it in, and a learner who tries it without knowing it
 * gets a reply that makes no sense to them.
 */
function parameterOf(input: Field, sent: Record<string, unknown>): Parameter {
  const { description, ...schema } = describedSchemaOf(input);
  const isRequired = input.required === "yes";
  const example = isRequired ? sent[input.name] : PLACES[input.name];
  const place = input.isHeader ? "header" : "query";
  return {
    name: input.name,
    in: place,
    description: String(description),
    ...(isRequired && { required: true }),
    ...(example !== undefined && { example }),
    schema,
  };
}

/** The server makes such a key when it starts in class mode for the first time. */
const EXAMPLE_KEY = "pPq0dRkYw3m5Zb7JxN1c8A";

/** The teacher's key, or the credentials of the user in the examples, from the reply to registering. */
function credentialsIn(calls: Specification["calls"], inputs: readonly Field[]): object {
  if (inputs.some(({ name }) => name === "teacherKey")) return { teacherKey: EXAMPLE_KEY };
  const { userId, authToken } = JSON.parse(calls.get("POST /api/v1/register")?.reply.example ?? "{}");
  return { myId: userId, myAuth: authToken };
}

/** @param credentials False if the call needs none. */
function bodyOf(inputs: Field[], sent: object, credentials: object | false) {
  const fields = inputs.filter(({ isHeader }) => !isHeader);
  const others = fields.filter(({ name }) => !CREDENTIALS.includes(name));
  const required = others.filter((field) => field.required === "yes").map(({ name }) => name);
  const properties = Object.fromEntries(fields.map((field) => [field.name, describedSchemaOf(field)]));
  const schema = { type: "object", ...(required.length > 0 && { required }), properties };
  const examples = {
    header: { summary: "Credentials in the header", value: sent },
    body: { summary: "Credentials in the body", value: { ...credentials, ...sent } },
  };
  const content = { schema, examples: credentials ? examples : { example: { value: sent } } };
  return { required: others.length > 0, content: { "application/json": content } };
}

function responsesOf(
  { reply: success, inputs, refusals }: SpecifiedCall,
  fields: readonly Field[],
  steps: readonly Step[] | undefined,
): Operation["responses"] {
  const { type, example } = success;
  const value = type === "application/json" ? JSON.parse(example) : `${example}\n`;
  const schema = schemaOfExamples([value], "", [...success.fields, ...fields]);
  const responses: Operation["responses"] = {
    200: reply(asSentence(success.description), type, schema, { reply: { value } }),
  };
  if (steps !== undefined) return { ...responses, ...refusalsOf(steps, inputs), ...BESIDE_STEPS };
  for (const [status, when] of refusals) {
    const isLikeSuccess = when.includes("the same fields");
    const description = asSentence(when);
    responses[status] = isLikeSuccess
      ? reply(description, type, schema)
      : (BESIDE_STEPS[status] ?? refusal(description));
  }
  return { ...responses, ...EVERYWHERE };
}
