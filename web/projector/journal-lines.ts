/**
 * The last lines of the journal, as the wall shows them, or the last rows of the table `events`, which is the journal of a
 * database. While the wall is paused, new ones wait.
 */
import { type Gone, rowIn, type Trace } from "../../client/trace.ts";
import { isAbout, isBetween, lineWithoutText } from "../glass/without-texts.ts";

const MAX_LINES = 12;

interface JournalLine {
  key: string;
  text: string;
  traceId: string;
}

export class JournalLines {
  /** Whether new lines wait. */
  #isHeld = false;
  /** Newest last. */
  #shown: JournalLine[] = [];
  #waiting: JournalLine[] = [];
  #areRows = false;

  /** Whether they are rows of a database. */
  get areRows(): boolean {
    return this.#areRows;
  }

  get shown(): readonly JournalLine[] {
    return this.#shown;
  }

  set isHeld(isHeld: boolean) {
    this.#isHeld = isHeld;
    if (!isHeld) this.showAll();
  }

  /** Adds the lines that a request appended. */
  add(trace: Trace): void {
    this.#areRows = trace.database === true;
    this.#waiting = [...this.#waiting, ...linesIn(trace)].slice(-MAX_LINES);
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

  /** The requests that appended them. */
  get traceIds(): string[] {
    return [...this.#shown, ...this.#waiting].map(({ traceId }) => traceId);
  }

  /** Shows the lines of a request as the server shows them now. */
  replace(trace: Trace): void {
    const texts = new Map(linesIn(trace).map(({ key, text }) => [key, text]));
    this.#changeAll((text, key) => texts.get(key) ?? text);
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

  #changeAll(change: (text: string, key: string) => string | undefined): void {
    const changed = (line: JournalLine) => {
      const text = change(line.text, line.key);
      return text === undefined ? [] : [{ ...line, text }];
    };
    this.#shown = this.#shown.flatMap(changed);
    this.#waiting = this.#waiting.flatMap(changed);
  }
}

function linesIn({ id, steps }: Trace): JournalLine[] {
  return steps
    .flatMap(({ files }) => files)
    .filter(({ did, path }) => did === "appended to" || (did === "created" && rowIn(path)?.table === "events"))
    .flatMap(({ after }) => (after?.text ?? "").split("\n").filter((line) => line !== ""))
    .map((text, i) => ({ key: `${id} ${i}`, text, traceId: id }));
}
