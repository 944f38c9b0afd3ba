/**
 * Takes a request through the server: makes a call of it, runs the operation, and writes the result or the refusal as
 * the reply. app.ts makes a handler for each route with it; the fast path shares outcomeOf().
 */
import type { Socket } from "node:net";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Explain, Explanation } from "../explain/explain.ts";
import { withBlankHint } from "../operations/blank-around.ts";
import { withHint } from "../operations/other-call.ts";
import type { Parts } from "../operations/parts.ts";
import type { Route } from "../operations/routes.ts";
import type { Call } from "../steps/call.ts";
import { Refusal } from "../steps/refusal.ts";
import type { RateLimit } from "./limits/rate-limit.ts";
import { noteActivity } from "./monitor/pupil-activity.ts";
import type { RequestFigures } from "./monitor/request-figures.ts";
import { endExplanation, isByItself, isToExplain, requestToExplain } from "./reply/explained-reply.ts";
import { type Problem, problemFor } from "./reply/problem.ts";
import { bytesOf, sendResult } from "./reply/replies.ts";
import { ReplyTurn } from "./reply/reply-turn.ts";
import { beginStream, isStream } from "./reply/stream.ts";
import { isDownload, sendZip } from "./reply/zip.ts";
import { HttpCall } from "./request/http-call.ts";
import { readableInputs } from "./request/inputs.ts";

export interface Edge {
  parts: Parts;
  rateLimit: RateLimit;
  figures: RequestFigures;
  explain: Explain;
  /** Called when the system has not taken all of a reply yet: its client may be slow, or may not read at all. */
  onUntaken: (socket: Socket) => void;
}

/** Makes the handler for a route: it returns a function, which runs for each request. */
export function answerWith(route: Route, edge: Edge) {
  const { parts, figures, explain } = edge;
  const turn = new ReplyTurn();
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const started = performance.now();
    const explanation = isToExplain(request, explain) ? beginExplanation(explain, request, route.id) : undefined;
    const plainCall = new HttpCall(request, reply.raw, route);
    // For an explained request, the operation gets another call, which notes the steps, and another store, which notes
    // the files: `{ ...parts, ...observed }` has the fields of `parts`, and those of `observed` in place of some of them.
    const call = explanation === undefined ? plainCall : explanation.callFor(plainCall);
    const seenParts = explanation === undefined ? parts : { ...parts, ...explanation.observed };
    const outcome = await outcomeOf(route, edge, seenParts, call, request.ip, isByItself(request));
    // An outcome has either a result or a problem. Inside this `if`, TypeScript knows which.
    if ("result" in outcome) {
      if (explanation !== undefined) await endExplanation(explanation, request, reply, 200);
      await turn.end(bytesOf(outcome.result));
      if (isStream(outcome.result)) beginStream(request, reply, outcome.result);
      else if (isDownload(outcome.result)) sendZip(reply, outcome.result);
      else await sendResult(reply, outcome.result);
      if (request.raw.socket.writableLength > 0) edge.onUntaken(request.raw.socket);
    } else {
      const { problem, error } = outcome;
      if (explanation !== undefined) await endExplanation(explanation, request, reply, problem.status, problem.detail);
      sendProblem(reply, problem, error, call.step);
    }
    figures.record(route.operation.name, reply.statusCode, performance.now() - started);
    return reply;
  };
}

/** The result of an operation, or the error that it threw and the problem that the client gets for it. */
type Outcome = { result: object } | { problem: Problem; error: unknown };

/**
 * Runs the operation of a route.
 * @param address the client's address, for the rate limit.
 * @param isBackground whether a program sent it by itself. Pages ask who is here again and again, and always get an
 * answer: if that counted, the teacher would never see that somebody is stuck.
 */
export async function outcomeOf(
  route: Route,
  edge: Edge,
  parts: Parts,
  call: Call,
  address: string,
  isBackground = false,
): Promise<Outcome> {
  const { rateLimit } = edge;
  const isNoted = parts.classroom !== undefined && !isBackground;
  try {
    let result: object;
    if (route.triesSecret === true) {
      // Perhaps not at once. So trySecret() gets the operation as a function, and runs it when its turn comes.
      const attempt = () => route.operation(call, parts);
      result = await rateLimit.trySecret(address, () => call.ended, attempt);
    } else result = await route.operation(call, parts);
    if (isNoted) await noteActivity(route.id, call, edge.parts);
    return { result };
  } catch (thrown) {
    const error = withBlankHint(withHint(thrown, route, call), call);
    // Mostly the same error. After too many wrong tokens it is a 429 instead.
    const toReply = await countFailure(error, address, rateLimit);
    const problem = problemFor(toReply, call.step);
    if (isNoted) await noteActivity(route.id, call, edge.parts, problem);
    return { problem, error };
  }
}

/**
 * Refuses a request before an operation runs, for instance because its body is too long, or because it reaches no call.
 * It has a trace, too: it is one of the mistakes that people make.
 * @param operation the call that it would have reached. "" if there is none.
 */
export async function refuse(
  explain: Explain,
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
  operation = "",
): Promise<FastifyReply> {
  const problem = problemFor(error);
  if (isToExplain(request, explain)) {
    const explanation = beginExplanation(explain, request, operation);
    await endExplanation(explanation, request, reply, problem.status, problem.detail);
  }
  sendProblem(reply, problem, error);
  return reply;
}

function beginExplanation(explain: Explain, request: FastifyRequest, operation: string): Explanation {
  const { body, query, headers } = request;
  const readable = readableInputs({ body, query, authorization: headers.authorization });
  return explain.begin(requestToExplain(operation, request, readable));
}

/** Sends the reply for an error that no operation threw. */
export function answerProblem(reply: FastifyReply, error: unknown): void {
  sendProblem(reply, problemFor(error), error);
}

/** Sends the problem. An error that was not expected also goes to the log, with all its details. */
function sendProblem(reply: FastifyReply, problem: Problem, error: unknown, step?: string): void {
  if (problem.isFault) reply.log.error({ requestId: reply.request.id, step, error }, "A request failed");
  reply.code(problem.status).headers(problem.headers);
  // Fastify would give an empty text a type.
  if (problem.body === "") reply.send();
  else reply.send(problem.body);
}

/** Counts wrong tokens. @returns the error to reply with: the same one, or a 429 if it was one too many. */
async function countFailure(error: unknown, address: string, rateLimit: RateLimit): Promise<unknown> {
  if (!isWrongToken(error)) return error;
  try {
    await rateLimit.countWrongToken(address);
    return error;
  } catch (tooMany) {
    return tooMany;
  }
}

/** An unknown id is a 401 and no guess: ids are public, and there was no token to compare with (ruling R36). */
function isWrongToken(error: unknown): boolean {
  return (
    error instanceof Refusal &&
    error.status === 403 &&
    (error.field === "myAuth" || error.field === "teacherKey" || error.field === "rejoinCode")
  );
}
