/** Sends one raw request to a server, in HTTP or in the protocol of Redis, and returns the whole reply. */
import { connect } from "node:net";
import { isRefusal, lengthOfReply } from "./replies.ts";

export async function askOnce(port: number, request: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(request);
  let received: Buffer = Buffer.alloc(0);
  for await (const piece of socket) {
    received = Buffer.concat([received, piece]);
    const length = lengthOfReply(received);
    if (length !== -1 && received.length >= length) break;
  }
  if (received.length === 0 || isRefusal(received)) throw new Error(`Refused: ${received.toString("utf8", 0, 200)}`);
  return received.toString();
}

/** The body of an HTTP reply. */
export function bodyOf(reply: string): string {
  return reply.slice(reply.indexOf("\r\n\r\n") + 4);
}
