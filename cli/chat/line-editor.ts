/**
 * The text that is being typed, and what each key does to it. Node's readline knows the keys and the history, but it
 * cannot be trusted with the screen, so it writes to nowhere here. A pasted text is put in as a whole: it is not sent
 * before Enter is pressed, however many lines it has.
 */
import { createInterface, type Interface, type Key } from "node:readline";
import { PassThrough, Writable } from "node:stream";
import { withUnixLineBreaks } from "../message-text.ts";

/** Backslash and Enter begin a new line, as in a shell. Two backslashes stand for one. */
const GOES_ON = /(?<!\\)\\$/;

const HISTORY_SIZE = 500;

/** With the fields that its types call read-only, or do not mention. */
type Editable = Interface & { line: string; cursor: number; history: string[] };

interface Handlers {
  /** Enter was pressed. */
  onText: (text: string) => void;
  onInterrupt: () => void;
  /** Ctrl-D in an empty line. */
  onEnd: () => void;
}

export class LineEditor {
  readonly #interface: Editable;
  readonly #onText: (text: string) => void;
  /** What has been pasted so far, while a paste is going on. */
  #pasted: string | undefined;
  /** Characters that readline has not got yet: one by one, thousands of them would take it seconds. */
  #burst = "";

  constructor({ onText, onInterrupt, onEnd }: Handlers) {
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    this.#interface = createInterface({
      input: Object.assign(new PassThrough(), { setRawMode: (mode: boolean) => process.stdin.setRawMode(mode) }),
      output: Object.assign(nowhere, { columns: Number.POSITIVE_INFINITY }),
      terminal: true,
      prompt: "",
      historySize: HISTORY_SIZE,
    }) as Editable;
    this.#onText = onText;
    this.#interface.on("SIGINT", onInterrupt);
    this.#interface.on("close", onEnd);
  }

  get text(): string {
    this.#endBurst();
    return this.#interface.line;
  }

  /** An index into the text. */
  get cursor(): number {
    this.#endBurst();
    return this.#interface.cursor;
  }

  press(characters: string | undefined, key: Key): void {
    if (this.#pasted === undefined && isPlain(characters, key)) {
      this.#burst += characters;
      return;
    }
    this.#endBurst();
    if (key.name === "paste-start") this.#pasted = "";
    else if (key.name === "paste-end") this.#endPaste();
    else if (this.#pasted !== undefined) this.#pasted += key.sequence ?? characters ?? "";
    else if (this.#beginsNewLine(key)) this.insert("\n");
    else if (isEnter(key)) this.#enter();
    else this.#interface.write(characters ?? "", key);
  }

  /** Puts a text in at the cursor. */
  insert(text: string): void {
    this.#endBurst();
    const { line, cursor } = this.#interface;
    this.#interface.line = line.slice(0, cursor) + text + line.slice(cursor);
    this.#interface.cursor = cursor + text.length;
  }

  close(): void {
    this.#interface.close();
  }

  #endBurst(): void {
    const burst = this.#burst;
    if (burst === "") return;
    this.#burst = "";
    // At Unicode's own line breaks, readline would take the text for entered.
    if (/[\u2028\u2029]/.test(burst)) this.insert(burst);
    else this.#interface.write(burst);
  }

  /** How many columns of the screen a text without line breaks takes. */
  widthOf(text: string): number {
    const { line, cursor } = this.#interface;
    this.#interface.line = text;
    this.#interface.cursor = text.length;
    const { cols } = this.#interface.getCursorPos();
    this.#interface.line = line;
    this.#interface.cursor = cursor;
    return cols;
  }

  /** readline would hand over a text of several lines the wrong way round, as its history keeps it. */
  #enter(): void {
    const text = this.#interface.line;
    this.#interface.line = "";
    this.#interface.cursor = 0;
    // It forgets its place in the history.
    this.#interface.write("", { name: "return" });
    const others = this.#interface.history.filter((each) => each !== text);
    if (text !== "") this.#interface.history.splice(0, HISTORY_SIZE, text, ...others.slice(0, HISTORY_SIZE - 1));
    this.#onText(text.replace(/\\\\$/, "\\"));
  }

  /** Alt and Enter, or Enter after a backslash, which it removes. */
  #beginsNewLine(key: Key): boolean {
    if (!isEnter(key)) return false;
    if (key.meta === true) return true;
    const { line, cursor } = this.#interface;
    if (cursor !== line.length || !GOES_ON.test(line)) return false;
    this.#interface.line = line.slice(0, -1);
    this.#interface.cursor = cursor - 1;
    return true;
  }

  /** The line break at the end of a paste would only be an empty line. */
  #endPaste(): void {
    const text = withUnixLineBreaks(this.#pasted ?? "").replace(/\n$/, "");
    this.#pasted = undefined;
    this.insert(text);
  }
}

/** Whether it is a character of the text, and not a key that does something. */
function isPlain(characters: string | undefined, { ctrl, meta, sequence }: Key): characters is string {
  return characters !== undefined && sequence === characters && !ctrl && !meta && !/\p{Cc}/u.test(characters);
}

function isEnter({ name }: Key): boolean {
  return name === "return" || name === "enter";
}
