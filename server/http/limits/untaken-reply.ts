/**
 * What was sent to a client and has not arrived, because the client takes it slowly or not at all. It knows how much of
 * it the client has taken, and counts what of it is still in memory. connection-watch.ts has one for each connection.
 */
import type { Socket } from "node:net";
import { unfinishedResponse } from "../reply/parser-problems.ts";
import { isShared } from "../reply/static-file.ts";
import type { HeldBytes, Holder } from "../request/held-bytes.ts";
import type { SendQueues } from "./send-queues.ts";

export class UntakenReply implements Holder {
  isOpen = false;
  isStuck = false;
  readonly #socket: SocketWithHandle;
  readonly #held: HeldBytes;
  /** How many bytes the client had taken at the last look, and when it last took some. */
  #taken = -1;
  #movedAt = 0;

  constructor(socket: Socket, held: HeldBytes) {
    this.#socket = socket;
    this.#held = held;
  }

  begin(): void {
    if (!this.isOpen) this.#movedAt = performance.now();
    this.isOpen = true;
    const response = unfinishedResponse(this.#socket);
    const isOurs = response === undefined || !isShared(response);
    this.#held.hold(this, isOurs ? this.#socket.writableLength : 0);
  }

  /** @returns for how many milliseconds the client has taken nothing. */
  look(queues: SendQueues, now: number): number {
    const { destroyed, remotePort = 0, writableLength, _handle: handle } = this.#socket;
    if (destroyed || !handle) return 0;
    this.begin();
    const queue = queues.get(remotePort) ?? 0;
    if (writableLength === 0 && queue === 0) {
      this.isOpen = false;
      this.isStuck = false;
      this.#held.release(this);
      return 0;
    }
    const taken = handle.bytesWritten - handle.writeQueueSize - queue;
    this.isStuck = taken <= this.#taken;
    if (!this.isStuck) this.#movedAt = now;
    this.#taken = taken;
    return now - this.#movedAt;
  }

  letGo(): void {
    if (this.#socket.writableLength === 0 && !this.isStuck) return;
    // The system drops what it has for this client, too. Without `destroy` this would wait until all of it is taken.
    this.#socket.resetAndDestroy();
    this.#socket.destroy();
  }
}

/** Node's internal handle knows what was passed to it, and what of that the system has not taken yet. */
type SocketWithHandle = Socket & { _handle?: { bytesWritten: number; writeQueueSize: number } | null };
