/**
 * Listens to a stream without our client, which would reconnect by itself. Tests see every frame as it was sent.
 */
import { request } from "node:http";
import type { TestContext } from "node:test";
import { atEnd } from "./at-end.ts";

interface SeenEvent {
  id: number;
  type: string;
  data: { messageId: number; message: string; userId: number };
}

interface OpenStream {
  events: SeenEvent[];
  /** Everything received so far, as text. */
  text: () => string;
  /** The id of the last frame that had one. */
  lastId: () => string;
  /** Waits until `condition` is true. It is tested whenever bytes arrive. */
  until: (condition: () => boolean) => Promise<void>;
  /** Resolves when the stream has ended: true if the server ended the reply, false if the connection broke. */
  ended: Promise<boolean>;
  /** Hangs up. */
  close: () => void;
  /** Stops reading. */
  pause: () => void;
  /** Starts reading again. */
  resume: () => void;
}

/**
 * Opens a stream.
 * @param user `myId:myAuth`.
 * @param bearer the teacher's key.
 * @param path of the stream; without it, the stream of the user's queue.
 */
export function listen(
  test: TestContext,
  origin: string,
  {
    user,
    path = "/api/v1/chat/stream",
    query = "",
    bearer,
    lastEventId,
  }: { user?: string; path?: string; query?: string; bearer?: string; lastEventId?: string },
): Promise<OpenStream> {
  const headers = {
    ...(user !== undefined && { authorization: `Basic ${Buffer.from(user).toString("base64")}` }),
    ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
    ...(lastEventId !== undefined && { "last-event-id": lastEventId }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(`${origin}${path}${query}`, { headers, agent: false }, (reply) => {
      const events: SeenEvent[] = [];
      const looks = new Set<() => void>();
      let text = "";
      let rest = "";
      let lastId = "";
      reply.setEncoding("utf8");
      reply.on("data", (piece: string) => {
        text += piece;
        const frames = (rest + piece).split("\n\n");
        rest = frames.pop() ?? "";
        for (const frame of frames) {
          const field = (name: string) => new RegExp(`^${name}: ([^\n]*)$`, "m").exec(frame)?.[1];
          lastId = field("id") ?? lastId;
          const data = field("data");
          if (data !== undefined) {
            events.push({ id: Number(field("id")), type: field("event") ?? "", data: JSON.parse(data) });
          }
        }
        for (const look of looks) look();
      });
      const ended = new Promise<boolean>((end) => reply.once("close", () => end(reply.complete)));
      reply.on("error", () => {});
      atEnd(test, () => sent.destroy());
      if (reply.statusCode !== 200) {
        ended.then(() => reject(new Error(text)));
        return;
      }
      const until = (condition: () => boolean) =>
        new Promise<void>((done, fail) => {
          const look = () => {
            if (!condition()) return;
            looks.delete(look);
            done();
          };
          looks.add(look);
          look();
          ended.then(() => fail(new Error(`The stream ended before:\n${text.slice(-1000)}`)));
        });
      resolve({
        events,
        text: () => text,
        lastId: () => lastId,
        until,
        ended,
        close: () => sent.destroy(),
        pause: () => reply.pause(),
        resume: () => reply.resume(),
      });
    });
    sent.on("error", reject);
    sent.end();
  });
}
