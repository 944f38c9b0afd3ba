/**
 * Kills the server while requests are on their way, and starts it again, several times. What must be there afterwards is
 * not decided here: the ledger has noted every request, and queues.ts and known-users.ts compare. run-case.ts calls it.
 */

import type { Send, UnderFire } from "../case.ts";
import { NoReply, type Reply } from "../exchange/exchange.ts";
import { aFewAtOnce } from "./at-once.ts";
import type { Planned, Sender } from "./sender.ts";

/** The longest time between a start and a kill, for a server that answers slowly. */
const LONGEST_ROUND_MILLISECONDS = 1500;
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
  if (first !== undefined) sender.before.push({ request: first.request, atOnce: planned.length });
  for (let kill = 0; kill < kills; kill++) {
    const after = kill % 2 === 0 ? underFire[kill % underFire.length] : undefined;
    const retries = await killInTheMiddle(waiting, share, after, sender, restart);
    await aFewAtOnce(retries, async (each) => mustBeRight(each, await sender.exchange(each.request, EXPECTED), sender));
  }
  let left = AFTERWARDS;
  const afterwards = upTo(waiting, () => left-- <= 0);
  await aFewAtOnce(afterwards, async (each) => {
    mustBeRight(each, await sender.exchange(each.request, EXPECTED), sender);
  });
}

/**
 * Sends for a while, kills, and waits until the server is back.
 * @param after kills just after a reply to this action: a server that answers first and writes later is caught by that.
 * Without it, the kill comes at any moment. @returns requests to send again.
 */
async function killInTheMiddle(
  waiting: Iterable<Planned>,
  share: number,
  after: Send | undefined,
  sender: Sender,
  restart: () => Promise<void>,
): Promise<Planned[]> {
  const wanted = Math.ceil(share * (0.5 + Math.random() / 2));
  const answered: Planned[] = [];
  const unanswered: Planned[] = [];
  let restarted: Promise<void> | undefined;
  let latency = 0;
  let isOver = false;
  const killSoon = async () => {
    if (after === undefined) await aMoment(latency * Math.random());
    if (isOver) return;
    restarted = restart();
    // Its error comes up below, after the other requests have ended.
    restarted.catch(() => {});
  };
  let killing: Promise<void> | undefined;
  const kill = () => {
    killing ??= killSoon();
    return killing;
  };
  const timer = setTimeout(kill, LONGEST_ROUND_MILLISECONDS * (0.5 + Math.random() / 2));
  const untilKilled = upTo(waiting, () => restarted !== undefined);
  const sent = aFewAtOnce(untilKilled, async (each) => {
    const reply = await sender.attempt(each.request);
    if (!(reply instanceof NoReply)) {
      mustBeRight(each, reply, sender);
      answered.push(each);
      latency = reply.milliseconds;
      if (answered.length >= wanted && (after === undefined || after === each.action)) void kill();
    } else if (restarted === undefined) throw sender.noReply(each.request, EXPECTED, reply);
    else unanswered.push(each);
  });
  try {
    await sent;
    await kill();
  } finally {
    isOver = true;
    clearTimeout(timer);
  }
  await restarted;
  const hasKey = ({ request }: Planned) => "idempotency-key" in request.headers;
  return [...unanswered.filter(hasKey), ...answered.filter(hasKey).slice(-RETRIED)];
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

/** The program has slept if this much time passes between two turns. */
const ASLEEP_MILLISECONDS = 5;
const MAX_STARTS = 20;

/**
 * Waits while the other connections go on: a kill must find the server at work. If this program does not get its turn for
 * a while, the server has answered everything by then, so the time begins again.
 */
async function aMoment(milliseconds: number): Promise<void> {
  for (let start = 0; start < MAX_STARTS; start++) {
    const began = performance.now();
    let last = began;
    let isAsleep = false;
    while (!isAsleep && last - began < milliseconds) {
      await new Promise((resolve) => setTimeout(resolve));
      const now = performance.now();
      isAsleep = now - last > ASLEEP_MILLISECONDS;
      last = now;
    }
    if (!isAsleep) return;
  }
}
