/**
 * Text that was written but not sent, for each conversation. It is still there when the page is loaded again, and when
 * the user comes back to it from another page.
 */
import { forThisTab } from "../browser/browser-storage.ts";

export class Unsent {
  readonly #name: string;
  readonly #texts: Map<number, string>;

  /** @param scope of the user. */
  constructor(scope: string) {
    this.#name = `unsent.${scope}`;
    this.#texts = new Map(forThisTab.read<[number, string][]>(this.#name) ?? []);
  }

  /** @param userId the recipient. */
  textTo(userId: number): string {
    return this.#texts.get(userId) ?? "";
  }

  write(userId: number, text: string): void {
    if (text === "") this.#texts.delete(userId);
    else this.#texts.set(userId, text);
    forThisTab.write(this.#name, [...this.#texts]);
  }

  /** For when the user logs out. */
  forget(): void {
    this.#texts.clear();
    forThisTab.remove(this.#name);
  }
}
