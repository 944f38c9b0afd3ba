/**
 * How the OpenAPI document describes replies: success, and every refusal. The sentences in the examples come from the
 * code: the lines of a step show what it throws, and a check gets an input that it must refuse. problem.ts turns them
 * into bodies, as it does for a client.
 */
import type { Step } from "../../../explain/step-list.ts";
import * as refusals from "../../../operations/refusals.ts";
import * as checks from "../../../steps/checks.ts";
import { Refusal } from "../../../steps/refusal.ts";
import { DiskFullError, OverloadedError, UnknownOutcomeError } from "../../../store/store-errors.ts";
import { refusalForParser } from "../../reply/http-mistake.ts";
import { problemFor } from "../../reply/problem.ts";
import { PROBLEM_TYPES } from "../../reply/problem-types.ts";
import { named, type Schema, schemaOf } from "./schemas.ts";
import type { Field } from "./specification.ts";

export interface Reply {
  description: string;
  headers: Record<string, Schema>;
  content?: Content;
}

/** Points at a part of the document that has a name. */
export interface Reference {
  readonly $ref: string;
}

export type Content = Record<string, { schema: Schema; examples?: Examples }>;
export type Examples = Record<string, { summary?: string; value: unknown }>;

const PROBLEM_JSON = "application/problem+json";

/** The named headers of replies. */
export const HEADERS = {
  RequestId: {
    description: "The name of this request in the server's log. Quote it when you ask for help.",
    schema: { type: "string" },
  },
  RetryAfter: {
    description: "How many seconds to wait before you try again.",
    schema: { type: "integer", minimum: 1 },
  },
  AcceptEncoding: { description: "The only coding of a body that the server accepts.", schema: { type: "string" } },
  Allow: { description: "The methods that this address accepts.", schema: { type: "string" } },
};

export function reply(description: string, type: string, schema: Schema, examples?: Examples): Reply {
  return { description, headers: headers("RequestId"), content: { [type]: { schema, ...(examples && { examples }) } } };
}

export function refusal(description: string, examples?: Examples): Reply {
  return reply(description, PROBLEM_JSON, named("Problem"), examples);
}

/** The replies with which an operation refuses: one for each status, with all steps that refuse with it. */
export function refusalsOf(steps: readonly Step[], inputs: readonly Field[]): Record<string, Reply> {
  const replies: Record<string, Reply> = {};
  const byStatus = Object.groupBy(steps, ({ sentence }) => /\b([45]\d\d)\.$/.exec(sentence)?.[1] ?? "200");
  for (const [status, refusing = []] of Object.entries(byStatus).filter(([each]) => each !== "200")) {
    const description = refusing.map(({ id, sentence }) => `- \`${id}\` ${sentence}`).join("\n");
    const examples: Examples = {};
    let hasBody = true;
    for (const step of refusing) {
      const thrown = refusalAt(step, Number(status), inputs);
      if (thrown?.emptyBody) hasBody = false;
      else if (thrown) examples[step.id] = { summary: step.sentence, value: bodyOf(thrown, step.id) };
    }
    replies[status] = hasBody ? refusal(description, examples) : { description, headers: headers("RequestId") };
  }
  return replies;
}

