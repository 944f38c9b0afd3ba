/**
 * A line to type into while other lines appear above it. The typed text stays, however long it is. Every change clears
 * the rows of the prompt and draws them again, in one write, so that nothing else can come in between.
 */
import { emitKeypressEvents, type Key } from "node:readline";
import { stripVTControlCharacters } from "node:util";
import { REPLACEMENT } from "../message-text.ts";
import { say, write } from "../output.ts";
import { type Printable, shown, style } from "../styled.ts";
import { LineEditor } from "./line-editor.ts";
import type { Prompt } from "./prompt.ts";
import { type Row, rowsInSight, rowsOf } from "./prompt-rows.ts";

const CLEAR_BELOW = "\r\x1b[J";
const CLEAR_SCREEN = "\x1b[H\x1b[2J";
/** With it, the terminal says where a paste begins and ends. */
const PASTE_MARKS_ON = "\x1b[?2004h";
const PASTE_MARKS_OFF = "\x1b[?2004l";
/** More lines fit on no screen. */
const MAX_PRINTED = 500;

interface Size {
  columns: number;
  height: number;
}

export class LivePrompt implements Prompt {
  readonly #editor: LineEditor;
  /** Lines that nobody has asked for yet. Undefined stands for the end. */
  readonly #typed: (string | undefined)[] = [];
  #wake: () => void = () => {};
  #label = "";
  #isClosed = false;
  /** Set while a drawing is due: many keys that come at once are drawn once. */
  #isDue = false;
  /** What is on the screen of the prompt: its rows, the row of the cursor, and the size of the screen then. */
  #drawn: { rows: Row[]; row: number; size: Size } | undefined;
  /** Measuring may tell that the size has changed. */
  #isMeasuring = false;
  /** The last lines that were printed above it. */
  readonly #printed: string[] = [];

  constructor(onInterrupt: () => void) {
    this.#editor = new LineEditor({
      onText: (text) => this.#enter(text),
      onInterrupt: () => {
        onInterrupt();
        this.close();
      },
      onEnd: () => this.close(),
    });
    emitKeypressEvents(process.stdin);
    process.stdin.on("keypress", this.#onKey);
    process.stdin.once("end", this.#onEnd);
    process.stdin.resume();
    process.stdout.on("resize", this.#onResize);
    process.on("SIGCONT", this.#onReturn);
    write(PASTE_MARKS_ON);
  }

  async *lines(): AsyncGenerator<string, void, void> {
    for (;;) {
      while (this.#typed.length === 0) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      const text = this.#typed.shift();
      if (text === undefined) return;
      yield text;
    }
  }

  set label(text: string) {
    this.#label = text;
    this.#draw();
  }

  print(text: Printable): void {
    if (this.#isClosed) {
      say(text);
      return;
    }
    const line = shown(text);
    this.#draw(`${line}\n`);
    this.#printed.push(line);
    if (this.#printed.length > MAX_PRINTED) this.#printed.shift();
  }

  fill(text: string): void {
    if (this.#isClosed) return;
    this.#editor.insert(text);
    this.#draw();
  }

  close(): void {
    if (this.#isClosed) return;
    write(this.#cleared(this.#measure()) + PASTE_MARKS_OFF);
    this.#isClosed = true;
    process.stdin.off("keypress", this.#onKey);
    process.stdin.off("end", this.#onEnd);
    process.stdin.pause();
    process.stdout.off("resize", this.#onResize);
    process.off("SIGCONT", this.#onReturn);
    this.#editor.close();
    this.#deliver(undefined);
  }

  #enter(text: string): void {
    if (!text.includes(REPLACEMENT)) {
      this.#deliver(text);
      return;
    }
    this.#editor.insert(text);
    this.print(
      style(
        "dim",
        `  Not sent: a character could not be read as UTF-8, and ${REPLACEMENT} is in its place. Correct it, and set your terminal to UTF-8.`,
      ),
    );
  }

  #deliver(text: string | undefined): void {
    this.#typed.push(text);
    this.#wake();
  }

  readonly #onKey = (characters: string | undefined, key: Key) => {
    this.#editor.press(characters, key);
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.#draw();
    });
  };

  readonly #onEnd = () => this.close();

  /** After Ctrl-Z and fg, the shell has written below the prompt. */
  readonly #onReturn = () => {
    this.#drawn = undefined;
    write(PASTE_MARKS_ON);
    this.#draw();
  };

  readonly #onResize = () => {
    if (!this.#isMeasuring) this.#draw();
  };

  /** Clears the prompt and draws it again. @param above what is printed in its place, before it. */
  #draw(above = ""): void {
    if (this.#isClosed) return;
    const size = this.#measure();
    write(this.#cleared(size) + above + this.#prompt(size));
  }

  /** The size now. By itself, Node asks for it when a signal comes, and a key may be faster than that. */
  #measure(): Size {
    this.#isMeasuring = true;
    (process.stdout as typeof process.stdout & { _refreshSize: () => void })._refreshSize();
    this.#isMeasuring = false;
    const [columns, height] = process.stdout.getWindowSize();
    return { columns, height };
  }

  /**
   * Clears the prompt. If the window has become narrower than a row of it, some terminals have broken that row in two
   * and others have cut it off. Then only a clear screen is certain, with the last lines printed on it again.
   */
  #cleared({ columns, height }: Size): string {
    // The terminal has shown what was typed before this program could.
    if (this.#drawn === undefined) return CLEAR_BELOW;
    const { rows, row, size } = this.#drawn;
    if (rows.every(({ width }) => width <= columns)) return up(row) + CLEAR_BELOW;
    // As many as were on the screen, or could be now.
    const lines = this.#lastPrinted(Math.max(height, size.height), Math.max(columns, size.columns));
    return CLEAR_SCREEN + lines.map((line) => `${line}\n`).join("");
  }

  /** The prompt and what is typed. @returns the text that draws it where the cursor is. */
  #prompt(size: Size): string {
    const widthOf = (character: string) => this.#editor.widthOf(character);
    const text = this.#label + this.#editor.text;
    const all = rowsOf(text, this.#label.length + this.#editor.cursor, size.columns, widthOf);
    const { rows, cursor } = rowsInSight(all, Math.max(1, size.height - 1));
    this.#drawn = { rows, row: cursor.row, size };
    const right = cursor.column === 0 ? "" : `\x1b[${cursor.column}C`;
    return `${rows.map((row) => row.text).join("\r\n")}${up(rows.length - 1 - cursor.row)}\r${right}`;
  }

  /** The last printed lines that fill this many rows. */
  #lastPrinted(height: number, columns: number): string[] {
    let first = this.#printed.length;
    for (let filled = 0; first > 0 && filled < height; first--) {
      const text = stripVTControlCharacters(this.#printed[first - 1] ?? "");
      for (const line of text.split("\n")) filled += Math.max(1, Math.ceil(this.#editor.widthOf(line) / columns));
    }
    return this.#printed.slice(first);
  }
}

function up(rows: number): string {
  return rows === 0 ? "" : `\x1b[${rows}A`;
}
