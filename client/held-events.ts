/**
 * For when the stream of everybody's requests brings nothing: some proxies hold a stream back until it ends. Then this
 * asks for short replies, again and again. Each begins before the one before has ended, so that nothing falls between
 * them. watch-requests.ts puts both together.
 */
import { backoff, pause } from "./backoff.ts";
import { ChatError, errorInReply, noReply } from "./chat-error.ts";
import { type Frame, readFrames } from "./event-stream.ts";
import { type ChatRequest, type Connection, fetchReply, nothingWasDone } from "./request.ts";

/** How long the server collects events for one reply. */
const WAIT_SECONDS = 2;
/** After this long the next request begins: half a second for its way to the server. */
const EVERY_MILLISECONDS = 1_500;

interface Hearer {
  hear: (frame: Frame) => void;
  /** A reply has come, or none has. */
  onReply: (hasCome: boolean) => void;
}

/** Asks until `signal` is aborted. @throws {ChatError} when the server refuses. */
export async function askAgainAndAgain(
  connection: Connection,
  request: ChatRequest,
  { hear, onReply }: Hearer,
  signal: AbortSignal,
): Promise<void> {
  const waiting = { ...request, inputs: { wait: WAIT_SECONDS } };
  let failures = 0;
  const ask = async () => {
    try {
      for (const frame of await askOnce(connection, waiting, signal)) hear(frame);
      failures = 0;
      if (!signal.aborted) onReply(true);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ChatError && isRefusal(error)) throw error;
      failures++;
      onReply(false);
      await pause(backoff(failures), signal);
    }
  };
  let before = Promise.resolve();
  while (!signal.aborted) {
    const now = ask();
    await Promise.all([before, Promise.race([now, pause(EVERY_MILLISECONDS, signal)])]);
    before = now;
  }
  await before;
}

async function askOnce(connection: Connection, request: ChatRequest, signal: AbortSignal): Promise<Frame[]> {
  const ended = AbortSignal.any([signal, AbortSignal.timeout((WAIT_SECONDS + connection.timeoutSeconds) * 1000)]);
  const reply = await fetchReply(connection, request, ended);
  if (reply.status !== 200 || reply.body === null) throw errorInReply(reply, await reply.text(), connection.url);
  try {
    return await Array.fromAsync(readFrames(reply.body));
  } catch (error) {
    throw noReply(connection.url, ended.aborted ? ended.reason : error);
  }
}

/** The server itself says no, and will say so again. A proxy may also say no: its words are different. */
export function isRefusal(error: ChatError): boolean {
  return error.reason === "refused" && error.status >= 400 && error.status < 500 && !nothingWasDone(error);
}
