/**
 * Kills the server while requests are on their way, and starts it again, several times. What must be there afterwards is
 * not decided here: the ledger has noted every request, and queues.ts and known-users.ts compare. run-case.ts calls it.
 */
import { aFewAtOnce } from "./at-once.ts";
import type { UnderFire } from "./case.ts";
import { NoReply, type Reply } from "./exchange/exchange.ts";
import type { Planned, Sender } from "./sender.ts";

/** The longest time between a start and a kill, for a server that answers slowly. */
const LONGEST_ROUND_MILLISECONDS = 700;
/** After the last kill, this many more requests show that the server goes on. */
const AFTERWARDS = 10;
/** This many requests that were answered last are sent again with their Idempotency-Key. */
const RETRIED = 3;
const EXPECTED = { status: 200 };

/** @throws {CaseFailed} when the server refuses a request, does not answer while it runs, or does not start again. */
export async function keepUnderFire(
  { underFire, times, kills }: UnderFire,
  sender: Sender,
  restart: () => Promise<void>,
): Promise<void> {
  const planned = sender.planned(underFire, times);
  const share = Math.floor((planned.length - AFTERWARDS) / kills);
  const waiting = planned.values();
  const [first] = planned;
  if (first !== undefined) sender.before.push(first.request);
  for (let kill = 0; kill < kills; kill++) {
    const retries = await killInTheMiddle(waiting, share, kill % 2 === 0, sender, restart);
    await aFewAtOnce(retries, async (each) => mustBeRight(each, await sender.exchange(each.request, EXPECTED), sender));
  }
  await aFewAtOnce(waiting.take(AFTERWARDS), async (each) => {
    mustBeRight(each, await sender.exchange(each.request, EXPECTED), sender);
  });
}

/**
 * Sends for a while, kills, and waits until the server is back. Every second kill comes just after a reply: a server that
 * answers first and writes later is caught by that. The others come at any moment.
 * @returns requests to send again.
 */
async function killInTheMiddle(
  waiting: Iterable<Planned>,
  share: number,
  isAtReply: boolean,
  sender: Sender,
  restart: () => Promise<void>,
): Promise<Planned[]> {
  const began = performance.now();
  const wanted = Math.ceil(share * (0.5 + Math.random() / 2));
  const answered: Planned[] = [];
  const unanswered: Planned[] = [];
  let restarted: Promise<void> | undefined;
  const kill = () => {
    if (restarted !== undefined) return;
    if (!isAtReply) waitALittle((performance.now() - began) / Math.max(1, answered.length));
    restarted = restart();
    // Its error comes up below, after the other requests have ended.
    restarted.catch(() => {});
  };
  const timer = setTimeout(kill, LONGEST_ROUND_MILLISECONDS * (0.5 + Math.random() / 2));
  const untilKilled = upTo(waiting, () => restarted !== undefined);
  const sent = aFewAtOnce(untilKilled, async (each) => {
    const reply = await sender.attempt(each.request);
    if (!(reply instanceof NoReply)) {
      mustBeRight(each, reply, sender);
      answered.push(each);
      if (answered.length >= wanted) kill();
    } else if (restarted === undefined) throw sender.noReply(each.request, EXPECTED, reply);
    else unanswered.push(each);
  });
  try {
    await sent;
    kill();
  } finally {
    clearTimeout(timer);
  }
  await restarted;
  return [...unanswered, ...answered.slice(-RETRIED)].filter(({ request }) => "idempotency-key" in request.headers);
}

/** Its end does not end `waiting`: the next round goes on there. */
function* upTo(waiting: Iterable<Planned>, isKilled: () => boolean): Generator<Planned> {
  const iterator = waiting[Symbol.iterator]();
  while (!isKilled()) {
    const next = iterator.next();
    if (next.done === true) return;
    yield next.value;
  }
}

function mustBeRight({ action, request, n }: Planned, reply: Reply, sender: Sender): void {
  sender.hold(request, reply, { ...EXPECTED, ...action.expect }, n);
}

/** Up to the time of one and a half requests. A timer would not be exact enough. */
function waitALittle(millisecondsForOne: number): void {
  const end = performance.now() + Math.min(millisecondsForOne * 1.5, 20) * Math.random();
  while (performance.now() < end);
}
