/**
 * Fetches the queues of some users, page by page, and holds them against the ledger. run-case.ts calls it when a case has
 * sent many messages.
 */
import type { Queues } from "../case.ts";
import type { Reply, SentRequest } from "../exchange/exchange.ts";
import { mistakesInQueue, type Person, type Stored } from "../ledger/compare-queue.ts";
import type { Values } from "../match/values.ts";
import { CaseFailed } from "../report/failure.ts";
import type { Sender } from "./sender.ts";

const LIMIT = 100;
const PAGE = { status: 200, body: { messages: { "<each>": { messageId: "<id>" }, "<ascending>": "messageId" } } };

/** @throws {CaseFailed} when a queue, or what its senders see of it, is not as it must be. */
export async function queuesMustBeRight({ queues, sentBy = [] }: Queues, sender: Sender): Promise<void> {
  const people = peopleIn(sender.values);
  for (const name of queues) {
    const owner = people[name] ?? noSuchUser(name);
    const { messages, request, reply } = await allMessages(name, "received", sender);
    const mistakes = mistakesInQueue(messages, owner, Object.values(people), sender.ledger);
    const expected = `the messages to ${owner.userHandle} that got a 200, each once and whole`;
    mustBeNone(mistakes, { request, reply, expected });
    for (const from of sentBy) {
      const { userId, userHandle } = people[from] ?? noSuchUser(from);
      const received = messages.filter(({ fromId }) => fromId === userId);
      const box = await allMessages(from, "sent", sender);
      const sent = box.messages.filter(({ toId }) => toId === owner.userId);
      const what = `what ${userHandle} sent to ${owner.userHandle}, as it is in the recipient's queue`;
      mustBeNone(differences(received, sent), { request: box.request, reply: box.reply, expected: what });
    }
  }
}

interface Box {
  messages: Stored[];
  /** The last page. */
  request: SentRequest;
  reply: Reply;
}

/** Fetches all messages in a user's box. */
async function allMessages(name: string, box: "received" | "sent", sender: Sender): Promise<Box> {
  const all: Stored[] = [];
  for (let after = 0; ; ) {
    const path = `/api/v1/chat?${box === "sent" ? "box=sent&" : ""}limit=${LIMIT}&after=${after}`;
    const request = sender.request({ send: `GET ${path}`, basic: name });
    const reply = await sender.exchange(request, PAGE);
    sender.hold(request, reply, PAGE);
    const { messages } = JSON.parse(reply.text) as { messages: Stored[] };
    all.push(...messages);
    after = Number(messages.at(-1)?.messageId ?? after);
    if (messages.length < LIMIT) return { messages: all, request, reply };
  }
}

function differences(received: Stored[], sent: Stored[]): string[] {
  const textOf = new Map(sent.map(({ messageId, message }) => [messageId, message]));
  const ids = new Set(received.map(({ messageId }) => messageId));
  return [
    ...received.flatMap(({ messageId, message }) => {
      if (!textOf.has(messageId))
        return [`message ${messageId} is in the recipient's queue, but not in the box \`sent\``];
      return textOf.get(messageId) === message ? [] : [`message ${messageId} has another text in the box \`sent\``];
    }),
    ...sent
      .filter(({ messageId }) => !ids.has(messageId))
      .map(({ messageId }) => `message ${messageId} is in the box \`sent\`, but not in the recipient's queue`),
  ];
}

function mustBeNone(mistakes: string[], found: { request: SentRequest; reply: Reply; expected: string }): void {
  if (mistakes.length > 0) throw new CaseFailed({ mistakes: mistakes.slice(0, 3), wanted: [200], ...found });
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
