/**
 * Sends requests over one connection and opens a new one whenever it ends. It sends some requests at once, then reads
 * their replies in order. Now and then it sends something that ends the connection.
 */
import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { checkReply } from "./reply-checks.ts";
import { type RawReply, ReplyReader } from "./reply-reader.ts";
import type { HostileRequest } from "./requests/hostile-request.ts";
import type { Breaker } from "./requests/smuggling.ts";

const PATIENCE_MILLISECONDS = 20_000;
/** How long to read a reply that may never end. */
const GLANCE_MILLISECONDS = 80;

interface Exchange {
  requests: HostileRequest[];
  /** The replies that came, in order. There are fewer than requests if the connection ended early. */
  replies: RawReply[];
}

export class Lane {
  readonly #port: number;
  readonly #hidden: string;
  readonly #localAddress: string | undefined;
  #socket: Socket | undefined;

  constructor(port: number, { hidden, localAddress }: { hidden: string; localAddress: string | undefined }) {
    this.#port = port;
    this.#hidden = hidden;
    this.#localAddress = localAddress;
  }

  /** Sends requests and reads their replies. The last request may be one whose reply does not end. */
  async exchange(requests: HostileRequest[]): Promise<Exchange> {
    const reader = new ReplyReader();
    const replies: RawReply[] = [];
    const bytes = Buffer.concat(requests.map((request) => request.bytes));
    const lasts = requests.at(-1)?.mayLast === true;
    const take = () => {
      for (let request = requests[replies.length]; request !== undefined; request = requests[replies.length]) {
        const reply = reader.next(request.method);
        if (reply === undefined) return false;
        checkReply(reply, { method: request.method, hidden: this.#hidden });
        replies.push(reply);
      }
      assert.ok(reader.isEmpty, "there were more replies than requests");
      return true;
    };
    const patience = () =>
      lasts && replies.length >= requests.length - 1 ? GLANCE_MILLISECONDS : PATIENCE_MILLISECONDS;
    const outcome = await this.#talk(bytes, reader, take, patience);
    if (outcome === "late") {
      this.close();
      assert.ok(lasts && replies.length >= requests.length - 1, "no reply came, and the connection stayed open");
    }
    return { requests, replies };
  }

  /** Sends something that is not a whole request, or that some readers take for two, and checks whatever comes back. */
  async break({ bytes }: Breaker): Promise<void> {
    const reader = new ReplyReader();
    const take = () => {
      for (let reply = reader.next("GET"); reply !== undefined; reply = reader.next("GET")) {
        checkReply(reply, { method: "HEAD", hidden: this.#hidden });
      }
      return false;
    };
    await this.#talk(bytes, reader, take, () => GLANCE_MILLISECONDS);
    this.close();
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  /** Writes, and calls `take` for everything that comes until it returns true. */
  #talk(
    bytes: Buffer,
    reader: ReplyReader,
    take: () => boolean,
    patience: () => number,
  ): Promise<"done" | "closed" | "late"> {
    const socket = this.#open();
    return new Promise((resolve, reject) => {
      const finish = (outcome: "done" | "closed" | "late") => {
        clearTimeout(timer);
        socket.off("data", read).off("close", closed);
        resolve(outcome);
      };
      const read = (piece: Buffer) => {
        reader.add(piece);
        try {
          if (take()) finish("done");
          else {
            clearTimeout(timer);
            timer = setTimeout(() => finish("late"), patience());
          }
        } catch (error) {
          clearTimeout(timer);
          this.close();
          reject(error);
        }
      };
      const closed = () => {
        this.#socket = undefined;
        finish("closed");
      };
      let timer = setTimeout(() => finish("late"), patience());
      socket.on("data", read).on("close", closed);
      socket.write(bytes);
    });
  }

  #open(): Socket {
    if (this.#socket !== undefined) return this.#socket;
    const from = this.#localAddress === undefined ? {} : { localAddress: this.#localAddress };
    const socket = connect({ port: this.#port, host: "127.0.0.1", noDelay: true, ...from });
    // A server that refuses a request may close the connection before it has read all of it.
    socket.on("error", () => {});
    this.#socket = socket;
    return socket;
  }
}
