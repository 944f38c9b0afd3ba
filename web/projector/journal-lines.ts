/**
 * The last lines of the journal, as the wall shows them. While the wall is paused, new ones wait.
 */
import type { Gone, Trace } from "../../client/trace.ts";
import { isAbout, isBetween, lineWithoutText } from "../glass/without-texts.ts";

const MAX_LINES = 12;

interface JournalLine {
  key: string;
  text: string;
}

export class JournalLines {
  /** Whether new lines wait. */
  #isHeld = false;
  #count = 0;
  /** Newest last. */
  #shown: JournalLine[] = [];
  #waiting: JournalLine[] = [];

  get shown(): readonly JournalLine[] {
    return this.#shown;
  }

  set isHeld(isHeld: boolean) {
    this.#isHeld = isHeld;
    if (!isHeld) this.showAll();
  }

  /** Adds the lines that a request appended. */
  add(trace: Trace): void {
    const appended = trace.steps.flatMap(({ files }) => files).filter(({ did }) => did === "appended to");
    for (const { path, after } of appended) {
      for (const text of (after?.text ?? "").split("\n").filter((line) => line !== "")) {
        this.#count++;
        this.#waiting.push({ key: `${path} ${this.#count}`, text });
      }
    }
    this.#waiting = this.#waiting.slice(-MAX_LINES);
    if (!this.#isHeld) this.showAll();
  }

  showAll(): void {
    this.#shown = [...this.#shown, ...this.#waiting].slice(-MAX_LINES);
    this.#waiting = [];
  }

  clear(): void {
    this.#shown = [];
    this.#waiting = [];
    this.#isHeld = false;
  }

  coverTexts(): void {
    this.#changeAll((text) => lineWithoutText(text));
  }

  removeGone(gone: Gone): void {
    this.#changeAll((text) => (isAbout(text, gone) ? lineWithoutText(text) : text));
  }

  /** Takes away the lines from and to some users. */
  removeBetween(users: ReadonlySet<number>): void {
    this.#changeAll((text) => (isBetween(text, users) ? undefined : text));
  }

  #changeAll(change: (text: string) => string | undefined): void {
    const changed = ({ key, text }: JournalLine) => {
      const newText = change(text);
      return newText === undefined ? [] : [{ key, text: newText }];
    };
    this.#shown = this.#shown.flatMap(changed);
    this.#waiting = this.#waiting.flatMap(changed);
  }
}
