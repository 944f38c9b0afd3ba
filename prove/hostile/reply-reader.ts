/**
 * Cuts what comes from a connection into replies. It believes nothing: what is no HTTP reply is an error, not a guess.
 */
export interface RawReply {
  status: number;
  head: string;
  body: Buffer;
}

const END_OF_HEAD = Buffer.from("\r\n\r\n");
/** With these there is no body, whatever the headers say. */
const BODILESS = new Set([204, 304]);

export class ReplyReader {
  #rest: Buffer = Buffer.alloc(0);

  add(piece: Buffer): void {
    this.#rest = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
  }

  /** The head of a reply whose body has not come yet, or comes without end. */
  get headOfRest(): string {
    const end = this.#rest.indexOf(END_OF_HEAD);
    return end === -1 ? "" : this.#rest.toString("latin1", 0, end);
  }

  get isEmpty(): boolean {
    return this.#rest.length === 0;
  }

  /** The next reply, or undefined while not all of it is there. @param method of the request that it answers. */
  next(method: string): RawReply | undefined {
    const end = this.#rest.indexOf(END_OF_HEAD);
    if (end === -1) return undefined;
    const head = this.#rest.toString("latin1", 0, end);
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]);
    if (Number.isNaN(status)) throw new Error(`This is no reply: ${JSON.stringify(head.slice(0, 300))}`);
    const start = end + END_OF_HEAD.length;
    if (status < 200) {
      this.#rest = this.#rest.subarray(start);
      return this.next(method);
    }
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    // What could not be read as a request has no method for the server: it gets a body, and the connection ends.
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
