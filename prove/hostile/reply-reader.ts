/**
 * Splits the bytes from a connection into replies. It never guesses: anything that is not an HTTP reply is an error.
 */
export interface RawReply {
  status: number;
  head: string;
  body: Buffer;
}

const END_OF_HEAD = Buffer.from("\r\n\r\n");
/** Replies with these have no body, whatever the headers say. */
const BODILESS = new Set([204, 304]);

export class ReplyReader {
  #rest: Buffer = Buffer.alloc(0);

  add(piece: Buffer): void {
    this.#rest = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
  }

  /** The headers of a reply whose body has not come yet, or does not end. */
  get headOfRest(): string {
    const end = this.#rest.indexOf(END_OF_HEAD);
    return end === -1 ? "" : this.#rest.toString("latin1", 0, end);
  }

  get isEmpty(): boolean {
    return this.#rest.length === 0;
  }

  /** @param method of the request that it answers. @returns the next reply, or undefined until all of it is there. */
  next(method: string): RawReply | undefined {
    const end = this.#rest.indexOf(END_OF_HEAD);
    if (end === -1) return undefined;
    const head = this.#rest.toString("latin1", 0, end);
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]);
    if (Number.isNaN(status)) throw new Error(`This is not a reply: ${JSON.stringify(head.slice(0, 300))}`);
    const start = end + END_OF_HEAD.length;
    if (status < 200) {
      this.#rest = this.#rest.subarray(start);
      return this.next(method);
    }
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    // If the server could not read the request, it knows no method. It sends a body and ends the connection.
    const isUnread = /\r\nconnection: close/i.test(head) && !/\r\nrequest-id:/i.test(head);
    if ((method === "HEAD" && !isUnread) || BODILESS.has(status)) return this.#take(status, head, start, start);
    if (/\r\ntransfer-encoding: chunked/i.test(head)) {
      const last = this.#rest.indexOf("0\r\n\r\n", start);
      return last === -1 ? undefined : this.#take(status, head, start, last + 5);
    }
    return this.#rest.length < start + length ? undefined : this.#take(status, head, start, start + length);
  }

  #take(status: number, head: string, start: number, end: number): RawReply {
    const body = this.#rest.subarray(start, end);
    this.#rest = this.#rest.subarray(end);
    return { status, head, body };
  }
}
