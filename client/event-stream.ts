/**
 * Reads server-sent events out of bytes, however the network has cut them:
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 * Other than a browser's EventSource it also hands on the frames that have an id and nothing else.
 */
export interface Frame {
  /** Undefined where the frame has none. */
  id: string | undefined;
  event: string;
  /** "" where the frame has none: then it is no event. */
  data: string;
  /** Milliseconds to wait before coming back. */
  retry: number | undefined;
}

/** @param onBytes is called whenever something came, a comment too: the other side is alive. */
export async function* readFrames(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  onBytes: () => void = () => {},
): AsyncGenerator<Frame, void, void> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  const lines = new Lines();
  let fields: [name: string, value: string][] = [];
  try {
    for (;;) {
      const { value, done } = await reader.read();
      // What is not ended by an empty line is cut short, and does not count.
      if (done) return;
      onBytes();
      for (const line of lines.add(value)) {
        if (line !== "") {
          fields.push(fieldIn(line));
        } else if (fields.length > 0) {
          yield frameOf(fields);
          fields = [];
        }
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function fieldIn(line: string): [name: string, value: string] {
  const colon = line.indexOf(":");
  if (colon === -1) return [line, ""];
  const value = line.slice(colon + 1);
  return [line.slice(0, colon), value.startsWith(" ") ? value.slice(1) : value];
}

function frameOf(fields: [name: string, value: string][]): Frame {
  const values = (name: string) => fields.filter((field) => field[0] === name).map((field) => field[1]);
  const retry = values("retry").findLast((value) => /^\d+$/.test(value));
  return {
    id: values("id").findLast((value) => !value.includes("\0")),
    event: values("event").at(-1) || "message",
    data: values("data").join("\n"),
    retry: retry === undefined ? undefined : Number(retry),
  };
}

/** Cuts a text that comes in pieces into lines, which may end in a line feed, a carriage return, or both. */
class Lines {
  #rest = "";

  add(piece: string): string[] {
    const text = this.#rest + piece;
    // A carriage return at the very end may be the first half of a line's end.
    const end = text.endsWith("\r") ? text.length - 1 : text.length;
    const lines = text.slice(0, end).split(/\r\n|\r|\n/);
    this.#rest = (lines.pop() ?? "") + text.slice(end);
    return lines;
  }
}
