/**
 * Sends many requests at the same time. It counts the statuses of the replies and holds each reply against what its own
 * request expects. run-case.ts calls it; under-fire.ts and ledger/ use its connections.
 */
import type { AtOnce } from "../case.ts";
import { NoReply, type Reply } from "../exchange/exchange.ts";
import { expectedUnder } from "../match/expectation.ts";
import { CaseFailed } from "../report/failure.ts";
import type { Planned, Sender } from "./sender.ts";

/** A simple server's queue for new connections is short: five in Python's http.server. */
const CONNECTIONS_AT_ONCE = 5;

/** Does this for all items, a few at the same time. After the first error, nothing new begins. */
export async function aFewAtOnce<Item>(items: Iterable<Item>, each: (item: Item) => Promise<void>): Promise<void> {
  const waiting = items[Symbol.iterator]();
  let hasFailed = false;
  const next = async () => {
    for (let item = waiting.next(); item.done !== true && !hasFailed; item = waiting.next()) {
      try {
        await each(item.value);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  const all = await Promise.allSettled(Array.from({ length: CONNECTIONS_AT_ONCE }, next));
  for (const result of all) if (result.status === "rejected") throw result.reason;
}

/** @throws {CaseFailed} when the statuses are not as expected, or a reply does not fit its request. */
export async function sendAtOnce({ atOnce, times, statuses }: AtOnce, sender: Sender): Promise<void> {
  const planned = sender.planned(atOnce, times);
  const came: { planned: Planned; reply: Reply }[] = [];
  const counts: Record<string, number> = {};
  const expected = `for ${planned.length} requests at once: ${inCounts(statuses)}`;
  const received = () => [`${came.length} of ${planned.length} replies`, inCounts(counts)].filter(Boolean).join(": ");
  await aFewAtOnce(planned, async (each) => {
    const reply = await sender.attempt(each.request);
    if (reply instanceof NoReply) {
      const failure = { mistakes: [reply.message], request: each.request, expected, received: received() };
      throw new CaseFailed(failure, reply.why);
    }
    came.push({ planned: each, reply });
    counts[reply.status] = (counts[reply.status] ?? 0) + 1;
  });
  const [first] = planned;
  if (first === undefined) return;
  const names = new Set([...Object.keys(statuses), ...Object.keys(counts)]);
  const wrong = [...names].filter((status) => statuses[status] !== "some" && statuses[status] !== counts[status]);
  if (wrong.length > 0) {
    const mistakes = wrong.map((status) => {
      const are = (count: number) => (count === 1 ? "1 has" : `${count} have`);
      const wanted = statuses[status] ?? "none";
      return `${wanted} of ${planned.length} replies should have status ${status}, but ${are(counts[status] ?? 0)}`;
    });
    // A reply with a status that is never right says the most.
    const odd = came.find(({ reply }) => statuses[reply.status] === undefined);
    throw new CaseFailed({
      mistakes,
      expected,
      received: received(),
      wanted: Object.keys(statuses).map(Number),
      request: (odd?.planned ?? first).request,
      ...(odd !== undefined && { reply: odd.reply }),
    });
  }
  for (const { planned: each, reply } of came) {
    if (reply.status !== 200) continue;
    sender.hold(each.request, reply, expectedUnder(sender.profile, each.action.expect ?? {}), each.n);
    sender.keep(each.request, reply, each.action.keep, `.${each.n}`);
  }
  sender.before.push({ request: first.request, atOnce: planned.length });
}

function inCounts(counts: Record<string, number | "some">): string {
  return Object.entries(counts)
    .map(([status, count]) => `${count} with status ${status}`)
    .join(", ");
}
