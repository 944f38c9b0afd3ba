/**
 * Fetches the queues of some users, page by page, and holds them against the ledger. run-case.ts calls it when a case has
 * sent many messages.
 */
import { mistakesInQueue, type Person, type Stored } from "../ledger/compare-queue.ts";
import type { Values } from "../match/values.ts";
import { CaseFailed } from "../report/failure.ts";
import type { Sender } from "./sender.ts";

const LIMIT = 100;
const PAGE = { status: 200, body: { messages: { "<each>": { messageId: "<id>" }, "<ascending>": "messageId" } } };

/** @throws {CaseFailed} when a queue is not as it must be. */
export async function queuesMustBeRight(names: string[], sender: Sender): Promise<void> {
  const people = peopleIn(sender.values);
  for (const name of names) {
    const queue: Stored[] = [];
    for (let after = 0; ; ) {
      const request = sender.request({ send: `GET /api/v1/chat?limit=${LIMIT}&after=${after}`, basic: name });
      const reply = await sender.exchange(request, PAGE);
      sender.hold(request, reply, PAGE);
      const { messages } = JSON.parse(reply.text) as { messages: Stored[] };
      queue.push(...messages);
      after = Number(messages.at(-1)?.messageId ?? after);
      if (messages.length === LIMIT) continue;
      const owner = people[name] ?? noSuchUser(name);
      const mistakes = mistakesInQueue(queue, owner, Object.values(people), sender.ledger);
      if (mistakes.length === 0) break;
      const expected = `the messages to ${owner.userHandle} that got a 200, each once and whole`;
      throw new CaseFailed({ mistakes: mistakes.slice(0, 3), request, expected, wanted: [200], reply });
    }
  }
}

/** The users that the case registered, by name. */
function peopleIn(values: Values): Record<string, Person> {
  const people: Record<string, Person> = {};
  for (const key of Object.keys(values)) {
    const [, name] = /^(\w+)\.userHandle$/.exec(key) ?? [];
    if (name === undefined) continue;
    people[name] = { userId: Number(values[`${name}.userId`]), userHandle: String(values[key]) };
  }
  return people;
}

function noSuchUser(name: string): never {
  throw new Error(`The case has no user called ${name}`);
}
