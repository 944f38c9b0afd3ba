/**
 * Takes the place of a stream where the network holds streams back: it collects the frames for some seconds, and then
 * all of them are one short reply. What collects is bounded as a stream is, by what waits in it. explain-routes.ts
 * uses it.
 */
import { EventEmitter } from "node:events";
import type { FastifyReply } from "fastify";
import type { Outlet } from "../../live/listener.ts";

/** @param begin lets frames come. @returns the reply, or undefined if the client has gone before its end. */
export async function collectEvents(
  reply: FastifyReply,
  seconds: number,
  begin: (outlet: Outlet) => void,
): Promise<string | undefined> {
  const collector = new Collector();
  const timer = setTimeout(() => collector.end(), seconds * 1000);
  const onClose = () => collector.destroy();
  reply.raw.once("close", onClose);
  const closed = new Promise<void>((resolve) => collector.once("close", resolve));
  begin(collector);
  await closed;
  clearTimeout(timer);
  reply.raw.off("close", onClose);
  return collector.destroyed ? undefined : Buffer.concat(collector.frames).toString();
}

class Collector extends EventEmitter implements Outlet {
  readonly frames: Buffer[] = [];
  /** Everything waits here until the end. */
  writableLength = 0;
  destroyed = false;

  write(frame: Buffer, flushed?: () => void): boolean {
    this.frames.push(frame);
    this.writableLength += frame.length;
    flushed?.();
    return true;
  }

  end(): void {
    this.emit("close");
  }

  destroy(): void {
    this.destroyed = true;
    this.emit("close");
  }
}