/** What a step throws, or undefined if neither its lines nor its sentence show it. */
function refusalAt({ sentence, source }: Step, status: number, inputs: readonly Field[]): Refusal | undefined {
  const shared = /throw (\w+)\(\)/.exec(source.code)?.[1];
  if (shared !== undefined) return (refusals as unknown as Record<string, () => Refusal>)[shared]?.();
  const [, text, field] = /new Refusal\(\d+, ("[^"]+")(?:, "(\w+)")?\)/.exec(source.code) ?? [];
  if (text !== undefined) return new Refusal(status, JSON.parse(text), field);
  const [, name, exists] = /^(?:Does|Is)(?: the header)? `([\w-]+)`(?!, `| or )( exist\? No)?/.exec(sentence) ?? [];
  const input = inputs.find((each) => each.name === name);
  try {
    // Only the one input is missing in the example: without both credentials, the sentence is another one.
    if (input && exists) checks.mustExist(name === "myId" ? { myAuth: "" } : {}, input.name, status);
    else if (input) mustBe(input, status);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  return undefined;
}

/** Gives an empty text to the check of an input, which must refuse it. */
function mustBe(input: Field, status: number): unknown {
  const { name } = input;
  const { type, minimum, maximum, minLength, maxLength, enum: words } = schemaOf(input);
  const inputs = { [name]: "" };
  if (name === "Idempotency-Key") return checks.mustBeIdempotencyKey("", status);
  if (name === "Last-Event-ID") return checks.mustBeEventId("yesterday", status);
  if (type === "boolean") return checks.mustBeBoolean(inputs, name, status);
  if (Array.isArray(words)) return checks.mustBeOneOf(inputs, name, words, status);
  const bounds = { min: Number(minimum ?? minLength), max: Number(maximum ?? maxLength) };
  return (type === "integer" ? checks.mustBeInteger : checks.mustBeText)(inputs, name, bounds, status);
}

function asNodeThrowsIt(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/**
 * Refusals that belong to no step: too much, too late, too often, no space. These are named in the document. All errors
 * of one have the same status.
 */
const BESIDE: [name: string, errors: [Error, ...Error[]], ...headers: (keyof typeof HEADERS)[]][] = [
  ["OtherMethod", [new Refusal(405, "This address accepts only DELETE, GET, PATCH, POST.")], "RequestId", "Allow"],
  // A request that never arrives completely gets no name in the log.
  ["TooLate", [refusalForParser(asNodeThrowsIt("ERR_HTTP_REQUEST_TIMEOUT"))]],
  ["TooLong", [Object.assign(new Error("As Fastify throws it"), { statusCode: 413 })], "RequestId"],
  [
    "Compressed",
    [new Refusal(415, "The body is compressed. Send it as it is, without the header `Content-Encoding`.")],
    "RequestId",
    "AcceptEncoding",
  ],
  ["TooOften", [refusals.tooManyOpen("streams", 32)], "RequestId", "RetryAfter"],
  ["HeadersTooLong", [refusalForParser(asNodeThrowsIt("HPE_HEADER_OVERFLOW"))]],
  ["Overloaded", [new OverloadedError(), new UnknownOutcomeError()], "RequestId", "RetryAfter"],
  ["DiskFull", [new DiskFullError()], "RequestId"],
];

export const REPLIES_BESIDE_STEPS = Object.fromEntries(
  BESIDE.map(([name, errors, ...headerNames]) => {
    const problems = errors.map((error) => bodyOf(error));
    const kinds = problems.map(({ type }) => PROBLEM_TYPES.find(({ slug }) => type === `/problems/${slug}`));
    const description = kinds.map((kind) => kind?.meaning).join("\n\n");
    const examples = Object.fromEntries(problems.map((value, i) => [i === 0 ? "problem" : kinds[i]?.slug, { value }]));
    return [name, { ...refusal(description, examples), headers: headers(...headerNames) }];
  }),
);

const REFERENCES = BESIDE.map(([name, [error]]): [string, Reference] => {
  return [String(problemFor(error).status), { $ref: `#/components/responses/${name}` }];
});

/** References to these replies for every operation, by status. */
export const BESIDE_STEPS = Object.fromEntries(REFERENCES.filter(([status]) => status !== "507"));

/** The ones for every address. */
export const EVERYWHERE = Object.fromEntries(REFERENCES.filter(([status]) => status === "405" || status === "431"));

/** For operations that store something new. The others work on a full disk, too. */
export const DISK_FULL = Object.fromEntries(REFERENCES.filter(([status]) => status === "507"));

/** References to named headers. The header named `RequestId` is `Request-Id` in a reply. */
function headers(...names: (keyof typeof HEADERS)[]): Record<string, Schema> {
  return Object.fromEntries(
    names.map((name) => [name.replace(/\B[A-Z]/, "-$&"), { $ref: `#/components/headers/${name}` }]),
  );
}

function bodyOf(error: Error, step?: string): { type: string } {
  return JSON.parse(problemFor(error, step).body);
}
