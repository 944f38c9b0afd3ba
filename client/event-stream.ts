/**
 * Reads server-sent events from bytes, however the network has split them:
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 * Unlike a browser's EventSource, it also passes on frames that have only an id.
 */
export interface Frame {
  /** Undefined if the frame has none. */
  id: string | undefined;
  event: string;
  /** "" if the frame has none: then it is not an event. */
  data: string;
  /** Milliseconds to wait before reconnecting. */
  retry: number | undefined;
}

/** @param onBytes is called whenever bytes arrive, even for a comment: they show that the server is alive. */
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
      // A frame ends with an empty line. Without one, it is cut off and does not count.
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

/** Splits text that arrives in pieces into lines. A line ends in a line feed, a carriage return, or both. */
class Lines {
  #rest = "";

  add(piece: string): string[] {
    const text = this.#rest + piece;
    // A carriage return at the very end may be the first half of a line ending.
    const end = text.endsWith("\r") ? text.length - 1 : text.length;
    const lines = text.slice(0, end).split(/\r\n|\r|\n/);
    this.#rest = (lines.pop() ?? "") + text.slice(end);
    return lines;
  }
}
