/**
 * Makes the OpenAPI description of a call from its section in docs/spec.md and its steps in the code. What a document
 * cannot say stands here: that GET takes its inputs from the query string and other methods from a body, how
 * credentials are sent, and which header every call accepts.
 */
import type { Step } from "../../../explain/step-list.ts";
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
import type { Field, SpecifiedCall } from "./specification.ts";

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
  /** Each entry is one way in; an empty one means without the header `Authorization`. No entry: for everyone. */
  security: Record<string, string[]>[];
  parameters: Parameter[];
  requestBody?: { required: boolean; content: Content };
  responses: Record<string, Reply | Reference>;
  "x-codeSamples"?: { lang: string; label: string; source: string }[];
}

export interface CallParts {
  operationId: string;
  method: string;
  path: string;
  tag: string;
  /** Undefined for an address that has none. */
  steps: readonly Step[] | undefined;
  /** What the fields of replies mean. */
  fields: readonly Field[];
  /** Those of the user in the examples. */
  credentials: object;
}

const CREDENTIALS: readonly string[] = ["myId", "myAuth"];

const EXPLAIN_HEADER: Parameter = {
  name: "Explain",
  in: "header",
  description:
    "`1`: the reply gets a link to everything that the server did. `background`: a program sends this request by itself.",
  schema: { type: "string", enum: ["1", "background", "1, background"] },
};

const TRACE_ID: Parameter = {
  name: "id",
  in: "path",
  description: "It stands in the header `Link`.",
  required: true,
  schema: { type: "string" },
};

export function describeCall(call: SpecifiedCall, parts: CallParts): Operation {
  const { operationId, method, path, tag, steps } = parts;
  const { title, purpose, notes, inputs, example } = call;
  const isGet = method === "GET";
  const sent = example === "" ? {} : inputsOf(example);
  const isForUsers = inputs.some(({ name }) => name === "myAuth");
  const ownKey = path.endsWith("/secret") ? [{ projectorKey: [] }] : [];
  const parameters = inputs.filter(({ name, isHeader }) => isHeader || (isGet && !CREDENTIALS.includes(name)));
  return {
    operationId,
    summary: asSentence(title).slice(0, -1),
    description: `${purpose}\n\n${notes}`.trim(),
    tags: [tag],
    // OpenAPI knows no body of GET, so it cannot say that credentials may stand there, too.
    security: !isForUsers ? ownKey : isGet ? [{ basic: [] }] : [{ basic: [] }, {}],
    parameters: [
      ...(path.includes("{id}") ? [TRACE_ID] : []),
      ...parameters.map((input) => parameterOf(input, sent)),
      ...(steps ? [EXPLAIN_HEADER] : []),
    ],
    ...(!isGet && { requestBody: bodyOf(inputs, sent, isForUsers && parts.credentials) }),
    responses: responsesOf(call, parts),
    ...(example !== "" && { "x-codeSamples": [{ lang: "Shell", label: "curl", source: example }] }),
  };
}

/** The inputs that a command for curl sends, except credentials. */
function inputsOf(example: string): Record<string, unknown> {
  const body = /-d '(.+?)'/.exec(example)?.[1];
  if (body !== undefined) return JSON.parse(body);
  return Object.fromEntries(new URL(/http:[^" ]+/.exec(example)?.[0] ?? "").searchParams);
}

/**
 * An optional parameter has no example: the page would fill it in, and a learner who tries it without knowing it gets a
 * reply that makes no sense to them.
 */
function parameterOf(input: Field, sent: Record<string, unknown>): Parameter {
  const { description, ...schema } = describedSchemaOf(input);
  const required = input.required === "yes" && { required: true, example: sent[input.name] };
  const place = input.isHeader ? "header" : "query";
  return { name: input.name, in: place, description: String(description), ...required, schema };
}

/** @param credentials False if the call needs none. Otherwise they stand in the header or in the body. */
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

function responsesOf({ reply: success, inputs, refusals }: SpecifiedCall, { method, steps, fields }: CallParts) {
  const { type, example } = success;
  const value = type === "application/json" ? JSON.parse(example) : `${example}\n`;
  const schema = schemaOfExamples([value], "", [...success.fields, ...fields]);
  const responses: Operation["responses"] = {
    200: reply(asSentence(success.description), type, schema, { reply: { value } }),
  };
  if (steps !== undefined) {
    const diskFull = (method === "POST" || method === "PATCH") && DISK_FULL;
    return { ...responses, ...refusalsOf(steps, inputs), ...BESIDE_STEPS, ...diskFull };
  }
  for (const [status, when] of refusals) {
    const isLikeSuccess = when.includes("the same fields");
    const description = asSentence(when);
    responses[status] = isLikeSuccess
      ? reply(description, type, schema)
      : (BESIDE_STEPS[status] ?? refusal(description));
  }
  return { ...responses, ...EVERYWHERE };
}
