/**
 * The way of a request through the server: a call is made of it, its operation is run, and what comes back, a result or
 * a refusal, is written as the reply.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Parts, Route } from "../routes.ts";
import { Refusal } from "../steps/refusal.ts";
import type { FailedAttempts } from "./failed-attempts.ts";
import { HttpCall } from "./http-call.ts";
import { problemFor } from "./problem.ts";
import { sendResult } from "./replies.ts";
import { ReplyTurn } from "./reply-turn.ts";
import type { RequestFigures } from "./request-figures.ts";
import { beginStream, isStream } from "./stream.ts";

export interface Edge {
  parts: Parts;
  failedAttempts: FailedAttempts;
  figures: RequestFigures;
}

/** Makes the handler for a route. */
export function answerWith({ operation, triesSecret }: Route, { parts, failedAttempts, figures }: Edge) {
  const turn = new ReplyTurn();
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const started = performance.now();
    const call = new HttpCall(request, reply.raw);
    try {
      if (triesSecret === true) await failedAttempts.checkSecrets(request.ip);
      const result = await operation(call, parts);
      await turn.end();
      if (isStream(result)) beginStream(request, reply, result);
      else sendResult(reply, result);
    } catch (error) {
      sendProblem(reply, await countFailure(error, request.ip, failedAttempts), call.step);
    }
    figures.record(operation.name, reply.statusCode, performance.now() - started);
    return reply;
  };
}

/** Sends the reply for something thrown. What was not foreseen is written to the log, whole. */
export function sendProblem(reply: FastifyReply, error: unknown, step?: string): void {
  const problem = problemFor(error, step);
  if (problem.isFault) reply.log.error({ requestId: reply.request.id, step, error }, "A request failed");
  reply.code(problem.status).headers(problem.headers).send(problem.body);
}

/** Counts wrong secrets and tokens. @returns what the client is to be told: the error, or that it was one too many. */
async function countFailure(error: unknown, address: string, failedAttempts: FailedAttempts): Promise<unknown> {
  const kind = failureKind(error);
  if (kind === undefined) return error;
  try {
    await failedAttempts.count(kind, address);
    return error;
  } catch (tooMany) {
    return tooMany;
  }
}

function failureKind(error: unknown): "secret" | "token" | undefined {
  if (!(error instanceof Refusal)) return undefined;
  if (error.status === 403 && error.field === "secret") return "secret";
  if (error.status === 403 && error.field === "myAuth") return "token";
  return error.status === 401 && error.field === "myId" ? "token" : undefined;
}
