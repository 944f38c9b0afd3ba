/**
 * What the teacher has tried: whether a call is still on its way, and why one failed. The sentence stays beside the
 * button or the field until the next try there.
 */
import { ChatError, leavesInDoubt } from "../../client/chat-error.ts";
import { say } from "../words/language.ts";
import { sentenceFor } from "../words/sentence-for.ts";

export class Attempts {
  readonly #running = new Set<string>();
  readonly #errors = new Map<string, string>();
  readonly #onChange: () => void;
  readonly #onWrongKey: () => void;

  /** @param onWrongKey the server no longer accepts the teacher's key. */
  constructor(on: { change: () => void; wrongKey: () => void }) {
    this.#onChange = on.change;
    this.#onWrongKey = on.wrongKey;
  }

  isRunning(place: string): boolean {
    return this.#running.has(place);
  }

  errorAt(place: string): string | undefined {
    return this.#errors.get(place);
  }

  forget(place: string): void {
    this.#errors.delete(place);
  }

  /**
   * @param place names the button or the field. While a call from there is on its way, another one is not sent.
   * @returns whether it worked.
   */
  async run(place: string, work: () => Promise<void>): Promise<boolean> {
    if (this.#running.has(place)) return false;
    this.#running.add(place);
    this.#errors.delete(place);
    this.#onChange();
    try {
      await work();
      return true;
    } catch (error) {
      this.#errors.set(place, sentenceForTeacher(error, place));
      if (isWrongKey(error)) this.#onWrongKey();
      return false;
    } finally {
      this.#running.delete(place);
      this.#onChange();
    }
  }
}

export function isWrongKey(error: unknown): boolean {
  return error instanceof ChatError && error.field === "teacherKey";
}

function sentenceForTeacher(error: unknown, place: string): string {
  if (!(error instanceof ChatError)) return sentenceFor(error);
  if (error.status === 404 && error.field === "userId") return say("teacher.pupilGone");
  // The sentence for pupils says to tell the teacher.
  if (error.status === 500) return say("teacher.serverFault");
  if (leavesInDoubt(error) && place === "to all") return say("teacher.toAllInDoubt");
  return sentenceFor(error);
}
