/**
 * Listens to everybody's requests, as anybody may in class mode, and keeps everything that it gets.
 */
import { request } from "node:http";

interface Watching {
  /** Hangs up. @returns everything that the server sent. */
  end: () => Promise<string>;
}

/** @returns once the server has begun to send. */
export function watchClass(origin: string): Promise<Watching> {
  const pieces: string[] = [];
  return new Promise((resolve, reject) => {
    const sent = request(`${origin}/api/v1/explain`, { agent: false }, (reply) => {
      const closed = new Promise<string>((resolveAll) => reply.on("close", () => resolveAll(pieces.join(""))));
      const end = () => {
        sent.destroy();
        return closed;
      };
      reply.setEncoding("utf8");
      reply.on("error", () => {});
      reply.on("data", (piece: string) => pieces.push(piece));
      reply.once("data", () => resolve({ end }));
    });
    sent.on("error", reject);
    sent.end();
  });
}
