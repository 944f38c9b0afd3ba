/**
 * Measures how soon a waiting fetch or an open stream has a new message. A server that is told of it has it at once; one
 * that looks for it now and then has it too late. The limit depends on how fast this server answers on this machine, so
 * that no right server fails on a slow one. run-case.ts calls it.
 */
import type { Hear, Promptly } from "../case.ts";
import { NoReply, type SentRequest } from "../exchange/exchange.ts";
import { CaseFailed } from "../report/failure.ts";
import type { Sender } from "./sender.ts";

const TRIES = 5;
/** The second best time counts. The best may be luck: the message came just before the server looked. */
const COUNTED = 1;
/** A server that looks four times a second or more often cannot be told apart from a slow machine. */
const LIMIT_MILLISECONDS = 250;
/** A busy machine needs longer, and then an ordinary fetch needs longer, too. */
const ORDINARY_FETCHES = 4;
/** The waiting fetch must have reached the server before the message comes. */
const SETTLED_MILLISECONDS = 50;

/**
 * The messages follow each other closely: a server that looks every so often has just looked when the next one comes.
 * @param hear waits for the event of a stream, and returns the stream's request. @throws {CaseFailed} when it comes too late.
 */
export async function mustBePrompt(
  { promptly, fetch, listening }: Promptly,
  sender: Sender,
  hear: (event: Hear) => Promise<SentRequest>,
): Promise<void> {
  const times: number[] = [];
  const ordinary: number[] = [];
  let waited: SentRequest | undefined;
  for (let n = 1; n <= TRIES; n++) {
    sender.values.n = n;
    const waiting = fetch && sender.request(fetch);
    const reply = waiting && sender.attempt(waiting).then((came) => ({ came, at: performance.now() }));
    if (reply !== undefined) await new Promise((resolve) => setTimeout(resolve, SETTLED_MILLISECONDS));
    const { as, basic } = promptly;
    const own = { ...(as !== undefined && { as }), ...(basic !== undefined && { basic }) };
    const page = await sender.send({ ...own, send: "GET /api/v1/chat", expect: { status: 200 } });
    ordinary.push(page.milliseconds);
    await sender.send(promptly);
    const stored = performance.now();
    if (waiting === undefined || reply === undefined) {
      if (listening !== undefined) waited = await hear(listening);
      times.push(performance.now() - stored);
      continue;
    }
    waited = waiting;
    const { came, at } = await reply;
    const expected = { status: 200, ...fetch?.expect };
    if (came instanceof NoReply) throw sender.noReply(waiting, expected, came);
    sender.hold(waiting, came, expected);
    times.push(Math.max(at - stored, 0));
  }
  const [milliseconds = 0] = inOrder(times).slice(COUNTED);
  const [, , median = 0] = inOrder(ordinary);
  const limit = Math.round(LIMIT_MILLISECONDS + ORDINARY_FETCHES * median);
  if (milliseconds <= limit || waited === undefined) return;
  const took = inOrder(times).map((each) => Math.round(each));
  throw new CaseFailed({
    mistakes: [
      `a new message should come at once, but in ${TRIES} tries it came ${took.join(", ")} ms after the reply to its sender`,
    ],
    request: waited,
    expected: `the message at most ${limit} ms after the reply to its sender, in two of ${TRIES} tries (an ordinary fetch takes ${Math.round(median)} ms here)`,
    received: `the message after ${took.join(", ")} ms`,
  });
}

function inOrder(numbers: number[]): number[] {
  return numbers.toSorted((one, other) => one - other);
}
