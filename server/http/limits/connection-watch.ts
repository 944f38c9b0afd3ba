/**
 * Looks at all connections once a second. It finds the replies that nobody takes and ends their connections after 15
 * seconds, and it counts what quiet connections hold: half a head, or a request that waits long. The fast path has no
 * time to count them, and what arrives within a second is no danger.
 */
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { unfinishedResponse } from "../reply/parser-problems.ts";
import type { HeldBytes, Holder } from "../request/held-bytes.ts";
import { weightOf, weightOfHead } from "../request/request-weight.ts";
import { type Connections, letGo } from "./connections.ts";
import { readSendQueues } from "./send-queues.ts";
import { UntakenReply } from "./untaken-reply.ts";

/** How long a client may take nothing of its reply. One that takes something, however slowly, may go on. */
const UNTAKEN_MILLISECONDS = 15_000;
/** How often we look in that time: once a second. */
const LOOKS = 15;
/** What a head that is not complete takes: Node makes several objects of each line, but allows only so many lines. */
const HEAD_FACTOR = 4;
const MAX_HEAD_BYTES = 24 * 1024;
/** What usual requests hold. Only more than this counts, or a thousand streams would leave no room for the rest. */
const USUAL_BYTES = 8 * 1024;
/** How many bytes the system may hold for a client without a closer look. */
const LARGE_REPLY_BYTES = 64 * 1024;

export interface WatchOptions {
  connections: Connections;
  held: HeldBytes;
  /** The server's port. */
  port: () => number;
  untakenMilliseconds?: number | undefined;
}

export class ConnectionWatch {
  /** How many connections were ended because their clients took nothing. For /metrics. */
  letGo = 0;
  readonly #connections: Connections;
  readonly #held: HeldBytes;
  readonly #port: () => number;
  readonly #watched = new WeakMap<Socket, Watched>();
  readonly #untakenMilliseconds: number;
  readonly #timer: NodeJS.Timeout;
  #isLooking = false;

  constructor({ connections, held, port, untakenMilliseconds = UNTAKEN_MILLISECONDS }: WatchOptions) {
    this.#connections = connections;
    this.#held = held;
    this.#port = port;
    this.#untakenMilliseconds = untakenMilliseconds;
    this.#timer = setInterval(() => void this.#look(), untakenMilliseconds / LOOKS).unref();
  }

  /** Counts a reply that the system has not taken whole. Call it after a long one was sent. */
  noteUntaken(socket: Socket): void {
    if (!socket.destroyed) this.#watchedOf(socket).reply.begin();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const replies: UntakenReply[] = [];
    for (const socket of this.#connections) {
      const watched = this.#watchedOf(socket);
      if (socket.bytesRead !== watched.bytesRead) this.#connections.moved(socket);
      if (watched.look() || watched.reply.isOpen) replies.push(watched.reply);
    }
    if (replies.length > 0) {
      const queues = await readSendQueues(this.#port());
      const now = performance.now();
      for (const reply of replies) {
        if (reply.look(queues, now) < this.#untakenMilliseconds) continue;
        this.letGo++;
        reply.letGo();
      }
    }
    this.#isLooking = false;
  }

  #watchedOf(socket: Socket): Watched {
    const known = this.#watched.get(socket);
    if (known !== undefined) return known;
    const watched = new Watched(socket, this.#held);
    this.#watched.set(socket, watched);
    socket.once("close", () => {
      this.#held.release(watched);
      this.#held.release(watched.reply);
    });
    return watched;
  }
}

/** A connection, and what was seen of it at the last look. What it holds is its request, or a part of one. */
class Watched implements Holder {
  bytesRead = 0;
  readonly reply: UntakenReply;
  readonly #socket: Socket;
  readonly #held: HeldBytes;
  #bytesWritten = 0;
  /** After how many bytes the head that is not complete begins, at the earliest. */
  #headStart = 0;
  #response: ServerResponse | undefined;

  constructor(socket: Socket, held: HeldBytes) {
    this.#socket = socket;
    this.#held = held;
    this.reply = new UntakenReply(socket, held);
  }

  /** @returns whether so much was sent since the last look that its client may not have taken it. */
  look(): boolean {
    const { bytesRead, bytesWritten, writableLength } = this.#socket;
    const response = unfinishedResponse(this.#socket);
    const sent = bytesWritten - this.#bytesWritten;
    let bytes = 0;
    if (response === undefined) {
      if (sent > 0) this.#headStart = this.bytesRead;
      bytes = Math.min((bytesRead - this.#headStart) * HEAD_FACTOR, MAX_HEAD_BYTES);
    } else if (response === this.#response) {
      // A body that is not complete is counted where it is read.
      bytes = response.req.complete ? weightOf(response.req) : weightOfHead(response.req);
    }
    if (bytes > USUAL_BYTES) this.#held.hold(this, bytes);
    else this.#held.release(this);
    this.bytesRead = bytesRead;
    this.#bytesWritten = bytesWritten;
    this.#response = response;
    return writableLength > 0 || sent > LARGE_REPLY_BYTES;
  }

  letGo(): void {
    letGo(this.#socket);
  }
}
