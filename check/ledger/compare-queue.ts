/**
 * Compares a user's queue with the ledger, message by message: everything that got a 200 is there, once, whole and at its
 * place. What got no reply is there once or not at all. Nothing else is there. queues.ts calls it.
 */
import { type Ledger, mistakesInIds } from "./ledger.ts";
import { type PossibleText, possibleTexts, removalOf, type SentMessage, sentMessages } from "./messages.ts";

/** A message as `GET /api/v1/chat` returns it. */
export type Stored = Record<string, unknown>;

export interface Person {
  userId: number;
  userHandle: string;
}

const MAX_SHOWN_CHARACTERS = 40;

/** @returns a few sentences, the worst mistake first. Empty when everything is as it must be. */
export function mistakesInQueue(queue: Stored[], owner: Person, people: Person[], ledger: Ledger): string[] {
  const all = sentMessages(ledger);
  const sent = all.filter(({ toHandle }) => toHandle === owner.userHandle);
  const found = new Map<SentMessage, Stored>();
  const wrong: string[] = [];
  for (const stored of queue) {
    const message = matching(stored, sent, found);
    if (typeof message === "string") wrong.push(message);
    else {
      found.set(message, stored);
      wrong.push(...mistakesIn(stored, message, owner, people, ledger));
    }
  }
  const ids = all.flatMap((message) => {
    const id = message.answer?.messageId ?? found.get(message)?.messageId;
    return typeof id === "number" ? [{ id, begin: message.begin, end: message.end }] : [];
  });
  return [
    ...sent.flatMap((each) => retryMistakes(each, queue)).slice(0, 1),
    ...missing(sent, found, queue, ledger),
    ...wrong.slice(0, 2),
    ...mistakesInIds(ids, "message"),
    ...orderMistakes(queue),
  ];
}

/** @returns the sent message that this is, or a sentence if it is none. */
function matching(stored: Stored, sent: SentMessage[], found: Map<SentMessage, Stored>): SentMessage | string {
  const { messageId, fromId, message: text } = stored;
  const byId = sent.find(({ answer }) => answer !== undefined && answer.messageId === messageId);
  if (byId !== undefined) return found.has(byId) ? `the queue has the message ${messageId} twice` : byId;
  const same = sent.filter((each) => each.text === text && each.fromId === fromId);
  const free = same.find((each) => each.answer === undefined && !found.has(each));
  if (free !== undefined) return free;
  const [first] = same;
  if (first?.answer !== undefined) {
    return `${shown(text)} is there with the id ${messageId}, but the reply to its sender said ${first.answer.messageId}`;
  }
  if (first !== undefined) return `${shown(text)} was sent once, but it is there twice`;
  const whole = sent.find((each) => typeof text === "string" && each.text.startsWith(text));
  if (whole !== undefined) {
    return `message ${messageId} is not whole: ${String(text).length} of its ${whole.text.length} characters are there`;
  }
  const other = sent.find((each) => each.text === text);
  if (other !== undefined) return `${shown(text)} has \`fromId\` ${fromId}, but ${other.fromId} sent it`;
  return `message ${messageId} is ${shown(text)}, but nobody sent that to this user`;
}

function mistakesIn(stored: Stored, sent: SentMessage, owner: Person, people: Person[], ledger: Ledger): string[] {
  const { messageId, message: text } = stored;
  const mistakes: string[] = [];
  if (removalOf(messageId, ledger) === "removed") {
    return [`message ${messageId} was removed, and the reply was a 200, but it is still there`];
  }
  const possible = possibleTexts(sent, ledger);
  const now = possible.filter((each) => each.text === text);
  if (now.length === 0) mistakes.push(wrongText(messageId, text, possible));
  else if (!now.some((each) => fitsEditedAt(each, stored.editedAt))) {
    const isEdited = now.some(({ isEdit }) => isEdit);
    mistakes.push(
      `\`editedAt\` of message ${messageId} should be ${isEdited ? "as in the reply to the edit" : "absent"}`,
    );
  }
  const expected: Stored = {
    fromId: sent.fromId,
    fromHandle: people.find(({ userId }) => userId === sent.fromId)?.userHandle,
    toId: owner.userId,
    toHandle: owner.userHandle,
  };
  for (const [name, value] of Object.entries(expected)) {
    if (value !== undefined && stored[name] !== value) {
      mistakes.push(`\`${name}\` of message ${messageId} should be ${value}, but it is ${stored[name]}`);
    }
  }
  const { sentAt } = sent.answer ?? stored;
  if (!isSameTime(sentAt, stored.sentAt)) {
    mistakes.push(`\`sentAt\` of message ${messageId} should be ${sentAt} as in the reply, but it is ${stored.sentAt}`);
  }
  return mistakes;
}

function wrongText(messageId: unknown, text: unknown, possible: PossibleText[]): string {
  const [first] = possible;
  const part = possible.find((each) => typeof text === "string" && each.text.startsWith(text));
  if (part !== undefined) {
    return `message ${messageId} is not whole: ${String(text).length} of its ${part.text.length} characters are there`;
  }
  return `the text of message ${messageId} should be ${shown(first?.text)}, but it is ${shown(text)}`;
}

function fitsEditedAt({ isEdit, editedAt }: PossibleText, stored: unknown): boolean {
  if (!isEdit) return stored === undefined;
  return editedAt === undefined ? stored !== undefined : isSameTime(editedAt, stored);
}

/** The same moment may be written in two ways. */
function isSameTime(a: unknown, b: unknown): boolean {
  return Date.parse(String(a)) === Date.parse(String(b));
}

/** A message that is there with another id is not missing: `matching` says what is wrong with it. */
function missing(sent: SentMessage[], found: Map<SentMessage, Stored>, queue: Stored[], ledger: Ledger): string[] {
  const answered = sent.filter(
    (each) => each.answer !== undefined && removalOf(each.answer.messageId, ledger) === "none",
  );
  const texts = new Set(queue.map(({ message }) => message));
  const lost = answered.filter((each) => !found.has(each) && !texts.has(each.text));
  const [first] = lost;
  if (first === undefined) return [];
  const which = `message ${first.answer?.messageId}, ${shown(first.text)}`;
  if (answered.length === 1) return [`${which} got a 200, but it is missing`];
  const isOrAre = lost.length === 1 ? "is" : "are";
  return [`${lost.length} of ${answered.length} messages that got a 200 ${isOrAre} missing, for example ${which}`];
}

/** A retry that got a new id: either there are two messages now, or the first one is lost. */
function retryMistakes({ answers, text }: SentMessage, queue: Stored[]): string[] {
  const [first, second] = [...new Set(answers.map(({ messageId }) => messageId))];
  if (second === undefined) return [];
  const isThere = queue.some(({ messageId }) => messageId === first);
  if (!isThere)
    return [`message ${first}, ${shown(text)}, got a 200, but its retry with the same key became message ${second}`];
  return [`${shown(text)} was sent again with its Idempotency-Key and got the id ${second}, but first it was ${first}`];
}

function orderMistakes(queue: Stored[]): string[] {
  const at = queue.findIndex(({ messageId }, i) => i > 0 && Number(messageId) <= Number(queue[i - 1]?.messageId));
  if (at < 1) return [];
  return [`the queue has message ${queue[at]?.messageId} after message ${queue[at - 1]?.messageId}`];
}

function shown(text: unknown): string {
  const whole = JSON.stringify(text) ?? "nothing";
  return whole.length > MAX_SHOWN_CHARACTERS ? `${whole.slice(0, MAX_SHOWN_CHARACTERS)}…"` : whole;
}
