/**
 * What the ledger says about the messages: who sent which text, how it may have been edited since, and whether it may be
 * removed. compare-queue.ts holds a queue against it.
 */
import type { Ledger, Note } from "./ledger.ts";

/** A message that the case has sent, once or, with the same Idempotency-Key, several times. */
export interface SentMessage {
  fromId: number;
  toHandle: string;
  text: string;
  begin: number;
  end: number;
  /** The body of the first reply with status 200. */
  answer: Note["answer"];
  /** The bodies of all replies with status 200. */
  answers: NonNullable<Note["answer"]>[];
}

/** A text that a message may have now. `editedAt` is unknown if the edit got no reply. */
export interface PossibleText {
  text: string;
  isEdit: boolean;
  editedAt?: unknown;
}

/** @returns the messages in the order in which they were sent first. */
export function sentMessages(ledger: Ledger): SentMessage[] {
  const byKey = new Map<string, SentMessage>();
  const messages: SentMessage[] = [];
  for (const note of ledger.notes("post")) {
    const { myId, userHandle, message } = note.inputs;
    const earlier = note.key === undefined ? undefined : byKey.get(`${myId} ${note.key}`);
    if (earlier !== undefined && !isGoneBefore(note, earlier, ledger)) {
      if (note.answer === undefined) continue;
      earlier.answers.push(note.answer);
      if (earlier.answer === undefined) Object.assign(earlier, { answer: note.answer, end: note.end });
      continue;
    }
    const { begin, end, answer } = note;
    const answers = answer === undefined ? [] : [answer];
    const sent = {
      fromId: Number(myId),
      toHandle: String(userHandle),
      text: String(message),
      begin,
      end,
      answer,
      answers,
    };
    messages.push(sent);
    if (note.key !== undefined) byKey.set(`${myId} ${note.key}`, sent);
  }
  return messages;
}

/** When a message is removed, its key can be used again. */
function isGoneBefore({ begin }: Note, { answer }: SentMessage, ledger: Ledger): boolean {
  return ledger.notes("remove").some(({ inputs, end }) => inputs.messageId === answer?.messageId && end < begin);
}

/**
 * An edit with a 200 replaces everything that had ended before it was sent. Of edits at the same time, any may be the
 * last one.
 * @returns all texts that the message may have now.
 */
export function possibleTexts(sent: SentMessage, ledger: Ledger): PossibleText[] {
  const edits = ledger.notes("edit").filter(({ inputs }) => inputs.messageId === sent.answer?.messageId);
  const replacedBefore = Math.max(0, ...edits.filter(({ answer }) => answer !== undefined).map(({ begin }) => begin));
  const possible: PossibleText[] = edits
    .filter(({ end }) => end > replacedBefore)
    .map(({ inputs, answer }) => ({ text: String(inputs.message), isEdit: true, editedAt: answer?.editedAt }));
  if (replacedBefore === 0) possible.push({ text: sent.text, isEdit: false });
  return possible;
}

/** @returns whether a message is removed for certain, may be removed, or must be there. */
export function removalOf(messageId: unknown, ledger: Ledger): "removed" | "maybe" | "none" {
  const removals = ledger.notes("remove").filter(({ inputs }) => inputs.messageId === messageId);
  if (removals.length === 0) return "none";
  return removals.some(({ answer }) => answer !== undefined) ? "removed" : "maybe";
}
