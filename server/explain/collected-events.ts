/**
 * Takes the place of a stream where the network holds streams back: it collects the frames for some seconds, and then
 * all of them are one short reply. It holds as much as may wait in a stream. http/routes/explain-routes.ts uses it.
 */
import { EventEmitter } from "node:events";
import type { Outlet } from "../live/listener.ts";

/** @param begin lets frames come. @returns all of them, or undefined if the client has `gone` before the end. */
export async function collectEvents(
  seconds: number,
  begin: (outlet: Outlet) => void,
  gone: AbortSignal,
): Promise<string | undefined> {
  const collector = new Collector();
  const timer = setTimeout(() => collector.end(), seconds * 1000);
  gone.addEventListener("abort", () => collector.destroy());
  const closed = new Promise<void>((resolve) => collector.once("close", resolve));
  begin(collector);
  await closed;
  clearTimeout(timer);
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
