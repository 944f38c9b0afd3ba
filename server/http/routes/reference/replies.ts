/**
 * How the OpenAPI document describes replies: what comes when all is well, and every way to say no. The examples are
 * not written down: the checks and refusals of the code are asked what they say, and problem.ts makes the reply of it.
 */
import { invalidToken, unknownId, unreadableUser } from "../../../operations/refusals.ts";
import { mustBeHandle, mustBeInteger, mustExist } from "../../../steps/checks.ts";
import { HANDLE_LENGTH, PAGE_LIMIT } from "../../../steps/limits.ts";
import { Refusal } from "../../../steps/refusal.ts";
import { DiskFullError, OverloadedError } from "../../../store/store-errors.ts";
import { problemFor } from "../../reply/problem.ts";
import { problemType } from "../../reply/problem-types.ts";
import {
  type Content,
  type Examples,
  type HEADERS,
  named,
  type Reference,
  type Reply,
  type Schema,
} from "./schemas.ts";

const PROBLEM_JSON = "application/problem+json";

const TOO_OFTEN = "Your address sent too many wrong tokens. Wait 60 seconds, and check what your program sends.";

/** What a status means to someone who called an operation. */
const MEANINGS: Record<number, string> = {
  400: "The body is not JSON, or an input is missing or malformed.",
  401: "No user has this `myId`.",
  403: "`myAuth` is not the token of this `myId`.",
  404: "No user has this handle. The body is empty.",
  409: "Somebody has this handle already.",
  422: "The `Idempotency-Key` was used for another message.",
  500: "The server is at fault, not you. Its log has the whole story, under the `Request-Id`.",
};

/** A reply with status 200: a JSON object that has all of these properties. */
export function success(description: string, properties: Record<string, Schema | Reference>, value: unknown): Reply {
  return jsonReply(description, { type: "object", required: Object.keys(properties), properties }, value);
}

/** A reply with a JSON object, whatever its status. */
export function jsonReply(description: string, schema: Schema, value: unknown): Reply {
  const examples = { reply: { value } };
  return { description, headers: headers("RequestId"), content: { "application/json": { schema, examples } } };
}

/**
 * The replies with which an operation refuses: one for each status, with an example for each step.
 * @param refused What is thrown, by the id of the step that throws it.
 * @param meanings What a status means in this operation, where it means something else than in the others.
 */
export function refusals(
  refused: Record<string, Refusal>,
  meanings: Record<number, string> = {},
): Record<string, Reply> {
  const replies: Record<string, Reply> = {};
  for (const [step, refusal] of Object.entries(refused)) {
    const { status, emptyBody } = refusal;
    replies[status] ??= { description: meanings[status] ?? MEANINGS[status] ?? "", headers: headers("RequestId") };
    if (emptyBody) continue;
    const examples = { ...replies[status].content?.[PROBLEM_JSON]?.examples, [step]: exampleOf(refusal, step) };
    replies[status].content = problemContent(examples);
  }
  return replies;
}

/** The refusals of every operation that asks who you are. @param call How the ids of its steps begin. */
export function refusalsOfCredentials(call: string): Record<string, Refusal> {
  return {
    [`${call}.1.4`]: refusalOf(() => mustExist({}, "myAuth", 400)),
    [`${call}.2.1`]: unknownId(),
    [`${call}.2.2`]: unreadableUser(),
    [`${call}.3.1`]: invalidToken(),
  };
}

export function handleTooShort(): Refusal {
  return refusalOf(() => mustBeHandle({ userHandle: "al" }, "userHandle", HANDLE_LENGTH, 400));
}

export function limitTooHigh(): Refusal {
  return refusalOf(() => mustBeInteger({ limit: PAGE_LIMIT.max + 1 }, "limit", PAGE_LIMIT, 400));
}

/** Runs a check that is bound to refuse, and returns the refusal. */
export function refusalOf(check: () => unknown): Refusal {
  try {
    check();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error("This check was expected to refuse");
}

/** Refusals that come from beside the steps: too much, too late, too often, no room. They have names in the document. */
export const REPLIES_BESIDE_STEPS: Record<string, Reply> = {
  OtherMethod: besideSteps(new Refusal(405, "This address takes DELETE, GET, PATCH, POST."), "RequestId", "Allow"),
  // A request that is never read to its end gets no name in the log.
  TooLate: besideSteps(new Refusal(408, "The request took too long to arrive.")),
  HeadersTooLong: besideSteps(new Refusal(431, "The headers of the request are longer than 16 KiB.")),
  TooLong: besideSteps(Object.assign(new Error("As Fastify throws it"), { statusCode: 413 }), "RequestId"),
  TooOften: besideSteps(new Refusal(429, TOO_OFTEN), "RequestId", "RetryAfter"),
  Overloaded: besideSteps(new OverloadedError(), "RequestId", "RetryAfter"),
  DiskFull: besideSteps(new DiskFullError(), "RequestId"),
};

/** For the operations: where each of these replies stands. */
export const BESIDE_STEPS = {
  405: { $ref: "#/components/responses/OtherMethod" },
  408: { $ref: "#/components/responses/TooLate" },
  413: { $ref: "#/components/responses/TooLong" },
  429: { $ref: "#/components/responses/TooOften" },
  431: { $ref: "#/components/responses/HeadersTooLong" },
  503: { $ref: "#/components/responses/Overloaded" },
};

/** For the operations that store something new. The others work on a full disk too. */
export const DISK_FULL = { 507: { $ref: "#/components/responses/DiskFull" } };

function besideSteps(error: Error, ...headerNames: (keyof typeof HEADERS)[]): Reply {
  const { meaning } = problemType(problemFor(error).status);
  return {
    description: meaning,
    headers: headers(...headerNames),
    content: problemContent({ problem: exampleOf(error) }),
  };
}

/** Refers to headers of the document. What is `RequestId` among its names is `Request-Id` in a reply. */
export function headers(...names: (keyof typeof HEADERS)[]): Record<string, Reference> {
  return Object.fromEntries(
    names.map((name) => [name.replace(/\B[A-Z]/, "-$&"), { $ref: `#/components/headers/${name}` }]),
  );
}

function problemContent(examples: Examples): Content {
  return { [PROBLEM_JSON]: { schema: named("Problem"), examples } };
}

function exampleOf(error: Error, step?: string): { value: unknown } {
  return { value: JSON.parse(problemFor(error, step).body) };
}
