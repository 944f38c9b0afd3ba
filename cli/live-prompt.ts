/**
 * A line to type into while other lines appear above it. The typed text stays, however long it is. Without a terminal
 * it just reads and writes lines. It must not lose a line, even before anybody reads lines(): a pipe may deliver
 * everything and end before the server's first answer.
 */
import { createInterface, type Interface } from "node:readline";

export class LivePrompt {
  readonly #interface: Interface;
  readonly #lines: AsyncIterable<string>;
  readonly #isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  #prompt = "";
  #isClosed = false;

  /** @param onInterrupt called on Ctrl-C, which also ends the lines. The end of the input does not call it. */
  constructor(onInterrupt: () => void) {
    this.#interface = createInterface({
      input: process.stdin,
      output: process.stdout,
      terminal: this.#isTerminal,
      prompt: "",
      historySize: 500,
      removeHistoryDuplicates: true,
    });
    // It collects lines from now on. An iterator made later would miss earlier lines, and the end of the input too.
    this.#lines = this.#interface[Symbol.asyncIterator]();
    this.#interface.on("line", (line) => this.#eraseTyped(line));
    this.#interface.once("close", () => {
      this.#isClosed = true;
    });
    this.#interface.on("SIGINT", () => {
      onInterrupt();
      this.close();
    });
  }

  /** All typed lines, from the first one until Ctrl-C, Ctrl-D or the end of the input. Call it only once. */
  lines(): AsyncIterable<string> {
    return this.#lines;
  }

  /** The text in front of the line. */
  set prompt(text: string) {
    this.#prompt = text;
    this.show();
  }

  show(): void {
    if (!this.#isTerminal || this.#isClosed) return;
    this.#interface.setPrompt(this.#prompt);
    this.#interface.prompt(true);
  }

  /** Prints a line above the one being typed. */
  print(line: string): void {
    if (!this.#isTerminal || this.#isClosed) {
      process.stdout.write(`${line}\n`);
      return;
    }
    this.#setAside(() => process.stdout.write(`${line}\n`));
  }

  /** Puts a text into the line, as if it had been typed. */
  fill(text: string): void {
    if (this.#isTerminal && !this.#isClosed) this.#interface.write(text);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#interface.close();
    if (this.#isTerminal) process.stdout.write("\r\x1b[J");
  }

  /** The parts of readline that its types call read-only, or do not mention. */
  get #line(): { line: string; cursor: number; prevRows: number } {
    return this.#interface as Interface & { line: string; cursor: number; prevRows: number };
  }

  /**
   * Removes the line that was just typed from the screen, because the message appears there when it has arrived. This
   * must happen right after Enter: the next thing that is printed moves the line.
   */
  #eraseTyped(typed: string): void {
    if (!this.#isTerminal || this.#isClosed) return;
    const line = this.#line;
    line.line = typed;
    line.cursor = typed.length;
    const { rows } = this.#interface.getCursorPos();
    line.line = "";
    line.cursor = 0;
    line.prevRows = 0;
    // Enter moved the cursor to the row below.
    process.stdout.write(`\x1b[${rows + 1}A\r\x1b[J`);
  }

  /** Removes the prompt and the typed text from the screen while `work` runs, however many rows they fill. */
  #setAside(work: () => void): void {
    const line = this.#line;
    const { line: typed, cursor } = line;
    // readline has not counted the rows of pasted text.
    line.prevRows = this.#interface.getCursorPos().rows;
    line.line = "";
    line.cursor = 0;
    this.#interface.setPrompt("");
    this.#interface.prompt(true);
    work();
    line.line = typed;
    line.cursor = cursor;
    this.show();
  }
}
