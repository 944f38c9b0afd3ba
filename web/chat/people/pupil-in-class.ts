/**
 * The user as a pupil of a class: what the teacher has decided, and the hand. chat.ts passes the news of the stream on,
 * and asks where there is no stream. Outside class mode nothing of it ever changes.
 */
import type { PlainchatClient } from "../../../client/plainchat-client.ts";
import type { Phrase } from "../../words/language.ts";
import { type ClassNews, type PupilState, stateAfter, whyNoWriting } from "./pupil-state.ts";

interface PupilParts {
  client: PlainchatClient;
  background: PlainchatClient;
  isTeacher: () => boolean;
  onChange: () => void;
}

export class PupilInClass {
  state: PupilState = {};
  readonly #parts: PupilParts;

  constructor(parts: PupilParts) {
    this.#parts = parts;
  }

  get isTeacher(): boolean {
    return this.#parts.isTeacher();
  }

  /** Why the server would refuse a message now. */
  get whyNoWriting(): Phrase | undefined {
    return whyNoWriting(this.state, this.isTeacher);
  }

  /** @throws {ChatError} when the server refuses. */
  async raiseHand(isUp: boolean): Promise<void> {
    await this.#parts.client.raiseHand({ isUp });
    this.#become({ ...this.state, isHandUp: isUp });
  }

  hear(news: ClassNews): void {
    this.#become(stateAfter(this.state, news));
  }

  /**
   * Without a stream, the page has to ask what holds for the class. Only a stream says who is muted.
   * @throws {ChatError} when the server refuses or does not answer.
   */
  async ask(): Promise<void> {
    const { isPaused = false, showsTexts = false } = await this.#parts.background.readClass();
    this.#become({ ...this.state, isPaused, showsTexts });
  }

  #become(state: PupilState): void {
    this.state = state;
    this.#parts.onChange();
  }
}
