/**
 * A line that one types into while other lines come in above it: what was typed so far stays, however long it is.
 * Without a terminal it is just lines in and lines out. From its first moment on no line may be lost, even when nobody
 * asks for lines yet: a pipe has handed over everything, and has ended, before the server has answered once.
 */
import { createInterface, type Interface } from "node:readline";

export class LivePrompt {
  readonly #interface: Interface;
  readonly #lines: AsyncIterable<string>;
  readonly #isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  #prompt = "";
  #isClosed = false;

  /** @param onInterrupt what Ctrl-C does besides ending the lines. The end of the input alone breaks nothing off. */
  constructor(onInterrupt: () => void) {
    this.#interface = createInterface({
      input: process.stdin,
      output: process.stdout,
      terminal: this.#isTerminal,
      prompt: "",
      historySize: 500,
      removeHistoryDuplicates: true,
    });
    // It collects from here on. Asked for later, it would know nothing of the lines before, nor that they have ended.
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

  /** The lines that were and are typed, until Ctrl-C, Ctrl-D, or the end of the input. To be asked for once. */
  lines(): AsyncIterable<string> {
    return this.#lines;
  }

  /** What stands in front of the line. */
  set prompt(text: string) {
    this.#prompt = text;
    this.show();
  }

  show(): void {
    if (!this.#isTerminal || this.#isClosed) return;
    this.#interface.setPrompt(this.#prompt);
    this.#interface.prompt(true);
  }

  /** Prints a line above the one that is being typed. */
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

  /** What readline lets others see of the line, but not change, in its types. */
  get #line(): { line: string; cursor: number; prevRows: number } {
    return this.#interface as Interface & { line: string; cursor: number; prevRows: number };
  }

  /**
   * Takes the line that was just typed off the screen again: what was sent appears when it has arrived. Done the moment
   * that Enter is hit, for the next thing to be printed moves the line away from here.
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
    // Enter has moved on to the row below.
    process.stdout.write(`\x1b[${rows + 1}A\r\x1b[J`);
  }

  /** Takes prompt and typed text off the screen, however many rows they have, and puts them back afterwards. */
  #setAside(work: () => void): void {
    const line = this.#line;
    const { line: typed, cursor } = line;
    // What was pasted, readline has not counted.
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
