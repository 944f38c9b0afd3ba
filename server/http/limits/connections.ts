/**
 * All open connections, and how many there may be: in all, and from one address. When there is no room for another one,
 * a connection goes that is not being answered: one that has not asked for anything yet, or else the one that has been
 * quiet the longest. So a client that opens a thousand connections and does nothing with them loses those first.
 */
import type { Socket } from "node:net";
import { Refusal } from "../../steps/refusal.ts";
import { endWithProblem, unfinishedResponse } from "../reply/parser-problems.ts";
import { networkOf } from "./client-network.ts";

export const MAX_CONNECTIONS = 4096;
/** A part of all. With 4096 it is 1024: a class of 30 behind one address needs 300, if each has three pages open. */
const PART_FOR_EACH = 4;
const RETRY_SECONDS = 15;

interface ConnectionOptions {
  maxConnections?: number | undefined;
  /** Whether clients share connections, because they come through proxies. Then one address may have all of them. */
  isShared: boolean;
}

export class Connections {
  /** How many connections had to go, or were refused, because there was no room. For /metrics. */
  letGo = 0;
  readonly #max: number;
  readonly #isShared: boolean;
  /** Those that have been quiet the longest come first, here and in each of the sets below. */
  readonly #open = new Set<Socket>();
  readonly #byAddress = new Map<string, Set<Socket>>();

  constructor({ maxConnections = MAX_CONNECTIONS, isShared }: ConnectionOptions) {
    this.#max = maxConnections;
    this.#isShared = isShared;
  }

  /** How many are open. */
  get count(): number {
    return this.#open.size;
  }

  [Symbol.iterator](): Iterator<Socket> {
    return this.#open.values();
  }

  /** Takes a new connection in, or refuses it. */
  add(socket: Socket): void {
    const address = addressOf(socket);
    const ofAddress = this.#setOf(address);
    const maxForEach = this.#isShared ? this.#max : this.#max / PART_FOR_EACH;
    const hasRoom =
      (ofAddress.size < maxForEach || this.#makeRoomIn(ofAddress)) &&
      (this.#open.size < this.#max || this.#makeRoomIn(this.#open));
    if (!hasRoom) {
      this.letGo++;
      refuse(socket);
    }
    this.#open.add(socket);
    ofAddress.add(socket);
    socket.once("close", () => {
      this.#open.delete(socket);
      ofAddress.delete(socket);
      if (ofAddress.size === 0) this.#byAddress.delete(address);
    });
  }

  /** Notes that something was read from a connection. */
  moved(socket: Socket): void {
    for (const set of [this.#open, this.#byAddress.get(addressOf(socket))]) {
      if (set?.delete(socket) === true) set.add(socket);
    }
  }

  #setOf(address: string): Set<Socket> {
    const known = this.#byAddress.get(address);
    if (known !== undefined) return known;
    const created = new Set<Socket>();
    this.#byAddress.set(address, created);
    return created;
  }

  #makeRoomIn(sockets: Set<Socket>): boolean {
    let quiet: Socket | undefined;
    for (const socket of sockets) {
      if (socket.destroyed || isBeingAnswered(socket)) continue;
      quiet ??= socket;
      if (socket.bytesWritten > 0) continue;
      quiet = socket;
      break;
    }
    if (quiet === undefined) return false;
    this.letGo++;
    letGo(quiet);
    return true;
  }
}

function addressOf(socket: Socket): string {
  return networkOf(socket.remoteAddress ?? "");
}

/** Whether a whole request has arrived whose reply is not complete, such as a stream. */
function isBeingAnswered(socket: Socket): boolean {
  return unfinishedResponse(socket)?.req.complete === true;
}

/** Ends a connection on which no request is being answered. If half a request has arrived, its client gets a reason. */
export function letGo(socket: Socket): void {
  const response = unfinishedResponse(socket);
  // Between two requests the client would take the refusal for the reply to its next one.
  const mayAnswer = response === undefined ? socket.bytesWritten === 0 && socket.bytesRead > 0 : !response.headersSent;
  if (mayAnswer && socket.writable) refuse(socket);
  else socket.destroy();
}

/** Sends the reason and ends the connection, without waiting for a client that does not read. */
function refuse(socket: Socket): void {
  const detail = "The server has too many connections. Nothing was stored. Close the ones that you do not need.";
  endWithProblem(socket, new Refusal(503, detail, undefined, { retryAfterSeconds: RETRY_SECONDS }));
  socket.destroySoon();
}
