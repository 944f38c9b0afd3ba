/**
 * A line at the bottom of the screen that says which keys there are, and the keys that somebody presses. Each key acts at
 * once, without Enter. What is pasted is no key. Everything else is printed while the line is hidden. Keys wait in a queue
 * together with what the program itself posts, such as a saved file; only those that leave act at once.
 */
import { emitKeypressEvents, type Key } from "node:readline";
import { write } from "../output.ts";
import { type Printable, shown } from "../styled.ts";

/** Some terminals do not say how wide they are. */
const DEFAULT_COLUMNS = 80;
const CLEAR = "\r\x1b[J";
const PASTE_MARKS_ON = "\x1b[?2004h";
const PASTE_MARKS_OFF = "\x1b[?2004l";

/** @returns a text that fits into one row of the screen. */
export type Label = (columns: number) => Printable;

export class KeyPrompt {
  readonly #onLeave: (how: "q" | "ctrl-c") => void;
  /** Keys, and what was posted. */
  #queue: string[] = [];
  #wake: () => void = () => {};
  #label: Label | undefined;
  #isPasting = false;
  #isClosed = false;
  #columns = this.columns;

  /** @param onLeave called at once for q, Ctrl-D and Ctrl-C, whatever the program does. */
  constructor(onLeave: (how: "q" | "ctrl-c") => void) {
    this.#onLeave = onLeave;
    emitKeypressEvents(process.stdin);
    process.stdin.setRawMode(true);
    process.stdin.on("keypress", this.#press);
    process.stdin.once("end", this.#end);
    // The terminal has been closed.
    process.stdin.once("error", this.#end);
    process.stdin.resume();
    process.stdout.on("resize", this.#resize);
    process.on("SIGCONT", this.#comeBack);
    write(PASTE_MARKS_ON);
  }

  get columns(): number {
    return process.stdout.columns || DEFAULT_COLUMNS;
  }

  /** The next key: a letter, a digit, "?" or "enter". Or what was posted. */
  async next(): Promise<string> {
    for (;;) {
      const next = this.#queue.shift();
      if (next !== undefined) return next;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Shows a question, and waits for one of these keys. What is posted waits. */
  async ask(label: Label, keys: readonly string[]): Promise<string> {
    const posted: string[] = [];
    this.show(label);
    for (;;) {
      const next = await this.next();
      if (keys.includes(next)) {
        this.hide();
        this.#queue.unshift(...posted);
        return next;
      }
      if (next.length > 1 && next !== "enter") posted.push(next);
    }
  }

  /** Puts a word into the queue, unless it is there already. */
  post(what: string): void {
    if (!this.#queue.includes(what)) this.#add(what);
  }

  /** Takes a word out of the queue. */
  withdraw(what: string): void {
    this.#queue = this.#queue.filter((each) => each !== what);
  }

  #add(what: string): void {
    this.#queue.push(what);
    this.#wake();
  }

  show(label: Label): void {
    this.#label = label;
    if (!this.#isClosed) write(CLEAR + shown(label(this.columns)));
  }

  hide(): void {
    if (this.#label === undefined) return;
    this.#label = undefined;
    if (!this.#isClosed) write(CLEAR);
  }

  close(): void {
    if (this.#isClosed) return;
    this.hide();
    this.#isClosed = true;
    write(PASTE_MARKS_OFF);
    process.stdin.off("keypress", this.#press);
    process.stdin.off("end", this.#end);
    try {
      process.stdin.setRawMode(false);
    } catch {
      // There is no terminal any more.
    }
    process.stdin.pause();
    process.stdout.off("resize", this.#resize);
    process.off("SIGCONT", this.#comeBack);
  }

  readonly #press = (characters: string | undefined, { name, ctrl, meta }: Key) => {
    if (name === "paste-start") this.#isPasting = true;
    else if (name === "paste-end") this.#isPasting = false;
    else if (ctrl && name === "c") this.#onLeave("ctrl-c");
    else if (this.#isPasting || meta) return;
    else if ((ctrl && name === "d") || characters === "q" || characters === "Q") this.#onLeave("q");
    else if (name === "return" || name === "enter") this.#add("enter");
    else if (!ctrl && characters !== undefined && /^[\w?]$/.test(characters)) this.#add(characters.toLowerCase());
  };

  readonly #end = () => this.#onLeave("q");

  /** In a narrower window, the terminal has broken the row or cut it off, and nobody can tell: it stays, and a new one follows. */
  readonly #resize = () => {
    const isNarrower = this.columns < this.#columns;
    this.#columns = this.columns;
    if (this.#label === undefined) return;
    if (isNarrower) write("\n");
    this.show(this.#label);
  };

  /** After Ctrl-Z and fg, the shell has changed the mode and written below the prompt. */
  readonly #comeBack = () => {
    process.stdin.setRawMode(true);
    write(PASTE_MARKS_ON);
    if (this.#label !== undefined) this.show(this.#label);
  };
}
