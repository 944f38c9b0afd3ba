/**
 * What a chat says about the class: only what has changed, and at first only what is not as usual. The server tells
 * everything each time.
 */
import type { ChatEvent } from "../../client/types.ts";

type ClassEvent = Extract<ChatEvent, { type: "class" }>;

const SENTENCES = {
  isPaused: ["The teacher has paused the class: nobody can send.", "The class goes on."],
  isMuted: ["The teacher has muted you: you cannot send.", "You are not muted any more."],
  showsTexts: [
    "The wall shows the texts of messages now: everybody in the room can read what you write.",
    "The wall covers the texts of messages again.",
  ],
  isHandUp: ["Your hand is up.", "Your hand is down."],
} as const;

export class ClassNews {
  readonly #known: Record<string, boolean | number | undefined> = {};

  in(event: ClassEvent): string[] {
    const news: string[] = [];
    for (const name of Object.keys(SENTENCES) as (keyof typeof SENTENCES)[]) {
      const is = event[name];
      if (is === undefined || is === (this.#known[name] ?? false)) continue;
      this.#known[name] = is;
      news.push(SENTENCES[name][is ? 0 : 1]);
    }
    if (event.lesson !== undefined && event.lesson !== this.#known.lesson) {
      this.#known.lesson = event.lesson;
      news.push(`The class is at lesson ${event.lesson}.`);
    }
    return news;
  }
}
