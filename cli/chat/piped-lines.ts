/**
 * The lines of a chat from a pipe. They are read when the chat asks for them, so that none is lost, even if the pipe
 * delivers everything and ends before the server's first answer.
 */
import { textOf, withUnixLineBreaks } from "../message-text.ts";
import { say } from "../output.ts";
import type { Printable } from "../styled.ts";
import type { Prompt } from "./prompt.ts";

const LINE_FEED = 10;

export class PipedLines implements Prompt {
  label = "";
  #isClosed = false;

  /** @throws {CliError} at a line that is not UTF-8. */
  async *lines(): AsyncGenerator<string, void, void> {
    let [rest, place] = [Buffer.alloc(0), 0];
    try {
      for await (const chunk of process.stdin) {
        rest = Buffer.concat([rest, chunk]);
        for (let end = rest.indexOf(LINE_FEED); end !== -1; end = rest.indexOf(LINE_FEED)) {
          yield lineIn(rest.subarray(0, end), place);
          place += end + 1;
          rest = rest.subarray(end + 1);
        }
      }
      if (rest.length > 0) yield lineIn(rest, place);
    } catch (error) {
      if (!this.#isClosed) throw error;
    }
  }

  print(text: Printable): void {
    say(text);
  }

  /** Nobody can correct a line that came from a pipe. */
  fill(): void {}

  close(): void {
    this.#isClosed = true;
    process.stdin.destroy();
  }
}

function lineIn(bytes: Buffer, place: number): string {
  return withUnixLineBreaks(textOf(bytes, "Standard input", place)).replace(/\n$/, "");
}
